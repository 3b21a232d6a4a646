"""Inquiries as tasks answer them, and what is still to come of a run; without an Airflow."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import uuid
from collections.abc import Mapping
from typing import Any, NoReturn

import pytest
from sqlalchemy import func, select, text, update

from officeflow.connectors.connection import Connection
from officeflow.database.engine import Database
from officeflow.database.tables import Inquiry, Organization
from officeflow.errors import NotKnown
from officeflow.ids import workflow_run_id
from officeflow.privacy import retention
from officeflow.runner.inquiring import standings, store
from officeflow.runner.inquiring.answering import answer
from officeflow.runner.inquiring.store import Question
from officeflow.statuses import InquiryKind, InquiryState
from tests.dag_factory.conftest import Published
from tests.nodes.world import World

pytestmark = pytest.mark.integration

LOGIN = "ana.in.secret"
DEFINITION: Mapping[str, Any] = {
    "slug": "contract",
    "name": "Contract",
    "trigger": {"events": ["onboard"]},
    "nodes": [
        {
            "id": "find",
            "type": "identity.find_account",
            "connection": "scim",
            "params": {"login": LOGIN},
        },
        {"id": "ask", "type": "human.approval", "params": {"subject": "May they?"}},
        {
            "id": "note",
            "type": "audit.record",
            "params": {"action": "seen", "subject": "${{ nodes.find.output.found ? 'yes' : 'no' }}"},
        },
        {
            "id": "after",
            "type": "identity.find_account",
            "connection": "scim",
            "params": {"login": LOGIN},
        },
    ],
    "edges": [
        {"from": "find", "to": "ask"},
        {"from": "find", "to": "note", "condition": "!nodes.find.output.found"},
        {"from": "ask", "to": "after"},
    ],
}
RUN = workflow_run_id("acme__contract", "manual__1")


def none_opened(*_: object, **__: object) -> NoReturn:
    raise AssertionError("it is opened")


def asked(database: Database, org: Organization, kind: InquiryKind, **request: Any) -> uuid.UUID:
    question = Question(kind=kind, request=request, subject="it", by="cli:ana", employee="1001")
    with database.tenant(org.org_id) as session:
        return store.put(session, org.org_id, question)


def answered(
    world: World, database: Database, org: Organization, inquiry: uuid.UUID, *, slow: bool = False
) -> store.Seen:
    answer(world.services, org="acme", inquiry=str(inquiry), slow=slow)
    return store.see(database, org.org_id, inquiry)


def test_what_is_still_to_come_of_a_run_goes_on_with_what_it_has_done(
    world: World, database: Database, org: Organization
) -> None:
    Published(database, org).publish("contract", dict(DEFINITION))
    of_workflow: dict[str, Any] = {"workflow": "contract", "version": 1}
    found = world.run(
        "identity.find_account", {"login": LOGIN}, node="find", connection="scim", **of_workflow
    )
    assert found.status == "success"
    assert world.run("human.approval", {"subject": "May they?"}, node="ask", **of_workflow).question
    inquiry = asked(database, org, InquiryKind.RUN, run_id=str(RUN))
    seen = answered(world, database, org, inquiry)
    assert seen.state is InquiryState.ANSWERED
    made = seen.result or {}
    nodes = {each["key"]: each for each in made["nodes"]}
    assert {key: each["verdict"] for key, each in nodes.items()} == {
        "find": "DONE",
        "ask": "RUNS",
        "note": "RUNS",
        "after": "RUNS",
    }
    assert nodes["ask"]["why"].startswith("it waits for an answer")
    assert nodes["note"]["params"]["subject"] == "no"
    assert nodes["after"]["acts"][0]["doing"] == "no change"
    assert (made["why"], nodes["find"]["acts"]) == ("the run is RUNNING", None)
    assert world.scim.writes() == []


def test_an_inquiry_is_answered_once_and_only_while_somebody_waits(
    world: World, database: Database, org: Organization
) -> None:
    inquiry = asked(database, org, InquiryKind.CONNECTION, name="scim")
    told = answered(world, database, org, inquiry).result or {}
    assert told["services"][0]["who"].startswith("a SCIM server with")
    with pytest.raises(NotKnown, match="nobody waits"):
        answer(world.services, org="acme", inquiry=str(inquiry))
    withdrawn = asked(database, org, InquiryKind.CONNECTION, name="scim")
    assert store.withdraw(database, org.org_id, withdrawn)
    assert not store.withdraw(database, org.org_id, inquiry), "it was answered"
    with pytest.raises(NotKnown, match="nobody waits"):
        answer(world.services, org="acme", inquiry=str(withdrawn))


def test_a_look_ends_with_its_next_step_once_nobody_waits_for_it(
    database: Database, org: Organization
) -> None:
    taken = store.take(database, org.org_id, asked(database, org, InquiryKind.DRIFT, names=["scim", "paper"]))
    store.note_progress(database, taken, "scim: 500 accounts")
    assert store.withdraw(database, org.org_id, taken.inquiry_id)
    with pytest.raises(NotKnown, match="nobody waits any more"):
        store.note_progress(database, taken, "scim: 1000 accounts")


def test_half_a_character_of_a_system_keeps_no_answer_from_being_written(
    database: Database, org: Organization
) -> None:
    taken = store.take(database, org.org_id, asked(database, org, InquiryKind.DRIFT, names=["scim"]))
    store.end(database, taken, {"accounts": [{"phone": "1\ud8002"}]})
    seen = store.see(database, org.org_id, taken.inquiry_id)
    assert (seen.state, seen.result) == (InquiryState.ANSWERED, {"accounts": [{"phone": "1?2"}]})


def test_a_connection_of_which_nobody_waits_to_hear_is_not_opened(
    world: World, database: Database, org: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standings, "opened_by", none_opened)
    inquiry = asked(database, org, InquiryKind.CONNECTION, name="scim")

    def withdrawn_meanwhile(connection_id: str) -> Connection:
        assert store.withdraw(database, org.org_id, inquiry)
        return connect(connection_id)

    connect = world.services.connect
    services = dataclasses.replace(world.services, connect=withdrawn_meanwhile)
    answer(services, org="acme", inquiry=str(inquiry))
    with database.service() as session:
        assert session.scalars(select(Inquiry)).all() == []


def test_what_kept_a_task_from_an_answer_is_the_answer(
    world: World, database: Database, org: Organization
) -> None:
    seen = answered(world, database, org, asked(database, org, InquiryKind.CONNECTION, name="none"))
    assert seen.state is InquiryState.FAILED
    assert seen.result == {
        "error": {
            "message": "there is no connection acme.none",
            "hint": "",
            "problems": [],
            "input": True,
        }
    }


def test_what_is_asked_and_found_is_encrypted_and_gone_after_some_hours(
    world: World, database: Database, org: Organization
) -> None:
    Published(database, org).publish("contract", dict(DEFINITION))
    request = {"definition": DEFINITION, "event": None, "employee": "1001"}
    inquiry = asked(database, org, InquiryKind.WORKFLOW, **request)
    with pytest.raises(NotKnown):
        store.see(database, uuid.uuid4(), inquiry)
    answered(world, database, org, inquiry)
    with database.service() as session:
        rows = session.execute(text("SELECT request, result FROM inquiries")).all()
        assert all(LOGIN.encode() not in bytes(value) for row in rows for value in row)
        retention.apply(database, "acme")
        assert session.scalar(select(func.count()).select_from(Inquiry)) == 1
        old = dt.datetime.now(dt.UTC) - store.KEPT - dt.timedelta(minutes=1)
        session.execute(update(Inquiry).values(asked_at=old))
    assert retention.apply(database, "acme").done == {"inquiries": 1}
    with database.service() as session:
        assert session.scalars(select(Inquiry)).all() == []


def test_what_a_credential_lacks_is_told_for_each_node_type_that_needs_it() -> None:
    told = {
        "id": "acme.scim",
        "provider": "scim",
        "title": "SCIM",
        "services": [
            {
                "family": "identity",
                "address": "https://id.example",
                "who": "a token",
                "may": ["FIND_ACCOUNTS"],
                "lacks": {"CREATE_ACCOUNTS": "the scope users.write"},
                "notes": [],
                "error": None,
            }
        ],
    }
    report = standings.report(json.loads(json.dumps(told)))
    states = {each["type"]: (each["state"], each["missing"]) for each in report["node_types"]}
    assert (report["ok"], report["complete"]) == (True, False)
    assert states["identity.create_account"] == ("no", "the scope users.write")
    assert states["identity.find_account"] == ("yes", "")
    assert states["identity.delete_account"] == ("not told", "")
    creating = next(each for each in report["capabilities"] if each["capability"] == "create accounts")
    assert creating["node_types"] == ["identity.create_account"]
    assert not any(name.startswith("calendar.") for name in states)
