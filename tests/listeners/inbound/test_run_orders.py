"""Messages of other systems that start and steer runs: done once, answered, or refused with a reason."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from listeners.inbound.run_control import RunOrders
from officeflow.airflow_api.client import AirflowApi
from officeflow.audit import store as audit
from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.database.tables import (
    ControlRequest,
    DeadLetter,
    Employee,
    Organization,
    OutboxMessage,
    WorkflowRun,
)
from officeflow.errors import InvalidEvent, Unavailable
from officeflow.events import decisions, run_orders
from officeflow.events.inbox import Stored
from officeflow.events.message import Message
from officeflow.events.producer import NOWHERE, EventProducer
from officeflow.events.run_orders import Taken
from officeflow.events.topics import create_topics
from officeflow.ids import employee_id, new_id
from officeflow.runs import store
from officeflow.settings import KafkaAccess, Settings
from officeflow.statuses import ControlState, RunControl, RunStatus
from tests.listeners.airflow_api import AirflowServer
from tests.listeners.conftest import Publish, eventually, publish_to
from tests.listeners.processes import running

START, PAUSE, RESUME, CANCEL = (f"workflow.run.{name}" for name in ("request", "pause", "resume", "cancel"))
HR = "https://hr.example"

Send = Callable[..., Stored[Taken]]


def order(kind: str, number: int = 1, /, *, org: str | None = "acme", **data: Any) -> dict[str, Any]:
    """A CloudEvent in structured mode."""
    named = {} if org is None else {"organizationid": org}
    data = {"why": "asked by HR", **data}
    return {"specversion": "1.0", "id": f"o-{number}", "source": HR, "type": kind, "data": data, **named}


def message(body: Any, *, topic: str = "", key: str = "") -> Message:
    return Message(
        topic=topic or body["type"],
        partition=0,
        offset=time.monotonic_ns(),
        key=key.encode() or None,
        value=body if isinstance(body, bytes) else json.dumps(body).encode(),
    )


@pytest.fixture
def send(database: Database) -> Send:
    """Stores messages as the consumer does."""

    def sent(*messages: Message | dict[str, Any]) -> Stored[Taken]:
        wrapped = [each if isinstance(each, Message) else message(each) for each in messages]
        with database.service() as session:
            return run_orders.store(session, wrapped, own_source="officeflow")

    return sent


@pytest.fixture
def orders(database: Database, api: AirflowApi) -> RunOrders:
    return RunOrders(database, api, Settings(), stop=threading.Event())


@pytest.fixture
def run(database: Database, org: Organization) -> WorkflowRun:
    return add_run(database, org)


@pytest.fixture
def person(database: Database, org: Organization) -> Employee:
    found = Employee(
        employee_id=employee_id(org.org_id, "E1"), org_id=org.org_id, external_id="E1", status="active"
    )
    with database.service() as session:
        session.add(found)
    return found


def add_run(database: Database, org: Organization, name: str = "1") -> WorkflowRun:
    with database.service() as session:
        return store.ensure_run(
            session,
            org_id=org.org_id,
            dag_id=f"{org.slug}__hello",
            dag_run_id=f"manual__{name}",
            conf={},
            status=RunStatus.RUNNING,
        )


def told(database: Database) -> list[dict[str, Any]]:
    """The results that were announced."""
    with database.service() as session:
        query = select(OutboxMessage).where(OutboxMessage.topic == "workflow.run.result")
        return [dict(each.payload) for each in session.scalars(query.order_by(OutboxMessage.position))]


def refusals(stored: Stored[Taken]) -> list[tuple[str, str]]:
    return [(refused.error.reason_code, refused.detail) for refused in stored.refused]


def status(database: Database, run: WorkflowRun) -> str:
    with database.service() as session:
        return session.get_one(WorkflowRun, run.run_id).status


def test_a_run_is_paused_resumed_and_cancelled_and_each_message_is_answered(
    database: Database, send: Send, orders: RunOrders, run: WorkflowRun
) -> None:
    found = []
    for number, kind in enumerate((PAUSE, RESUME, CANCEL), 1):
        send(order(kind, number, run=str(run.run_id)))
        assert orders.do_next()
        with database.service() as session:
            row = session.get_one(WorkflowRun, run.run_id)
            found.append((row.control, row.control_by, row.control_why))
    by = f"event:{HR}"
    assert found == [(word, by, "asked by HR") for word in ("pause", "", "cancel")]
    assert [(each["state"], each["changed"], each["request"]["type"]) for each in told(database)] == [
        ("DONE", True, PAUSE),
        ("DONE", True, RESUME),
        ("DONE", True, CANCEL),
    ]
    assert {each["run_id"] for each in told(database)} == {str(run.run_id)}
    assert not orders.do_next()


def test_a_message_that_comes_again_is_done_and_answered_once(
    database: Database, send: Send, orders: RunOrders, run: WorkflowRun
) -> None:
    body = order(PAUSE, run=str(run.run_id))
    assert len(send(body, body).new) == 1
    assert orders.do_next()
    again = send(body)
    assert (len(again.new), len(again.known), len(again.refused)) == (0, 1, 0)
    assert not orders.do_next()
    assert len(told(database)) == 1


def test_another_content_under_the_same_identity_is_refused_and_kept(
    database: Database, send: Send, orders: RunOrders, run: WorkflowRun
) -> None:
    send(order(PAUSE, run=str(run.run_id)))
    stored = send(order(CANCEL, run=str(run.run_id)))
    assert [reason for reason, _ in refusals(stored)] == ["content_changed"]
    with database.service() as session:
        letter = session.scalars(select(DeadLetter)).one()
        assert (letter.topic, letter.org_id) == (CANCEL, run.org_id)
    orders.do_next()
    assert status(database, run) == "PAUSED"


def test_pausing_twice_changes_nothing_and_says_who_did_it(
    database: Database, send: Send, orders: RunOrders, run: WorkflowRun
) -> None:
    for number in (1, 2):
        send(order(PAUSE, number, run=str(run.run_id)))
        orders.do_next()
    second = told(database)[1]
    assert (second["state"], second["changed"]) == ("DONE", False)
    assert f"paused by event:{HR}" in second["told"]


def test_a_run_that_is_not_paused_is_not_resumed(
    database: Database, send: Send, orders: RunOrders, run: WorkflowRun
) -> None:
    send(order(RESUME, run=str(run.run_id)))
    orders.do_next()
    assert (told(database)[0]["changed"], told(database)[0]["told"]) == (False, "it is not paused")


@pytest.mark.parametrize("kind", [PAUSE, RESUME, CANCEL])
def test_a_run_that_has_ended_is_refused(
    database: Database, send: Send, orders: RunOrders, run: WorkflowRun, kind: str
) -> None:
    with database.service() as session:
        session.get_one(WorkflowRun, run.run_id).status = RunStatus.SUCCEEDED
    send(order(kind, run=str(run.run_id)))
    orders.do_next()
    (result,) = told(database)
    assert (result["state"], result["error"]["code"]) == ("REFUSED", "not_steerable")
    assert "has ended, it is SUCCEEDED" in result["error"]["message"]
    with database.service() as session:
        assert session.scalars(select(ControlRequest.state)).all() == ["REFUSED"]


@pytest.mark.parametrize(
    ("kind", "values", "words"),
    [
        (CANCEL, {"status": RunStatus.COMPENSATING}, "is being undone: it cannot be cancelled"),
        (PAUSE, {"status": RunStatus.COMPENSATING}, "is being undone: it cannot be paused"),
        (PAUSE, {"control": RunControl.CANCEL}, "is being cancelled, it was cancelled by"),
        (RESUME, {"control": RunControl.CANCEL}, "it cannot be resumed"),
    ],
)
def test_a_run_that_is_on_its_way_to_an_end_is_refused(
    database: Database,
    send: Send,
    orders: RunOrders,
    run: WorkflowRun,
    kind: str,
    values: dict[str, Any],
    words: str,
) -> None:
    with database.service() as session:
        for name, value in values.items():
            setattr(session.get_one(WorkflowRun, run.run_id), name, value)
    send(order(kind, run=str(run.run_id)))
    orders.do_next()
    (result,) = told(database)
    assert (result["state"], result["error"]["code"]) == ("REFUSED", "not_steerable")
    assert words in result["error"]["message"]


@pytest.mark.usefixtures("org")
@pytest.mark.parametrize("unknown", [str(uuid.uuid4()), "acme__hello/manual__9", "manual"])
def test_a_run_that_nobody_knows_is_refused(
    database: Database, send: Send, orders: RunOrders, unknown: str
) -> None:
    send(order(PAUSE, run=unknown))
    orders.do_next()
    (result,) = told(database)
    assert (result["state"], result["error"]["code"], result["run_id"]) == ("REFUSED", "not_known", None)


def test_a_run_of_another_organization_is_as_good_as_unknown(
    database: Database, send: Send, orders: RunOrders, run: WorkflowRun, other: Organization
) -> None:
    theirs = add_run(database, other)
    send(order(CANCEL, run=str(theirs.run_id)))
    orders.do_next()
    (result,) = told(database)
    assert (result["state"], result["error"]["code"]) == ("REFUSED", "not_known")
    assert status(database, theirs) == "RUNNING"


def test_an_organization_in_the_message_and_another_in_its_key_is_refused(
    send: Send, run: WorkflowRun, other: Organization
) -> None:
    body = order(PAUSE, run=str(run.run_id))
    stored = send(message(body, key=str(other.org_id)))
    assert [reason for reason, _ in refusals(stored)] == ["organization_mismatch"]


def test_the_key_names_the_organization_where_the_message_does_not(
    database: Database, send: Send, orders: RunOrders, run: WorkflowRun
) -> None:
    send(message(order(PAUSE, org=None, run=str(run.run_id)), key=str(run.org_id)))
    orders.do_next()
    assert status(database, run) == "PAUSED"


@pytest.mark.parametrize(
    ("body", "topic", "reason", "detail"),
    [
        (b"{", PAUSE, "not_json", ""),
        ({"type": PAUSE, "run": "x"}, PAUSE, "missing_attribute", "no attribute of a CloudEvent"),
        (order("workflow.run.explode"), PAUSE, "unknown_kind", "workflow.run.pause"),
        (order(PAUSE, run="x"), CANCEL, "kind_mismatch", "in the topic workflow.run.cancel"),
        (order(PAUSE), PAUSE, "invalid_payload", "data.run"),
        (order(PAUSE, run="x", why=" "), PAUSE, "invalid_payload", "data.why"),
        (order(PAUSE, run="x", why="y" * 1001), PAUSE, "invalid_payload", "data.why"),
        (order(PAUSE, run="x", extra=1), PAUSE, "invalid_payload", "data.extra"),
        (order(PAUSE, org=None, run="x"), PAUSE, "missing_attribute", "organizationid"),
        (order(PAUSE, org="nowhere", run="x"), PAUSE, "unknown_organization", ""),
        ({**order(PAUSE, run="x"), "data": [1]}, PAUSE, "invalid_payload", "not a JSON object"),
        ({**order(PAUSE, run="x"), "specversion": "0.3"}, PAUSE, "unsupported_version", ""),
        (order(START, workflow="hello"), START, "invalid_payload", "data.employee"),
    ],
)
@pytest.mark.usefixtures("org")
def test_what_is_no_such_message_is_put_aside_with_its_reason(
    database: Database, send: Send, body: Any, topic: str, reason: str, detail: str
) -> None:
    ((found, text),) = refusals(send(message(body, topic=topic)))
    assert found == reason
    assert detail in text
    with database.service() as session:
        assert session.scalars(select(DeadLetter.topic)).all() == [topic]
        assert session.scalars(select(ControlRequest)).all() == []


def test_what_was_put_aside_is_replayed_corrected(
    database: Database, send: Send, orders: RunOrders, run: WorkflowRun
) -> None:
    send(order(PAUSE))
    with database.service() as session:
        letter = str(session.scalars(select(DeadLetter.dead_letter_id)).one())
    replayed = partial(decisions.replay, database, SystemClock(), Settings(), letter, why="x", by="cli:ana")
    with pytest.raises(InvalidEvent, match=r"data\.run"):
        replayed(corrected=None)
    replayed(corrected=json.dumps(order(PAUSE, run=str(run.run_id))).encode())
    assert orders.do_next()
    assert status(database, run) == "PAUSED"


def test_what_we_announce_ourselves_is_passed_over(database: Database, send: Send) -> None:
    own = {**order(START, workflow="hello", employee="E1"), "source": "officeflow"}
    own["type"] = "officeflow.workflow.run.requested"
    stored = send(message(own, topic=START))
    assert (len(stored.passed_over), stored.refused, stored.new) == (1, [], [])
    with database.service() as session:
        assert session.scalars(select(DeadLetter)).all() == []


def test_a_run_is_started_once_and_says_who_asked(
    database: Database,
    send: Send,
    orders: RunOrders,
    publish: Publish,
    airflow: AirflowServer,
    person: Employee,
) -> None:
    dag_id = publish("hello")
    body = order(START, workflow="hello", employee="E1", payload={"department": "Sales"})
    send(body, body)
    while orders.do_next():
        pass
    ((dag, run_id),) = airflow.runs
    assert dag == dag_id
    assert airflow.runs[dag, run_id]["conf"]["event"]["payload"] == {"department": "Sales"}
    (result,) = told(database)
    assert (result["state"], result["changed"], result["dag_run_id"]) == ("DONE", True, run_id)
    with database.service() as session:
        row = session.scalars(select(WorkflowRun)).one()
        assert (row.started_by, row.employee_id) == (f"event:{HR}", person.employee_id)
        (entry,) = audit.newest(session, row.org_id, action="run.started")
        assert (entry.actor, entry.details["why"]) == (f"event:{HR}", "asked by HR")


def test_a_run_whose_answer_was_lost_is_found_and_answered(
    database: Database,
    send: Send,
    orders: RunOrders,
    publish: Publish,
    airflow: AirflowServer,
    person: Employee,
) -> None:
    publish("hello")
    send(order(START, workflow="hello", employee=person.external_id))
    orders.do_next()
    with database.service() as session:  # as if the process had ended before its answer was kept
        request = session.scalars(select(ControlRequest)).one()
        request.state, request.result, request.ended_at = ControlState.RECEIVED, None, None
    assert orders.do_next()
    assert len(airflow.runs) == 1
    assert [each["changed"] for each in told(database)] == [True, False]


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        ({"workflow": "helo", "employee": "E1"}, "not_known", "no workflow 'helo'"),
        ({"workflow": "hello", "employee": "E9"}, "invalid_input", "cannot be started"),
        ({"workflow": "hello", "employee": "E1", "kind": "employee.exit"}, "invalid_input", "cannot be"),
        ({"workflow": "hello", "employee": "E1", "payload": {"salary": 1}}, "invalid_input", "cannot be"),
        ({"workflow": "hello", "employee": "E1", "time": "yesterday"}, "invalid_input", "cannot be"),
        ({"workflow": "away", "employee": "E1"}, "not_known", "away"),
    ],
)
@pytest.mark.usefixtures("person")
def test_a_run_that_cannot_be_started_is_refused_with_its_reason(
    database: Database,
    send: Send,
    orders: RunOrders,
    publish: Publish,
    airflow: AirflowServer,
    data: dict[str, Any],
    code: str,
    words: str,
) -> None:
    publish("hello")
    publish("away", in_airflow=False)
    send(order(START, **data))
    orders.do_next()
    (result,) = told(database)
    assert (result["state"], result["error"]["code"]) == ("REFUSED", code)
    assert words in result["error"]["message"]
    assert airflow.runs == {}


@pytest.mark.usefixtures("person")
def test_while_airflow_is_away_a_start_waits(
    database: Database, send: Send, orders: RunOrders, publish: Publish, airflow: AirflowServer
) -> None:
    publish("hello")
    send(order(START, workflow="hello", employee="E1"))
    airflow.stop()
    with pytest.raises(Unavailable):
        orders.do_next()
    assert told(database) == []
    airflow.start()
    assert orders.do_next()
    assert [each["state"] for each in told(database)] == ["DONE"]


def test_the_process_takes_them_from_kafka_and_puts_the_malformed_aside(
    database: Database,
    kafka_access: KafkaAccess,
    tenant: Organization,
    environment: dict[str, str],
    airflow: AirflowServer,
    tmp_path: Path,
) -> None:
    create_topics(kafka_access, None)
    run, dag_id = add_run(database, tenant), publish_to(database, tenant, "hello")
    airflow.dags.add(dag_id)
    with database.service() as session:
        session.add(Employee(employee_id=new_id(), org_id=tenant.org_id, external_id="E1", status="active"))
    bodies = [
        order(PAUSE, 1, org=tenant.slug, run=str(run.run_id)),
        order(START, 2, org=tenant.slug, workflow="hello", employee="E1"),
        order(CANCEL, 3, org=tenant.slug),
    ]
    EventProducer(kafka_access).send(
        Message(
            topic=body["type"],
            partition=NOWHERE,
            offset=NOWHERE,
            key=str(tenant.org_id).encode(),
            value=json.dumps(body).encode(),
        )
        for body in bodies
    )
    reading = {**environment, "OFFICEFLOW_LISTENER_CONTROL_TOPICS": run_orders.PATTERN}
    with running("inbound", reading, tmp_path / "log"):
        eventually(lambda: len(told(database)) == 2)
        eventually(lambda: _is_forwarded(database, tenant))
    assert status(database, run) == "PAUSED"
    assert {each["state"] for each in told(database)} == {"DONE"}
    assert [dag for dag, _ in airflow.runs] == [dag_id]


def _is_forwarded(database: Database, tenant: Organization) -> bool:
    query = select(DeadLetter).where(DeadLetter.org_id == tenant.org_id)
    with database.service() as session:
        return [each.forwarded_at is not None for each in session.scalars(query)] == [True]
