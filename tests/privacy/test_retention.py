from __future__ import annotations

import pytest
from sqlalchemy import func, select, text

from officeflow.audit import chain, comparison
from officeflow.database.engine import Database
from officeflow.database.tables import (
    AuditRecord,
    ControlRequest,
    DeadLetter,
    Employee,
    Erasure,
    HumanRequest,
    InboxEvent,
    NodeRun,
    Organization,
    WorkflowRun,
)
from officeflow.errors import InvalidInput
from officeflow.events import inbox
from officeflow.privacy import holds, retention, settled
from tests.privacy.conftest import HIDDEN, SHOWN, Somebody, found_in, told

pytestmark = pytest.mark.integration
KEY = b"k" * 32


def keep(database: Database, **days: int | None) -> None:
    settled.settle(database, "acme", retention=days, why="policy", by="cli:boss")


def age(database: Database, days: int) -> None:
    """Everything is that old."""
    with database.service() as session:
        for statement in (
            "UPDATE workflow_runs SET ended_at = now() - make_interval(days => :days)",
            "UPDATE inbox_events SET received_at = now() - make_interval(days => :days)",
            "UPDATE control_requests SET state = 'DONE', ended_at = now() - make_interval(days => :days)",
            """UPDATE dead_letters SET created_at = now() - make_interval(days => :days),
            forwarded_at = now(), status = 'DISCARDED'""",
        ):
            session.execute(text(statement), {"days": days})


def test_what_is_younger_stays(somebody: Somebody, database: Database, database_url: str) -> None:
    before = set(found_in(database_url, SHOWN))
    age(database, 89)
    assert retention.apply(database, "acme").done == {}
    assert set(found_in(database_url, SHOWN)) == before
    assert somebody.external_id == "E-77"


def test_what_is_older_is_emptied_and_that_it_was_stays(
    somebody: Somebody, database: Database, org: Organization
) -> None:
    age(database, 366)
    done = retention.apply(database, "acme")
    assert done.done == {"events": 1, "acts": 1, "requests": 1, "orders": 1, "quarantine": 2}
    assert retention.apply(database, "acme").done == {}
    with database.tenant(org.org_id) as session:
        act = session.scalars(select(NodeRun)).one()
        assert (act.status, act.input, act.output) == ("SUCCEEDED", None, None)
        event = session.scalars(select(InboxEvent)).one()
        assert (event.payload, event.sensitive, event.employee_key) == ({}, None, "E-77")
        asked = session.scalars(select(HumanRequest)).one()
        assert (asked.body, asked.form, asked.decision) == ("", None, "Approve")
        assert session.scalars(select(ControlRequest.body)).one() == {}
        assert session.scalar(select(func.count()).select_from(DeadLetter)) == 0
        assert session.scalars(select(Employee.given_name)).one() == SHOWN
    with database.service() as session:
        stored = inbox.store(session, [somebody.event()], own_source="officeflow")
    assert (stored.new, len(stored.known)) == ([], 1)


def test_an_old_run_goes_with_all_of_it_and_the_audit_log_still_verifies(
    somebody: Somebody, database: Database, org: Organization
) -> None:
    age(database, 2000)
    assert retention.apply(database, "acme").done["runs"] == 1
    chain.chain_pending(database, key=KEY)
    with database.tenant(org.org_id) as session:
        for table in (WorkflowRun, NodeRun, HumanRequest):
            assert session.scalar(select(func.count()).select_from(table)) == 0
        assert chain.verify(session, org.org_id, key=KEY) == []
        assert [each for each in comparison.missing(session, org.org_id) if "node_runs" in each.path] == []
        assert session.scalar(select(func.count()).where(AuditRecord.action == "retention.applied")) == 1
    assert somebody.external_id == "E-77"


def test_nothing_of_who_is_held_goes(somebody: Somebody, database: Database, database_url: str) -> None:
    holds.hold(database, "acme", "E-77", why="a lawsuit", by="cli:boss")
    age(database, 5000)
    keep(database, people=1)
    with database.service() as session:
        session.execute(text("UPDATE employees SET status = 'exited', end_date = '2020-01-01'"))
    done = retention.apply(database, "acme")
    assert done.done == {"quarantine": 1}  # the message that nothing but its text tells whose it is
    assert "holds the person's data" in done.refused["E-77"]
    assert {"node_runs", "inbox_events", "employees"} <= set(found_in(database_url, SHOWN))
    assert somebody.external_id == "E-77"


def test_who_has_left_is_erased_where_the_organization_has_settled_it(
    somebody: Somebody, database: Database, database_url: str
) -> None:
    with database.service() as session:
        session.execute(text("UPDATE employees SET status = 'exited', end_date = '2020-01-01'"))
    assert retention.apply(database, "acme").done == {}
    keep(database, people=30)
    assert retention.apply(database, "acme").done == {"people": 1}
    assert found_in(database_url, SHOWN, HIDDEN) == {}
    assert somebody.external_id == "E-77"


def test_each_go_is_bounded_and_the_next_goes_on(
    somebody: Somebody, database: Database, org: Organization
) -> None:
    for number in range(4):
        Somebody(database, org, f"E-{number}").hired()
    told(database, org)
    age(database, 2000)
    first = retention.apply(database, "acme", batch=2, most_batches=1)
    assert (first.done["runs"], "runs" in first.unfinished) == (2, True)
    again = [retention.apply(database, "acme", batch=2, most_batches=1).done.get("runs", 0) for _ in range(3)]
    assert again == [2, 1, 0]
    assert somebody.external_id == "E-77"


def test_other_organizations_are_left_alone(
    somebody: Somebody, database: Database, other: Organization
) -> None:
    theirs = Somebody(database, other, "E-77").hired()
    age(database, 2000)
    retention.apply(database, "acme")
    with database.tenant(other.org_id) as session:
        assert session.scalars(select(WorkflowRun.run_id)).one() == theirs.run_id
        assert session.scalar(select(func.count()).select_from(Erasure)) == 0
    assert somebody.external_id == "E-77"


def test_wrong_days_are_refused_all_at_once(database: Database, org: Organization) -> None:
    with pytest.raises(InvalidInput) as refused:
        keep(database, akts=5, events=0)
    assert [problem.path for problem in refused.value.problems] == ["akts", "events"]
    keep(database, events=None)
    assert settled.shown(database, org.slug)["retention_days"]["events"] is None
