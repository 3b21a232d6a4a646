"""Messages of other systems that start and steer runs: done once, answered, or refused with a reason."""

from __future__ import annotations

import json
import uuid
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from listeners.inbound.run_control import RunOrders
from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.database.tables import (
    ControlRequest,
    DeadLetter,
    Employee,
    Organization,
    WorkflowRun,
)
from officeflow.errors import InvalidEvent
from officeflow.events import decisions, run_orders
from officeflow.events.inbox import Stored
from officeflow.events.message import Message
from officeflow.events.producer import NOWHERE, EventProducer
from officeflow.events.run_orders import Taken
from officeflow.events.topics import create_topics
from officeflow.ids import new_id
from officeflow.kafka_access import KafkaAccess
from officeflow.settings import Settings
from officeflow.statuses import RunControl, RunStatus
from tests.listeners.airflow_api import AirflowServer
from tests.listeners.conftest import eventually, publish_to
from tests.listeners.inbound.run_messages import (
    CANCEL,
    HR,
    PAUSE,
    RESUME,
    START,
    Send,
    add_run,
    message,
    order,
    status,
    told,
)
from tests.listeners.processes import running


def refusals(stored: Stored[Taken]) -> list[tuple[str, str]]:
    return [(refused.error.reason_code, refused.detail) for refused in stored.refused]


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
