"""Workflows whose runs are steered, in a real Airflow, with the steward's duties at work."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from unittest import mock

import pytest
import structlog
from sqlalchemy import select

from listeners.steward import adoption, run_watch
from listeners.steward import steering as steering_duty
from listeners.steward.run_watch import RunWatch
from listeners.steward.steering import Steering
from officeflow.airflow_api.types import TaskInstanceState
from officeflow.database.engine import Database
from officeflow.database.tables import Employee, NodeRun, Organization, WorkflowRun
from officeflow.errors import NotKnown, OfficeFlowError
from officeflow.ids import employee_id, new_id, workflow_run_id
from officeflow.runs import control, store
from officeflow.statuses import RunControl
from tests.airflow.embedded import EmbeddedAirflow, eventually
from tests.dag_factory.conftest import Published, content_hash, definition

ORG = "steered"
RECORD = {"type": "audit.record", "params": {"action": "demo", "subject": "employee:E-1"}}
DRAWN = {
    "gate": definition(
        "gate",
        nodes=[
            {"id": "first", **RECORD},
            {"id": "ask", "type": "human.approval", "params": {"subject": "May she come in?"}},
            {"id": "note", **RECORD},
            {"id": "last", **RECORD},
        ],
        edges=[
            {"from": "first", "to": "ask"},
            {"from": "ask", "to": "note"},
            {"from": "note", "to": "last"},
        ],
    ),
    "asks": definition(
        "asks",
        nodes=[{"id": "ask", "type": "human.approval", "params": {"subject": "May she come in?"}}],
        edges=[],
    ),
    "fails": definition(
        "fails",
        nodes=[
            {"id": "call", "type": "http.request", "connection": "slow", "params": {"url": "/"}},
            {"id": "note", **RECORD},
            {
                "id": "reads",
                "type": "audit.record",
                "params": {"action": "demo", "subject": "status:${{ string(nodes.call.output.status) }}"},
            },
        ],
        edges=[{"from": "call", "to": "note"}, {"from": "note", "to": "reads"}],
    ),
    "slow": definition(
        "slow",
        nodes=[
            {"id": "call", "type": "http.request", "connection": "slow", "params": {"url": "/"}},
            {"id": "note", **RECORD},
        ],
        edges=[{"from": "call", "to": "note"}],
    ),
}


class SlowSystem:
    """A customer's system that has no answer before it is told to, and then answers with `status`.

    `left` is set once somebody who asked has gone without the answer.
    """

    def __init__(self) -> None:
        self.asked, self.may_answer, self.left = (threading.Event() for _ in range(3))
        self.status = 204
        system = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                """Nothing."""

            def do_GET(self) -> None:
                system.asked.set()
                threading.Thread(target=self.await_leave, daemon=True).start()
                system.may_answer.wait(120)
                self.send_response(system.status)
                self.end_headers()

            def await_leave(self) -> None:
                """A client sends nothing more before the answer: what comes is the end."""
                with contextlib.suppress(OSError, ValueError):
                    gone = not self.connection.recv(1, socket.MSG_PEEK)
                    if gone and not system.may_answer.is_set():
                        system.left.set()

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True).start()

    def close(self) -> None:
        self.may_answer.set()
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def stewarding(database: Database, airflow: EmbeddedAirflow) -> Iterator[None]:
    """The steward's duties that see to runs, one turn after the other."""
    stop, watch, steering = (
        threading.Event(),
        RunWatch(database, airflow.api),
        Steering(database, airflow.api),
    )

    def work() -> None:
        while not stop.wait(0.3):
            try:
                steering.act()
                watch.follow()
            except OfficeFlowError:
                continue

    thread = threading.Thread(target=work)
    with contextlib.ExitStack() as quiet, Path(os.devnull).open("w") as nowhere:
        for module in (adoption, run_watch, steering_duty):  # commands are read by what they print
            silent = structlog.wrap_logger(structlog.PrintLogger(nowhere))
            quiet.enter_context(mock.patch.object(module, "log", silent))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


