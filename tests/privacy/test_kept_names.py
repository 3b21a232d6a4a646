"""What runs keep at customers' systems goes with the person, and with the details of their acts."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, text

from officeflow.database.engine import Database
from officeflow.database.tables import NameReservation
from officeflow.privacy import erasing, retention
from officeflow.runs import reservations
from tests.privacy.conftest import Somebody

pytestmark = pytest.mark.integration


@pytest.fixture(autouse=True)
def kept(somebody: Somebody, database: Database) -> None:
    keeper = reservations.Keeper(
        org_id=somebody.org.org_id, system="directory", key="a1" * 32, run_id=somebody.run_id, node="login"
    )
    assert reservations.reserve(database, keeper, "ana@acme.example")
    assert names(database) == 1


def names(database: Database) -> int:
    with database.service() as session:
        return session.scalars(select(func.count()).select_from(NameReservation)).one()


def test_an_erasure_removes_it(database: Database) -> None:
    erasing.erase(database, "acme", "E-77", why="they asked for it", by="cli:boss")
    assert names(database) == 0


@pytest.mark.parametrize(("days", "left"), [(30, 1), (366, 0), (2000, 0)])
def test_it_goes_with_the_acts_of_its_run(database: Database, days: int, left: int) -> None:
    with database.service() as session:
        session.execute(
            text("UPDATE workflow_runs SET ended_at = now() - make_interval(days => :days)"), {"days": days}
        )
    retention.apply(database, "acme")
    assert names(database) == left
