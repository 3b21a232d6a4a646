"""A node process runs orders one after the other, without Airflow."""

from __future__ import annotations

import os
import signal
import socket
from typing import Any

import pytest
from sqlalchemy import select, text

from coordinators.node_process import Crashed
from officeflow.connectors.connection import Connection
from officeflow.database.engine import Database
from officeflow.database.tables import NodeRun, Organization
from officeflow.ids import INQUIRIES
from officeflow.runner.inquiring import store as inquiries
from officeflow.sdk import NodeResult
from officeflow.statuses import InquiryKind
from officeflow.worker.messages import Given, Order, Wanted
from tests.counterparts.scim import ScimServer
from tests.worker.conftest import Publish, Worker

pytestmark = pytest.mark.integration


def record(node: str = "note", **changes: Any) -> dict[str, Any]:
    return {
        "id": node,
        "type": "audit.record",
        "params": {"action": "joined", "subject": "employee:E-1"},
    } | changes


def test_it_runs_order_after_order_in_one_process(
    worker: Worker, publish: Publish, database: Database
) -> None:
    revision = publish(record())
    first = worker.run("note", revision=revision)
    pid = worker.process.pid
    second = worker.run("note", revision=revision)
    assert (first.status, second.status) == ("success", "success")
    assert first.key != second.key
    assert worker.process.pid == pid != os.getpid()
    assert "changed: puts on record: workflow, joined, employee:E-1" in worker.said
    with database.service() as session:
        assert [row.status for row in session.scalars(select(NodeRun))] == ["SUCCEEDED", "SUCCEEDED"]


def test_the_second_try_of_a_task_returns_what_is_recorded(worker: Worker, publish: Publish) -> None:
    revision = publish(record())
    worker.run("note", revision=revision, dag_run_id="evt__1")
    again = worker.run("note", revision=revision, dag_run_id="evt__1", try_number=2)
    assert again.replayed
    assert "already done at" in worker.said


def test_a_run_stays_with_the_revision_it_began_with(worker: Worker, publish: Publish) -> None:
    old = publish(record())
    publish(record(params={"action": "changed", "subject": "employee:E-1"}))
    assert worker.run("note", revision=old).output["action"] == "joined"
    assert worker.run("note").output["action"] == "changed"


def test_a_definition_that_was_changed_in_the_database_is_not_run(
    worker: Worker, publish: Publish, database: Database
) -> None:
    revision = publish(record())
    with database.engine.begin() as connection:  # the database's superuser: nobody of ours may
        connection.execute(text("ALTER TABLE workflow_versions DISABLE TRIGGER USER"))
        connection.execute(
            text("""UPDATE workflow_versions SET definition = definition || '{"description": "by hand"}'""")
        )
    result = worker.run("note", revision=revision)
    assert result.status == "failed"
    assert result.error is not None
    assert result.error.code == "invalid_definition"
    assert "somebody changed it in the database" in result.error.message


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ({"workflow": "leaver"}, "shows no workflow 'leaver' of acme"),
        ({"task": "no_such_node"}, "the workflow has no node 'no_such_node'"),
    ],
)
def test_what_is_not_there_is_said(
    worker: Worker, publish: Publish, order: dict[str, str], said: str
) -> None:
    revision = publish(record())
    result = worker.run(
        order.get("task", "note"), revision=revision, workflow=order.get("workflow", "joiner")
    )
    assert result.status == "failed"
    assert result.error is not None
    assert said in result.error.message
    assert said in worker.said


def test_an_event_of_another_organization_is_refused(worker: Worker, publish: Publish) -> None:
    result = worker.run(
        "note",
        revision=publish(record()),
        conf={"event": {"org": "other", "employee": "E-1"}, "correlation_id": "c"},
    )
    assert result.error is not None
    assert result.error.code == "invalid_input"
    assert "about organization 'other', its DAG is one of 'acme'" in result.error.message


def test_a_process_killed_between_two_orders_is_replaced(worker: Worker, publish: Publish) -> None:
    revision = publish(record())
    worker.run("note", revision=revision)
    assert worker.process.pid is not None
    os.kill(worker.process.pid, signal.SIGKILL)
    os.waitid(os.P_PID, worker.process.pid, os.WEXITED | os.WNOWAIT)
    assert worker.run("note", revision=revision).status == "success"


