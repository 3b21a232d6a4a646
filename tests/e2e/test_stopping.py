"""`officeflow down` while a node acts: nothing is left half done, and nothing is done twice after the next
`up`.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from officeflow.connectors.fields import assemble
from officeflow.database.tables import InboxEvent, NodeRun
from officeflow.demo import evidence
from officeflow.demo.run import systems
from officeflow.stack.servers.counterparts import connection_fields
from tests.connectors.http_faults import FaultProxy
from tests.e2e.conftest import Running, wait_for
from tests.e2e.test_celery import OFF, ON_CELERY
from tests.e2e.test_operating import definition, publish
from tests.e2e.test_restarts import joiner

pytestmark = pytest.mark.e2e


class SlowSystem(FaultProxy):
    """Before the directory: whatever changes something waits until it may be done."""

    def __init__(self, upstream: str) -> None:
        super().__init__(upstream)
        self.began, self.may_act = threading.Event(), threading.Event()

    def forward(self, method: str, path: str, headers: dict[str, str], body: bytes) -> httpx.Response:
        if method == "POST":
            self.began.set()
            self.may_act.wait(120)
        return super().forward(method, path, headers, body)


def is_stopping(running: Running) -> bool:
    return bool(running.supervisor.states()["airflow-scheduler"]["statename"] == "STOPPING")


def test_a_node_that_acts_when_the_stack_is_stopped_finishes_and_the_run_goes_on_after_the_next_start(
    running: Running, tmp_path: Path
) -> None:
    fields = connection_fields(running.stack)["scim"]
    slow = SlowSystem(fields["url"])
    with slow.running():
        made = assemble("acme.slow", "scim", {**fields, "url": slow.url})
        running.api.put_connection(
            made.id, made.provider, host=made.host, password=made.password, extra=made.extra
        )
        node = {
            "id": "create",
            "type": "identity.create_account",
            "name": "Create",
            "connection": "slow",
            "params": {
                "login": "slow.${{ employee.work_email }}",
                "given_name": "Robin",
                "family_name": "Slow",
            },
        }
        content = definition("slow-directory", "Archive", node)
        content["nodes"].append(
            {
                "id": "note",
                "type": "audit.record",
                "name": "Note",
                "params": {"action": "slow.done", "subject": "run"},
            }
        )
        content["edges"] = [{"from": "create", "to": "note"}]
        publish(running, tmp_path, content)
        event_id = running.send("employee.onboard", "S-1", {**joiner("slow"), "department": "Archive"})
        assert slow.began.wait(240), "the node never called its system"
        with ThreadPoolExecutor() as pool:
            stopping = pool.submit(running.cli, "down")
            wait_for(lambda: is_stopping(running), what="the scheduler to be told to stop")
            slow.may_act.set()
            stopped = stopping.result()
        assert (stopped.returncode, stopped.stdout) == (0, "Stopped.\n"), stopped.stderr
        running.up(*ON_CELERY, **OFF)  # as Celery's tests, which come next, want it
        runs = {run.dag_id: run for run in running.runs_of(event_id)}
        assert running.ended(runs["acme__slow-directory"]) == "success"
    with running.database.tenant(running.org.org_id) as session:
        rows = (
            session.execute(select(NodeRun).where(NodeRun.run_id == runs["acme__slow-directory"].run_id))
            .scalars()
            .all()
        )
        assert {(row.node_key, row.status, row.attempt, row.generation) for row in rows} == {
            ("create", "SUCCEEDED", 1, 1),
            ("note", "SUCCEEDED", 1, 1),
        }
        assert (
            session.scalar(select(InboxEvent.status).where(InboxEvent.event_id == event_id)) == "DISPATCHED"
        )
    assert [method for method, path, _ in slow.seen if method == "POST" and path.endswith("/Users")] == [
        "POST"
    ]
    assert len(evidence.accounts_at(systems(running.stack), "slow.robin.slow@acme.example")) == 1
