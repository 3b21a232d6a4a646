from __future__ import annotations

import pytest

from officeflow.database import migrate
from tests.command import Command, officeflow

__all__ = ["officeflow"]

pytestmark = pytest.mark.integration


def test_the_database_goes_down_and_up_by_command(officeflow: Command, database_url: str) -> None:
    assert officeflow("db", "current").out == f"{migrate.head()}\n"
    assert (
        officeflow("db", "downgrade", "base", "--yes").out
        == "the database is at revision base: it has no tables\n"
    )
    outdated = officeflow("db", "current")
    assert (outdated.status, outdated.out) == (1, "base\n")
    assert "officeflow db upgrade" in outdated.err
    assert officeflow("db", "upgrade").out == f"the database is at revision {migrate.head()}\n"
    assert officeflow("db", "upgrade").status == 0
    assert migrate.current(database_url) == migrate.head()


def test_going_down_asks_first(officeflow: Command, database_url: str) -> None:
    assert officeflow("db", "downgrade", "base").status == 1
    assert migrate.current(database_url) == migrate.head()


def test_an_unknown_revision_is_refused(officeflow: Command, database_url: str) -> None:
    outcome = officeflow("db", "upgrade", "9999")
    assert (outcome.status, "9999" in outcome.err, "Traceback" in outcome.err) == (2, True, False)
    assert migrate.current(database_url) == migrate.head()
