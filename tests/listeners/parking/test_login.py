"""The login by which runs are parked may read what it needs and write one column."""

from __future__ import annotations

import importlib.metadata
import secrets
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import ProgrammingError

from officeflow.database import parking_login
from officeflow.database.engine import sqlalchemy_url
from officeflow.doctor import parking as doctor
from officeflow.doctor.finding import Outcome, Subject
from officeflow.errors import InvalidInput, Unavailable
from officeflow.layout import Layout
from officeflow.settings import load_settings
from tests.listeners.parking.tables import Tables


def test_the_version_that_is_known_is_the_one_that_is_installed() -> None:
    from airflow.utils.db import _REVISION_HEADS_MAP

    assert importlib.metadata.version("apache-airflow") == parking_login.AIRFLOW
    assert list(_REVISION_HEADS_MAP.values())[-1] == parking_login.SCHEMA


def test_all_is_well_with_the_login_that_was_made(login: str) -> None:
    assert parking_login.examine(login) == ([], [])


def test_it_may_be_made_again(login: str, metadata: Engine, postgres_url: str) -> None:
    owner = metadata.url.render_as_string(hide_password=False)
    parking_login.ensure(login, maker_url=postgres_url, owner_url=owner)
    assert parking_login.examine(login) == ([], [])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE dag_run SET state = 'failed'",
        "UPDATE task_instance SET state = 'success'",
        "DELETE FROM dag_run",
        "DELETE FROM log",
        "UPDATE log SET event = 'forged'",
        "SELECT extra FROM log",
        "INSERT INTO log (dttm, event) VALUES (now(), 'forged')",
        "SELECT conf FROM dag_run",
        "SELECT * FROM connection",
        "SELECT * FROM xcom",
    ],
)
def test_it_may_do_nothing_else(login: str, tables: Tables, statement: str) -> None:
    engine = create_engine(sqlalchemy_url(login))
    with pytest.raises(ProgrammingError, match="permission denied"), engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_what_the_api_was_asked_about_a_run_is_emptied_and_of_no_other(login: str, metadata: Engine) -> None:
    rows = (
        "INSERT INTO log (dttm, event, dag_id, run_id, extra)"
        " VALUES (now(), 'trigger', 'd', :run, '{\"conf\": 1}')"
    )
    with metadata.begin() as connection:
        connection.execute(text(rows), [{"run": "a"}, {"run": "a"}, {"run": "b"}])
    assert parking_login.forget(login, "d", "a") == 2
    with metadata.connect() as connection:
        left = connection.execute(text("SELECT run_id, extra FROM log WHERE dag_id = 'd' ORDER BY id"))
        assert [tuple(row) for row in left] == [("a", None), ("a", None), ("b", '{"conf": 1}')]


def test_a_right_that_is_missing_is_named(login: str, without_a_right: str) -> None:
    assert parking_login.examine(login)[0] == [without_a_right]


def found_by_doctor(tmp_path: Path, url: str, *, on: bool = True) -> tuple[str, str, str]:
    settings = load_settings(parking=on, parking_database_url=url)
    layout = Layout(home=tmp_path, servers=tmp_path)
    [found] = doctor.login(Subject(layout=layout, environ={}, settings=settings, state={}))
    return found.outcome, found.says, found.do


def test_doctor_finds_the_login_in_order(login: str, tmp_path: Path) -> None:
    outcome, says, _ = found_by_doctor(tmp_path, login)
    assert (outcome, says[:45]) == (Outcome.OK, "parking's login may write dag_run.run_after a")


def test_doctor_names_a_right_that_is_missing_and_the_command_that_shows_what_to_grant(
    login: str, without_a_right: str, tmp_path: Path
) -> None:
    outcome, says, do = found_by_doctor(tmp_path, login)
    assert outcome == Outcome.WARNING
    assert says.startswith(f"nothing is parked: {without_a_right}; ")
    assert "db grant-parking --show" in do


def test_doctor_warns_of_a_login_that_may_write_more(metadata: Engine, tmp_path: Path) -> None:
    outcome, says, _ = found_by_doctor(tmp_path, metadata.url.render_as_string(hide_password=False))
    assert outcome == Outcome.WARNING
    assert says.startswith("parking's login may write in ")


def test_doctor_says_that_parking_has_no_login_or_is_switched_off(login: str, tmp_path: Path) -> None:
    outcome, says, do = found_by_doctor(tmp_path, "")
    assert (outcome, says[:20]) == (Outcome.WARNING, "no login for parking")
    assert "OFFICEFLOW_PARKING_DATABASE_URL" in do
    assert found_by_doctor(tmp_path, login, on=False)[0] == Outcome.OK


def test_a_column_that_is_missing_is_named(login: str, metadata: Engine) -> None:
    with metadata.begin() as connection:
        connection.execute(text("ALTER TABLE task_reschedule RENAME reschedule_date TO other"))
    try:
        assert parking_login.examine(login)[0] == [
            "Airflow's database has no task_reschedule.reschedule_date"
        ]
    finally:
        with metadata.begin() as connection:
            connection.execute(text("ALTER TABLE task_reschedule RENAME other TO reschedule_date"))


def test_another_revision_of_the_tables_is_named(login: str, metadata: Engine) -> None:
    with metadata.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'abc'"))
    try:
        (found,) = parking_login.examine(login)[0]
        assert "at revision abc" in found
    finally:
        with metadata.begin() as connection:
            values = {"at": parking_login.SCHEMA}
            connection.execute(text("UPDATE alembic_version SET version_num = :at"), values)


def test_who_may_not_make_it_is_told_the_statements(login: str, metadata: Engine) -> None:
    """Parking's own login may do neither."""
    url = metadata.url.set(username=f"officeflow_other_{secrets.token_hex(4)}", password="x")
    with pytest.raises(InvalidInput) as caught:
        parking_login.ensure(url.render_as_string(hide_password=False), maker_url=login, owner_url=login)
    assert "GRANT UPDATE (" in caught.value.hint
    assert "CREATE ROLE" in caught.value.hint


def test_a_database_that_is_away_is_named_without_the_password() -> None:
    with pytest.raises(Unavailable) as caught:
        parking_login.examine("postgresql://parking:hidden@127.0.0.1:1/airflow")
    assert "hidden" not in str(caught.value)