def test_a_process_killed_while_it_runs_is_noticed_at_once(worker: Worker, publish: Publish) -> None:
    revision = publish(
        {
            "id": "wait",
            "type": "audit.record",
            "params": {"action": "${{ nodes.other.output.x }}", "subject": "y"},
        }
    )
    worker.run("wait", revision=revision)
    assert worker.process.pid is not None
    os.kill(worker.process.pid, signal.SIGSTOP)
    worker.process.begin(object())
    os.kill(worker.process.pid, signal.SIGKILL)
    with pytest.raises(Crashed) as crash:
        worker.process.receive(30, worker.lines.append)
    assert crash.value.status == -signal.SIGKILL


def test_what_the_payload_cannot_be_is_said_before_the_first_node(worker: Worker, publish: Publish) -> None:
    event = {"org": "acme", "employee": "E-1", "payload": {"start_date": 7, "department": "IT"}}
    result = worker.run("note", revision=publish(record()), conf={"event": event, "correlation_id": "c"})
    assert result.error is not None
    assert result.error.code == "invalid_input"
    assert [problem.path for problem in result.error.problems] == ["conf.event.payload.start_date"]


def test_a_process_that_is_killed_while_it_waits_for_an_answer_has_crashed(
    worker: Worker, publish: Publish
) -> None:
    """The answer must not become the first order of the process that takes its place."""
    revision = publish(
        {
            "id": "find",
            "type": "identity.find_account",
            "connection": "directory",
            "params": {"external_id": "E-1"},
        }
    )
    order = Order(
        dag_id="acme__joiner",
        dag_run_id="r",
        task_id="find",
        map_index=-1,
        try_number=1,
        max_tries=0,
        revision=revision,
        conf={},
    )
    worker.process.begin(order)
    while not isinstance(worker.process.receive(30, worker.lines.append), Wanted):
        pass
    assert worker.process.pid is not None
    os.kill(worker.process.pid, signal.SIGKILL)
    os.waitid(os.P_PID, worker.process.pid, os.WEXITED | os.WNOWAIT)
    with pytest.raises(Crashed):
        worker.process.answer(Given(not_known=True))
    assert worker.run("find", revision=revision).error is not None


def test_it_answers_inquiries_with_connections_that_the_worker_gives(
    worker: Worker, database: Database, org: Organization, scim_server: ScimServer
) -> None:
    worker.connections["acme.directory"] = Connection(
        id="acme.directory", provider="scim", host=scim_server.url, password=scim_server.token
    )
    question = inquiries.Question(
        kind=InquiryKind.CONNECTION, request={"name": "directory"}, subject="it", by="cli:ana"
    )
    with database.tenant(org.org_id) as session:
        inquiry = inquiries.put(session, org.org_id, question)

    def looked() -> NodeResult:
        conf = {"org": "acme", "inquiry": str(inquiry)}
        return worker.run("look", dag_id=INQUIRIES, conf=conf)

    assert looked().status == "success"
    pid = worker.process.pid
    seen = inquiries.see(database, org.org_id, inquiry)
    assert (seen.result or {})["services"][0]["who"] == "a SCIM server with 0 accounts"
    again = looked()
    assert (again.status, again.error and again.error.code) == ("failed", "not_known")
    assert worker.process.pid == pid, "it goes on"
    assert "a SCIM server" not in worker.said, "the log is Airflow's, who shows it"


def test_a_look_at_a_system_that_never_answers_ends_with_its_time(
    worker: Worker, database: Database, org: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("officeflow.worker.process.LOOK_SECONDS", 0.3)
    question = inquiries.Question(
        kind=InquiryKind.CONNECTION, request={"name": "directory"}, subject="it", by="cli:ana"
    )
    with database.tenant(org.org_id) as session:
        inquiry = inquiries.put(session, org.org_id, question)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        worker.connections["acme.directory"] = Connection(
            id="acme.directory",
            provider="scim",
            host=f"http://127.0.0.1:{silent.getsockname()[1]}",
            password="x",
        )
        with pytest.raises(Crashed) as ended:
            worker.run("look", dag_id=INQUIRIES, conf={"org": "acme", "inquiry": str(inquiry)})
    assert ended.value.status == -signal.SIGALRM