@pytest.fixture(scope="session")
def steered(airflow: EmbeddedAirflow) -> Iterator[Database]:
    """The database, with workflows that Airflow shows, and a steward at work."""
    org = Organization(org_id=new_id(), slug=ORG, name="Steered", domain="steered.example", plan="standard")
    person = Employee(
        employee_id=employee_id(org.org_id, "E-1"),
        org_id=org.org_id,
        external_id="E-1",
        status="active",
        given_name="Ana",
        family_name="García",
        work_email="ana@steered.example",
    )
    with Database(airflow.setup.environment["OFFICEFLOW_DATABASE_URL"]) as database:
        with database.service() as session:
            session.add(org)
            session.flush()
            session.add(person)
        publisher = Published(database, org)
        for slug, drawn in DRAWN.items():
            publisher.publish(slug, drawn)
        eventually(lambda: all(is_shown(airflow, slug) for slug in DRAWN))
        with stewarding(database, airflow):
            yield database


def is_shown(airflow: EmbeddedAirflow, slug: str) -> bool:
    try:
        return content_hash(DRAWN[slug]) in (airflow.api.dag_details(f"{ORG}__{slug}")["doc_md"] or "")
    except NotKnown:
        return False


class Run:
    """A run of a workflow: what Airflow and the tables say of it."""

    def __init__(self, airflow: EmbeddedAirflow, database: Database, slug: str, run_id: str = "") -> None:
        self.airflow, self.database = airflow, database
        self.dag_id, self.dag_run_id = f"{ORG}__{slug}", run_id or f"test__{secrets.token_hex(4)}"
        self.run_id = workflow_run_id(self.dag_id, self.dag_run_id)

    def prepare(self) -> Run:
        """Its row, as it is before Airflow has it."""
        with self.database.service() as session:
            org = session.scalars(select(Organization).where(Organization.slug == ORG)).one()
            slug = self.dag_id.partition("__")[2]
            store.ensure_run(
                session,
                org_id=org.org_id,
                dag_id=self.dag_id,
                dag_run_id=self.dag_run_id,
                conf={},
                workflow=slug,
                version=1,
            )
        return self

    def start(self) -> Run:
        conf = {"kind": "employee.onboard", "employee": "E-1", "payload": {}}
        assert self.airflow.api.trigger(self.dag_id, self.dag_run_id, conf)
        return self

    def want(self, wanted: RunControl) -> None:
        with self.database.service() as session:
            row = session.get_one(WorkflowRun, self.run_id)
            control.ask(session, row, wanted, by="airflow:ana", why="an audit")

    def row_or_none(self) -> WorkflowRun | None:
        with self.database.service() as session:
            return session.get(WorkflowRun, self.run_id)

    def row(self) -> WorkflowRun:
        with self.database.service() as session:
            return session.get_one(WorkflowRun, self.run_id)

    def states(self) -> dict[str, str | None]:
        found = self.airflow.api.task_instances(self.dag_id, self.dag_run_id)
        return {task["task_id"]: task["state"] for task in found}

    def await_question(self, task: str, *options: str) -> str:
        """The subject of what the task asks, once it asks with these options."""

        def subject() -> str:
            for asked in self.airflow.api.questions(self.dag_id, self.dag_run_id):
                there = asked["task_instance"]
                is_it = there["task_id"] == task and there["state"] == TaskInstanceState.AWAITING_INPUT
                if is_it and tuple(asked["options"]) == options:
                    return asked["subject"]
            return ""

        return eventually(subject)

    def answer(self, task: str, option: str) -> None:
        self.airflow.answer(self.dag_id, self.dag_run_id, task, option)

    def await_status(self, status: str) -> None:
        try:
            eventually(lambda: (row := self.row_or_none()) is not None and row.status == status)
        except AssertionError as error:
            raise AssertionError(f"{error}: {self.row().status}, {self.states()}") from error

    def note(self) -> str:
        return self.airflow.api.dag_run(self.dag_id, self.dag_run_id)["note"] or ""

    def acts(self) -> list[tuple[str, str]]:
        with self.database.service() as session:
            rows = session.scalars(select(NodeRun).where(NodeRun.run_id == self.run_id))
            return sorted((act.node_key, act.status) for act in rows)
