"""A customer's world: real servers, an organization, a run, and `run_node` between them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

import pytest
from sqlalchemy import func, select

from officeflow.connectors.connection import Connection
from officeflow.connectors.opening import open_provider
from officeflow.database.engine import Database
from officeflow.database.tables import NameReservation
from officeflow.errors import NotKnown
from officeflow.runner.run import run_node
from officeflow.runner.services import Services
from officeflow.sdk import Act, NodeInput, NodeResult
from tests.counterparts.caldav import CaldavServer
from tests.counterparts.inbox import SmtpInbox
from tests.counterparts.scim import ScimServer
from tests.nodes.paper.directory import DIRECTORIES, PaperDirectory
from tests.web_api import WebApi

CORRELATION = "corr-4711"
CONTEXT: Mapping[str, Any] = {
    "event": {
        "id": "e-1",
        "source": "hr",
        "kind": "onboard",
        "org": "acme",
        "employee": "1001",
        "time": "2026-11-20T08:00:00Z",
        "payload": {"start_date": "2026-12-01", "first_name": "Ana"},
    },
    "correlation_id": CORRELATION,
}


@dataclass
class TestClock:
    """Stands still until it is moved."""

    __test__ = False
    moment: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))

    def now(self) -> dt.datetime:
        return self.moment


class Journal:
    """Keeps what a node tells."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def info(self, event: str, **values: Any) -> None:
        self.lines.append(f"{event} {values}")

    warning = error = info


def services_of(
    database: Database,
    connect: Callable[[str], Connection],
    clock: TestClock,
    log: Journal | None = None,
) -> Services:
    """As the runner has them, but that nobody waits and nothing is left to chance."""
    return Services(
        database=database,
        connect=connect,
        clock=clock,
        log=log or Journal(),
        random=lambda: 0.5,
        sleep=lambda _: None,
        settle=dt.timedelta(0),
    )


def none_opened(name: str) -> NoReturn:
    """Where no node reaches a system."""
    pytest.fail(f"{name} is opened")


class World:
    def __init__(
        self, database: Database, scim: ScimServer, inbox: SmtpInbox, caldav: CaldavServer, api: WebApi
    ) -> None:
        self.scim, self.inbox, self.caldav, self.api = scim, inbox, caldav, api
        self.paper = DIRECTORIES["acme"] = PaperDirectory()
        self.clock, self.log = TestClock(), Journal()
        self.changes: dict[str, Any] = {}
        self.services = services_of(database, self.connection, self.clock, self.log)

    def connection(self, name: str) -> Connection:
        """By its id. `changes` replaces fields of every connection, so that a test can spoil it."""
        known: dict[str, dict[str, Any]] = {
            "acme.scim": {"provider": "scim", "host": self.scim.url, "password": self.scim.token},
            "acme.smtp": {
                "provider": "smtp",
                "host": self.inbox.host,
                "port": self.inbox.port,
                "extra": {"security": "none", "sender": "hr@acme.example"},
            },
            "acme.caldav": {
                "provider": "caldav",
                "host": self.caldav.url,
                "login": self.caldav.user,
                "password": self.caldav.password,
                "extra": {"calendar": self.caldav.calendar, "organizer": "hr@acme.example"},
            },
        }
        known["acme.http"] = {
            "provider": "http",
            "host": self.api.url,
            "password": self.api.token,
            "extra": {"networks": "127.0.0.1"},
        }
        on_paper = {"host": "acme", "password": self.paper.token}
        for its_name in ("paper", "paper_too", "paper_plain"):
            known[f"acme.{its_name}"] = {"provider": its_name.removesuffix("_too"), **on_paper}
        if name not in known:
            raise NotKnown(f"there is no connection {name}")
        return Connection(id=name, **(known[name] | self.changes))

    def run(
        self,
        node_type: str,
        params: Mapping[str, Any],
        *,
        connection: str | None = None,
        node: str = "it",
        try_number: int = 1,
        **more: Any,
    ) -> NodeResult:
        """As the platform does; `more` are further fields of the `NodeInput`."""
        fields: dict[str, Any] = {"dag_run_id": "manual__1", "context": CONTEXT}
        given = NodeInput(
            node=node,
            type=node_type,
            org="acme",
            dag_id="acme__contract",
            params=params,
            connection=connection,
            try_number=try_number,
            **(fields | more),
        )
        return run_node(given, self.services)

    def open(self, name: str, family: str, *, only_looks: bool = False) -> Any:
        return open_provider(
            self.connection(f"acme.{name}"),
            correlation_id=CORRELATION,
            family=family,
            only_looks=only_looks,
        )

    def reservations(self) -> int:
        """How many names are kept for runs."""
        with self.services.database.service() as session:
            return int(session.scalar(select(func.count()).select_from(NameReservation)) or 0)

    def create(self, login: str, **fields: Any) -> str:
        """An account that is there already; gives its id."""
        with self.scim.client() as client:
            body = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": login, **fields}
            return str(client.post("/Users", json=body).raise_for_status().json()["id"])

    def act(self, key: str = "c3" * 32, **changes: Any) -> Act:
        values: dict[str, Any] = {
            "key": key,
            "node": "it",
            "org": "acme",
            "employee": "1001",
            "run": "r",
            "correlation_id": CORRELATION,
            "attempt": 1,
            "resuming": False,
            "began_at": self.clock.now(),
            "now": self.clock.now(),
            "log": self.log,
        }
        return Act(**(values | changes))
