"""A small HTTP server that answers like Airflow's API, and publishers that use it through our own client."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from officeflow.airflow_api.client import AirflowApi
from officeflow.database.engine import Database
from officeflow.database.tables import Organization, Workflow, WorkflowVersion
from officeflow.ids import dag_id
from officeflow.workflows.publish import Publisher

DAG = re.compile(r"/api/v2/dags/([^/?]+)(/details)?$")


class SmallAirflow:
    """Knows a DAG once it has read its definition: by itself (`reads_alone`), or when it is asked to parse
    the file.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.connections = {"acme.directory": "scim", "acme.mail": "smtp", "other.calendar": "caldav"}
        self.reads_alone = True
        self.answers = True
        self.import_errors = False
        self.documents: dict[str, str] = {}
        self.parse_requests: list[str] = []
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                owner.handle(self)

            def do_POST(self) -> None:
                owner.handle(self)

            def do_PUT(self) -> None:
                owner.handle(self)

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def read(self) -> None:
        """What the dag-processor does: take the newest version of each workflow."""
        with self.database.service() as session:
            rows = session.query(Organization.slug, Workflow.slug, WorkflowVersion.content_hash).select_from(
                Workflow
            )
            rows = rows.join(Organization, Organization.org_id == Workflow.org_id).join(
                WorkflowVersion,
                (WorkflowVersion.workflow_id == Workflow.workflow_id)
                & (WorkflowVersion.version == Workflow.version),
            )
            for org, slug, content_hash in rows:
                self.documents[dag_id(org, slug)] = f"A workflow.\n\nsha256:{content_hash}"

    def handle(self, request: BaseHTTPRequestHandler) -> None:
        request.rfile.read(int(request.headers.get("Content-Length") or 0))
        status, body = (
            self.answer(request.command, request.path) if self.answers else (503, {"detail": "down"})
        )
        content = json.dumps(body).encode()
        request.send_response(status)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)

    def answer(self, method: str, path: str) -> tuple[int, Any]:
        if path == "/auth/token":
            return 201, {"access_token": "token"}
        if path.startswith("/api/v2/connections"):
            return 200, {
                "connections": [
                    {"connection_id": name, "conn_type": kind} for name, kind in self.connections.items()
                ]
            }
        if method == "PUT" and path.startswith("/api/v2/parseDagFile/"):
            self.parse_requests.append(path.rpartition("/")[2])
            self.read()
            return 201, None
        if found := DAG.match(path):
            if self.reads_alone:
                self.read()
            document = self.documents.get(found[1])
            if document is None:
                return 404, {"detail": "no such DAG"}
            return 200, {
                "file_token": found[1],
                "doc_md": document,
                "is_stale": False,
                "has_import_errors": self.import_errors,
            }
        return 404, {"detail": path}

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def airflow(database: Database) -> Iterator[SmallAirflow]:
    server = SmallAirflow(database)
    yield server
    server.stop()


@pytest.fixture
def api(airflow: SmallAirflow) -> Iterator[AirflowApi]:
    with AirflowApi(airflow.url, "officeflow", "secret") as client:
        yield client


Check = Callable[[Sequence[Mapping[str, Any]]], Sequence[Mapping[str, Any]]]


def takes_all(requests: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """A check that has nothing against any definition."""
    return [{"slug": request["slug"], "ok": True, "error": ""} for request in requests]


@pytest.fixture
def publisher(database: Database, api: AirflowApi, org: Organization) -> Publisher:
    return Publisher(database, api, takes_all, ready_seconds=0.3, sleep=lambda _: None)


def definition(
    slug: str = "joiner",
    *,
    name: str = "Joiner",
    events: Sequence[str] = ("employee.onboard",),
    **fields: Any,
) -> dict[str, Any]:
    """A definition that can be published: three nodes, a condition into a join."""
    nodes = [
        {
            "id": "find",
            "type": "identity.find_account",
            "connection": "directory",
            "params": {"external_id": "${{ employee.external_id }}"},
        },
        {
            "id": "suspend",
            "type": "identity.suspend_account",
            "connection": "directory",
            "params": {"external_id": "${{ event.employee }}"},
        },
        {
            "id": "record",
            "type": "audit.record",
            "name": "Put on record",
            "params": {"action": "done", "subject": "x"},
            "position": {"x": 1, "y": 2},
        },
    ]
    edges = [
        {"from": "find", "to": "suspend", "condition": "nodes.find.output.found", "label": "found"},
        {"from": "find", "to": "record", "condition": "!nodes.find.output.found"},
        {"from": "suspend", "to": "record"},
    ]
    return {
        "slug": slug,
        "name": name,
        "trigger": {"events": list(events)},
        "nodes": nodes,
        "edges": edges,
    } | fields
