"""Every route of ours, called as everybody: what the table says is what is answered.

Somebody who may is answered something else than 401, 403, 500 and *there is no such organization*; what,
other tests say.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from officeflow.api.app import create
from officeflow.api.context import Context
from officeflow.api.matrix import Door, Reach, doors
from officeflow.api.paths import PATH
from officeflow.cli.rights_page import page
from officeflow.database.engine import Database
from officeflow.database.tables import Organization, User
from officeflow.ids import new_id
from officeflow.layout import ROOT
from officeflow.rights.permissions import Role
from officeflow.settings import Settings
from tests.api.conftest import Airflow

UNUSED = "http://127.0.0.1:1"
"""Nobody is there: whoever may is told so, and nothing outside is changed."""

AT_ONCE = 8
NO_ORGANIZATION = "there is no organization"


def test_the_page_of_rights_is_current() -> None:
    """`officeflow api rights docs/rights.md` writes it."""
    assert (ROOT / "docs" / "rights.md").read_text(encoding="utf-8") == page()


@dataclass(frozen=True, kw_only=True)
class Somebody:
    """`role` in the organization that the paths name, `elsewhere` in another one."""

    name: str
    token: str = ""
    role: Role | None = None
    elsewhere: Role | None = None
    is_platform_admin: bool = False

    def expected(self, door: Door) -> str:
        """`answered`, `401`, `403` or `404`."""
        if door.reach is Reach.EVERYBODY:
            return "answered"
        if not self.token:
            return "401"
        if self.is_platform_admin or door.reach is Reach.SIGNED_IN:
            return "answered"
        if door.reach is Reach.ORGANIZATION and self.role is None:
            return "404"
        role = self.role or (self.elsewhere if door.reach is Reach.ANYWHERE else None)
        return "answered" if role is not None and door.admits(role) else "403"


@dataclass
class Answer:
    status: int = 0
    body: bytearray = field(default_factory=bytearray)

    @property
    def kind(self) -> str:
        if self.status in {401, 403, 500}:
            return str(self.status)
        if self.status == 404 and NO_ORGANIZATION in json.loads(self.body)["detail"]:
            return "404"
        return "answered"


class Asking:
    """Sends requests to the application without a server, and goes away as soon as it knows the answer: also
    from a stream that never ends.
    """

    def __init__(self, application: Starlette, slug: str) -> None:
        self._application = application
        self._slug = slug
        self._address = f"test-{secrets.token_hex(6)}"

    async def ask(self, door: Door, token: str) -> Answer:
        answer, gone = Answer(), asyncio.Event()
        request = [{"type": "http.request", "body": b"" if door.method == "GET" else b"{}"}]

        async def receive() -> dict[str, Any]:
            if request:
                return request.pop()
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
            else:
                answer.body += message.get("body", b"")
            if answer.status < 400 or not message.get("more_body", message["type"].endswith("start")):
                gone.set()

        running = asyncio.ensure_future(self._application(self._scope(door, token), receive, send))
        waiting = asyncio.ensure_future(gone.wait())
        await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if not running.done():
            await asyncio.wait({running}, timeout=5)
        running.cancel()
        waiting.cancel()
        if not answer.status:
            running.result()  # what was raised instead of an answer
        return answer

    def _scope(self, door: Door, token: str) -> dict[str, Any]:
        headers = {"host": "api.test", "content-type": "application/json", "if-match": "*"}
        if token:
            headers["authorization"] = f"Bearer {token}"
        path = PATH + "/".join(map(self._part, door.path.split("/")))
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": door.method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": b"",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "client": (self._address, 1),
            "server": ("api.test", 80),
        }

    def _part(self, part: str) -> str:
        """Ids that are of nothing, in every form that routes take."""
        if not part.startswith("{"):
            return part
        name = part.strip("{}").partition(":")[0]
        if name == "org":
            return self._slug
        return {"version": "1", "number": "1", "revision": "1"}.get(name, str(new_id()))


@pytest.fixture
def everybody(database: Database, airflow: Airflow, org: Organization, other: Organization) -> list[Somebody]:
    """`org` is the organization of the paths."""
    found = [
        Somebody(name="nobody"),
        Somebody(name="without organization", token=airflow.sign_in(f"lone-{secrets.token_hex(4)}")),
        Somebody(name="platform", token=airflow.sign_in("root", admin=True), is_platform_admin=True),
    ]
    for role in Role:
        own, elsewhere = f"own-{role}", f"other-{role}"
        found.append(Somebody(name=own, token=airflow.sign_in(own), role=role))
        found.append(Somebody(name=elsewhere, token=airflow.sign_in(elsewhere), elsewhere=role))
        for organization, login in ((org, own), (other, elsewhere)):
            with database.tenant(organization.org_id) as session:
                session.add(
                    User(
                        user_id=new_id(),
                        org_id=organization.org_id,
                        email=f"{login}@{organization.slug}.example",
                        name=login,
                        role=role.value,
                        airflow_login=login,
                        is_active=True,
                    )
                )
    return found


@pytest.fixture
def quiet_context(valkey_url: str, airflow: Airflow, database: Database) -> Context:
    """Airflow and Kafka are away."""
    settings = Settings.model_validate(
        {"redis_url": valkey_url, "airflow_url": UNUSED, "kafka_bootstrap": "127.0.0.1:1"}
    )
    return Context(settings, airflow, given_database=database)


@pytest.mark.integration
def test_each_route_answers_everybody_as_the_table_says(
    quiet_context: Context, org: Organization, everybody: list[Somebody]
) -> None:
    found = asyncio.run(_call_all(quiet_context, org.slug, everybody))
    assert len(found) == len(doors()) * len(everybody)
    wrong = [
        f"{door.method} {door.path} as {somebody.name}: {status}, not {somebody.expected(door)}"
        for door, somebody, kind, status in found
        if kind != somebody.expected(door)
    ]
    assert wrong == []


async def _call_all(
    context: Context, slug: str, everybody: list[Somebody]
) -> list[tuple[Door, Somebody, str, int]]:
    asking = Asking(Starlette(routes=[Mount(PATH, create(context))]), slug)
    places = asyncio.Semaphore(AT_ONCE)

    async def one(door: Door, somebody: Somebody) -> tuple[Door, Somebody, str, int]:
        async with places:
            answer = await asking.ask(door, somebody.token)
        return door, somebody, answer.kind, answer.status

    try:
        return await asyncio.gather(*(one(door, each) for door in doors() for each in everybody))
    finally:
        await context.close()


@pytest.mark.parametrize(
    ("somebody", "path", "answered"),
    [
        (Somebody(name="nobody"), "/health", "answered"),
        (Somebody(name="nobody"), "/me", "401"),
        (Somebody(name="viewer", token="t", role=Role.VIEWER), "/organizations/{org}/tokens", "403"),
        (Somebody(name="auditor", token="t", role=Role.AUDITOR), "/organizations/{org}/tokens", "answered"),
        (Somebody(name="other", token="t", elsewhere=Role.ADMIN), "/organizations/{org}/tokens", "404"),
        (Somebody(name="other", token="t", elsewhere=Role.VIEWER), "/node-types", "answered"),
        (Somebody(name="lone", token="t"), "/node-types", "403"),
    ],
)
def test_what_is_expected_is_what_people_would_say(somebody: Somebody, path: str, answered: str) -> None:
    """The table is read by a function of the test: here it is held against words."""
    (door,) = [door for door in doors() if door.path == path and door.method == "GET"]
    assert somebody.expected(door) == answered
