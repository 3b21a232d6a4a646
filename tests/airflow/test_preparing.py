"""Airflow's database is prepared once, and again when something has changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from officeflow.errors import Unavailable
from officeflow.stack.airflow.services import prepare_airflow
from officeflow.stack.airflow.settings import AirflowSetup

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def unable(airflow_setup: AirflowSetup) -> AirflowSetup:
    """A setup that was just prepared, and whose program fails from now on."""
    prepare_airflow(airflow_setup)
    return replace(airflow_setup, python=Path("/bin/false"))


@contextmanager
def changed(setup: AirflowSetup, change: str, back: str) -> Iterator[None]:
    url = make_url(setup.database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(change.encode())
        try:
            yield
        finally:
            connection.execute(back.encode())


def test_what_is_as_it_was_left_is_not_prepared_again(unable: AirflowSetup) -> None:
    prepare_airflow(unable)


def test_an_account_that_is_to_have_another_password_gets_it(unable: AirflowSetup) -> None:
    for wanted in (replace(unable, admin_password="another"), replace(unable, service_password="another")):
        with pytest.raises(Unavailable, match="could not be prepared"):
            prepare_airflow(wanted)


ANOTHER_PASSWORD = (
    "UPDATE ab_user SET password = password || 'x' WHERE username = 'admin'",
    "UPDATE ab_user SET password = left(password, -1) WHERE username = 'admin'",
)
NO_RIGHTS = (
    (
        "CREATE TABLE kept AS SELECT * FROM ab_permission_view_role WHERE role_id ="
        " (SELECT id FROM ab_role WHERE name = 'OfficeFlow service');"
        " DELETE FROM ab_permission_view_role WHERE id IN (SELECT id FROM kept)"
    ),
    "INSERT INTO ab_permission_view_role SELECT * FROM kept; DROP TABLE kept",
)
ANOTHER_REVISION = (
    "UPDATE alembic_version SET version_num = 'x' || version_num",
    "UPDATE alembic_version SET version_num = right(version_num, -1)",
)


@pytest.mark.parametrize(
    ("change", "back"),
    [ANOTHER_PASSWORD, NO_RIGHTS, ANOTHER_REVISION],
    ids=["an account", "rights", "a revision"],
)
def test_what_somebody_has_changed_since_is_prepared_again(
    unable: AirflowSetup, change: str, back: str
) -> None:
    with changed(unable, change, back), pytest.raises(Unavailable, match="could not be prepared"):
        prepare_airflow(unable)
    prepare_airflow(unable)
