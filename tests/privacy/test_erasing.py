from __future__ import annotations

import uuid

import pytest
from sqlalchemy import select, text, update

from officeflow.audit import chain
from officeflow.database.engine import Database
from officeflow.database.tables import (
    DeadLetter,
    Employee,
    InboxEvent,
    NodeRun,
    Organization,
    OutboxMessage,
    PersonKey,
    WorkflowRun,
)
from officeflow.errors import InvalidInput, NotKnown
from officeflow.events import inbox
from officeflow.ids import employee_id
from officeflow.privacy import erasing, holds, settled
from officeflow.statuses import ErasureState, RunStatus
from officeflow.tenants import employees
from tests.privacy.conftest import HIDDEN, SHOWN, Somebody, found_in

pytestmark = pytest.mark.integration
KEY = b"k" * 32
WHY = "they asked for it"


def test_what_is_sensitive_stands_nowhere_in_the_database(somebody: Somebody, database_url: str) -> None:
    del somebody
    assert found_in(database_url, HIDDEN) == {}
    assert set(found_in(database_url, SHOWN)) >= {"employees", "inbox_events", "node_runs", "workflow_runs"}


def test_everything_sensitive_is_under_the_persons_own_key(somebody: Somebody, database: Database) -> None:
    with database.service() as session:
        key = session.scalars(
            select(PersonKey.key_id).where(PersonKey.person == employee_id(somebody.org.org_id, "E-77"))
        ).one()
        for place in (
            "employees.sensitive",
            "node_runs.input",
            "node_runs.output_sealed",
            "inbox_events.sensitive",
            "human_requests.body",
            "human_requests.form",
            "human_assignments.answer",
            "event_waits.bindings",
            "run_requests.input",
            "control_requests.body",
            "inquiries.request",
            "inquiries.result",
        ):
            table, column = place.split(".")
            query = f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL"  # noqa: S608 - names of ours
            found = {uuid.UUID(bytes=bytes(value)[17:33]) for value in session.scalars(text(query))}
            assert found == {key}, place


def test_an_erased_person_is_nowhere_but_in_the_audit_log(
    somebody: Somebody, database: Database, database_url: str, org: Organization
) -> None:
    erased = erasing.erase(database, "acme", "E-77", why=WHY, by="cli:boss")
    assert erased.state == ErasureState.ERASED
    assert found_in(database_url, SHOWN, HIDDEN) == {}
    names = set(found_in(database_url, "E-77"))
    assert names == {"audit_records", "erasures", "outbox_messages"} - (
        set() if "outbox_messages" in names else {"outbox_messages"}
    )
    chain.chain_pending(database, key=KEY)
    with database.tenant(org.org_id) as session:
        assert chain.verify(session, org.org_id, key=KEY) == []
        run = session.get_one(WorkflowRun, somebody.run_id)
        assert run.context["event"] == {
            "id": "hire",
            "source": "hr",
            "kind": "employee.onboard",
            "org": "acme",
            "employee": erased.pseudonym,
            "payload": {},
        }
        assert run.status == RunStatus.SUCCEEDED
        act = session.scalars(select(NodeRun)).one()
        assert (act.status, act.input, act.output, act.whole_output) == ("SUCCEEDED", None, None, None)


def test_what_a_backup_holds_of_an_erased_person_is_unreadable(
    somebody: Somebody, database: Database, org: Organization
) -> None:
    """A value from before, put back into its row as from a backup of that table, reads as nothing."""
    with database.service() as session:
        before = session.execute(text("SELECT node_run_id, input FROM node_runs")).one()
    erasing.erase(database, "acme", somebody.external_id, why=WHY, by="cli:boss")
    with database.service() as session:
        session.execute(
            text("UPDATE node_runs SET input = :it WHERE node_run_id = :id"),
            {"it": before.input, "id": before.node_run_id},
        )
    with database.tenant(org.org_id) as session:
        assert session.scalars(select(NodeRun.input)).one() is None


def test_the_same_event_again_does_not_bring_the_person_back(
    somebody: Somebody, database: Database, database_url: str
) -> None:
    erasing.erase(database, "acme", "E-77", why=WHY, by="cli:boss")
    with database.service() as session:
        stored = inbox.store(session, [somebody.event()], own_source="officeflow")
    assert (stored.new, len(stored.known)) == ([], 1)
    assert found_in(database_url, SHOWN, HIDDEN) == {}


def test_somebody_new_under_the_same_identifier_has_a_key_of_their_own(
    somebody: Somebody, database: Database, org: Organization
) -> None:
    erasing.erase(database, "acme", "E-77", why=WHY, by="cli:boss")
    again = Somebody(database, org, "E-77", shown="Yolanda", hidden="Quince")
    again._employ()
    with database.tenant(org.org_id) as session:
        found = employees.find(session, org.org_id, "E-77")
        assert found is not None
        assert found.sensitive == {"personal_email": "Quince@home.example"}
        assert session.query(PersonKey).filter(PersonKey.destroyed_at.is_(None)).count() == 1
        assert session.scalar(select(WorkflowRun.employee_id)) != found.employee_id
    assert somebody.run_id is not None


