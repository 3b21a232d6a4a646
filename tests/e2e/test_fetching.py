"""An HR system's webhook that says who changed and not what: as docs/gateway.md says under "Events that carry
ids alone".
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import select

from officeflow.database.tables import AuditRecord, Employee, InboxEvent, NodeRun
from officeflow.layout import ROOT
from officeflow.runs.follow import RunFound
from officeflow.statuses import EventStatus
from officeflow.tenants import organizations
from tests.e2e.conftest import Running, wait_for

pytestmark = pytest.mark.e2e

ORG, PERSON, SECRET = "fetching", "67890", "bamboo-private-key"
LOGIN = f"Basic {base64.b64encode(b'bamboo-api-key:x').decode()}"
KNOWN = {
    "id": PERSON,
    "firstName": "Noor",
    "lastName": "Haddad",
    "workEmail": "noor@fetching.example",
    "department": "Sales",
    "jobTitle": "Clerk",
    "location": None,
    "hireDate": "2026-03-02",
    "terminationDate": "0000-00-00",
}
WHOLE = {
    "slug": "whole",
    "name": "What needs the values",
    "trigger": {"events": ["employee.onboard"], "filter": 'event.source != "webhook/bamboo"'},
    "owner": "test",
    "nodes": [
        {
            "id": "note",
            "type": "audit.record",
            "name": "Note",
            "params": {"action": "hired", "subject": "${{ 'employee:' + event.payload.given_name }}"},
        }
    ],
    "edges": [],
}


class HrSystem(ThreadingHTTPServer):
    """The part of BambooHR that reads one employee; `asked` are the fields of each request."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.asked: list[list[str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/api/v1"


class _Answer(BaseHTTPRequestHandler):
    server: HrSystem

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        if self.headers.get("Authorization") != LOGIN:
            self._send(401, {"message": "Unauthorized"})
        elif address.path != f"/api/v1/employees/{PERSON}":
            self._send(404, {"message": "Not Found"})
        else:
            fields = parse_qs(address.query)["fields"][0].split(",")
            self.server.asked.append(fields)
            self._send(200, {name: KNOWN[name] for name in ("id", *fields)})

    def _send(self, status: int, body: Any) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hr_system() -> Iterator[HrSystem]:
    with HrSystem() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def called(running: Running, *arguments: str, stdin: str | None = None) -> str:
    done = running.cli(*arguments, stdin=stdin)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def gateway(running: Running, hr_system: HrSystem, tmp_path: Path) -> str:
    """The page's commands for an organization of its own; the address of its sources."""
    url = f"http://127.0.0.1:{running.stack.ports['gateway']}/hooks/{ORG}"
    called(running, "org", "create", ORG, "--name", "Fetching", "--domain", "fetching.example")
    called(running, "source", "create", ORG, "bamboo", "--preset", "bamboohr", "--secret-stdin", stdin=SECRET)
    file = ROOT / "docs" / "examples" / "sources" / "bamboo-person.json"
    made = running.cli_json("source", "create", ORG, "bamboo-person", "--file", str(file))
    inner = ("--provider", "http", "--set", "networks=127.0.0.1")
    hris = ("--set", f"url={hr_system.url}", "--set", "auth=header", "--set", "header=Authorization")
    called(running, "connection", "add", ORG, "hris", *inner, *hris, "--set", "token=-", stdin=LOGIN)
    own = ("--set", f"url={url}", "--set", "idempotency_key=yes", "--set", "token=-")
    called(running, "connection", "add", ORG, "gateway", *inner, *own, stdin=made["secret"])
    whole = tmp_path / "whole.json"
    whole.write_text(json.dumps(WHOLE))
    fetch = ROOT / "docs" / "examples" / "fetch-person.json"
    called(running, "workflow", "publish", str(fetch), str(whole), "--org", ORG)
    return url


def deliver(url: str) -> str:
    """As BambooHR does; the event's id."""
    at = dt.datetime.now(dt.UTC)
    body = json.dumps(
        {
            "type": "employee.created",
            "timestamp": at.strftime("%Y-%m-%dT%H:%M:%S+0000"),
            "data": {"companyId": "12345", "employeeId": PERSON},
        }
    ).encode()
    stamp = str(int(at.timestamp()))
    signature = hmac.new(SECRET.encode(), body + stamp.encode(), hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json",
        "X-BambooHR-Timestamp": stamp,
        "X-BambooHR-Signature": signature,
    }
    answer = wait_for(
        lambda: (
            (found := httpx.post(f"{url}/bamboo", content=body, headers=headers)).status_code != 404 and found
        ),
        what="the gateway to have the source",
    )
    assert answer.status_code == 202, answer.text
    return str(answer.headers["officeflow-event"])


def test_a_person_whose_id_alone_was_told_is_read_and_comes_as_a_whole_event(
    running: Running, gateway: str, hr_system: HrSystem
) -> None:
    event_id = deliver(gateway)
    assert run_of(running, "webhook/bamboo", event_id) == f"{ORG}__fetch-person"
    assert run_of(running, "webhook/bamboo-person", event_id) == f"{ORG}__whole"
    assert [set(fields) for fields in hr_system.asked] == [set(KNOWN) - {"id"}]
    with running.database.tenant(org_id(running)) as session:
        person = session.scalars(select(Employee)).one()
        assert (person.external_id, person.given_name, person.department, str(person.start_date)) == (
            PERSON, "Noor", "Sales", "2026-03-02",
        )  # fmt: skip
        assert (person.title, person.end_date, person.location) == ("Clerk", None, None)
        assert session.scalars(select(InboxEvent.source).order_by(InboxEvent.arrival)).all() == [
            "webhook/bamboo",
            "webhook/bamboo-person",
        ]
        noted = select(AuditRecord.subject).where(AuditRecord.action == "hired")
        assert session.scalars(noted).all() == ["employee:Noor"]


def org_id(running: Running) -> uuid.UUID:
    with running.database.service() as session:
        return organizations.find(session, ORG).org_id


def run_of(running: Running, source: str, event_id: str) -> str:
    """The DAG of the one run that the source's event has started, once that has ended well."""

    def dispatched() -> list[Any]:
        with running.database.tenant(org_id(running)) as session:
            mine = (InboxEvent.source == source, InboxEvent.event_id == event_id)
            query = select(InboxEvent.runs).where(*mine, InboxEvent.status != EventStatus.RECEIVED)
            return list(session.scalar(query) or [])

    (started,) = wait_for(dispatched, what=f"a run of the event of {source}")
    run = RunFound(started["dag_id"], started["dag_run_id"], uuid.UUID(started["run_id"]))
    state = running.ended(run)
    with running.database.tenant(org_id(running)) as session:
        acts = session.scalars(select(NodeRun).where(NodeRun.run_id == run.run_id)).all()
        assert state == "success", [(act.node_key, act.status, act.error_details) for act in acts]
    return run.dag_id