def test_others_keep_what_is_theirs(database: Database, org: Organization, somebody: Somebody) -> None:
    other = Somebody(database, org, "E-78", shown="Yolanda", hidden="Quince").hired()
    erasing.erase(database, "acme", somebody.external_id, why=WHY, by="cli:boss")
    with database.tenant(org.org_id) as session:
        act = session.scalars(select(NodeRun).where(NodeRun.run_id == other.run_id)).one()
        assert act.input is not None
        assert act.input["params"]["private"] == "Quince"
        bodies = session.scalars(select(DeadLetter.body).where(DeadLetter.body.is_not(None))).all()
        assert len(bodies) == 2
        assert all(b"Quince" in (body or b"") for body in bodies)


def test_everything_that_stands_against_it_is_said_at_once(
    somebody: Somebody, database: Database, org: Organization
) -> None:
    holds.hold(database, "acme", "E-77", why="a lawsuit", by="cli:boss")
    with database.service() as session:
        session.execute(update(WorkflowRun).values(status=RunStatus.RUNNING, ended_at=None))
        session.execute(update(InboxEvent).values(status="RECEIVED"))
        session.execute(
            update(OutboxMessage).where(OutboxMessage.topic == "node.execute.result").values(sent_at=None)
        )
    with pytest.raises(InvalidInput) as refused:
        erasing.erase(database, "acme", "E-77", why=WHY, by="cli:boss")
    paths = [problem.path.split()[0] for problem in refused.value.problems]
    assert paths == ["hold", "run", "inbox", "outbox"]
    with database.tenant(org.org_id) as session:
        assert session.scalars(select(Employee.external_id)).all() == ["E-77"]
    assert somebody.external_id == "E-77"


def test_a_hold_that_is_released_holds_nobody(somebody: Somebody, database: Database) -> None:
    holds.hold(database, "acme", somebody.external_id, why="a lawsuit", by="cli:boss")
    with pytest.raises(InvalidInput, match="held already"):
        holds.hold(database, "acme", "E-77", why="another", by="cli:boss")
    holds.release(database, "acme", "E-77", why="it is over", by="cli:boss")
    assert erasing.erase(database, "acme", "E-77", why=WHY, by="cli:boss").state == ErasureState.ERASED


@pytest.mark.usefixtures("boss")
def test_where_two_have_to_agree_one_alone_erases_nobody(
    somebody: Somebody, database: Database, database_url: str
) -> None:
    settled.settle(database, "acme", agree=True, why="policy", by="cli:boss")
    with pytest.raises(InvalidInput, match="may not erase"):
        erasing.erase(database, "acme", "E-77", why=WHY, by="cli:stranger")
    asked = erasing.erase(database, "acme", "E-77", why=WHY, by="cli:boss")
    assert asked.state == ErasureState.WAITING
    assert "employees" in found_in(database_url, SHOWN)
    for by, why in (("airflow:BOSS", "somebody else has to agree"), ("cli:stranger", "may not erase")):
        with pytest.raises(InvalidInput, match=why):
            erasing.confirm(database, "acme", "E-77", by=by)
    done = erasing.confirm(database, "acme", somebody.external_id, by="airflow:ceo")
    assert (done.state, done.asked_by, done.confirmed_by) == (ErasureState.ERASED, "cli:boss", "airflow:ceo")
    assert found_in(database_url, SHOWN, HIDDEN) == {}


@pytest.mark.usefixtures("boss", "somebody")
def test_what_waits_for_a_second_person_can_be_taken_back(database: Database) -> None:
    settled.settle(database, "acme", agree=True, why="policy", by="cli:boss")
    erasing.erase(database, "acme", "E-77", why=WHY, by="cli:boss")
    with pytest.raises(InvalidInput, match="was not erased"):
        erasing.erase(database, "acme", "E-77", why=WHY, by="cli:boss")
    erasing.withdraw(database, "acme", "E-77", why="a mistake", by="cli:boss")
    with pytest.raises(NotKnown):
        erasing.confirm(database, "acme", "E-77", by="cli:ceo")


def test_somebody_unknown_is_not_erased(database: Database, org: Organization) -> None:
    with pytest.raises(NotKnown, match="no employee"):
        erasing.erase(database, org.slug, "E-1", why=WHY, by="cli:boss")


def test_the_report_names_what_remains(somebody: Somebody, database: Database) -> None:
    erased = erasing.erase(database, "acme", somebody.external_id, why=WHY, by="cli:boss")
    places = " ".join(each["where"] for each in erased.report["remains"])
    told = " ".join(each["what"] for each in erased.report["remains"])
    assert "2 of them hold the reason" in told
    for place in ("audit_records", "inbox_events", "erasures", "own systems", "backups"):
        assert place in places
    assert erased.report["keys_destroyed"] == 1
    assert erased.airflow == [{"dag_id": somebody.dag_id, "dag_run_id": somebody.dag_run_id}]
