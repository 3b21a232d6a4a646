"""What is noted of a request before Airflow's routes look at it, and what is refused there."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from auth.front import RightsFront
from auth.listed import LISTED, permission_of
from officeflow.rights.permissions import GRANTS, Permission


@pytest.mark.parametrize(
    ("path", "query", "permission"),
    [
        ("/api/v2/dags/~/dagRuns/~/taskInstances/~/xcomEntries", b"", Permission.LEDGER_READ),
        ("/base/api/v2/dags/~/dagRuns/~/hitlDetails/", b"", Permission.REQUEST_READ),
        ("/ui/dags", b"limit=5", Permission.WORKFLOW_READ),
        ("/ui/dags/", b"has_pending_actions=true", Permission.REQUEST_READ),
        ("/ui/dags", b"has%5Fpending_actions=", Permission.REQUEST_READ),
        ("/api/v2/dags", b"", None),
    ],
)
def test_a_list_takes_what_one_line_of_it_takes(
    path: str, query: bytes, permission: Permission | None
) -> None:
    assert permission_of(path, query) is permission


def test_whoever_may_see_workflows_may_see_their_runs() -> None:
    """Airflow filters lists of runs and of tasks by the DAGs that one may read."""
    for granted in GRANTS.values():
        assert (Permission.WORKFLOW_READ in granted) == (Permission.RUN_READ in granted)


def passed(**scope: Any) -> tuple[list[Permission | None], list[int]]:
    """What is noted where the request arrives, and the statuses that are answered before it does."""
    noted: list[Permission | None] = []
    statuses: list[int] = []

    async def application(*_: Any) -> None:
        noted.append(LISTED.get())

    async def send(message: Any) -> None:
        statuses.extend([message["status"]] if "status" in message else [])

    async def receive() -> Any:
        raise AssertionError("nobody reads the body")

    given = {"type": "http", "method": "GET", "query_string": b"", "headers": [], **scope}
    asyncio.run(RightsFront(application)(given, receive, send))
    return noted, statuses


def test_what_is_noted_of_one_request_is_not_of_the_next() -> None:
    assert passed(path="/ui/dags") == ([Permission.WORKFLOW_READ], [])
    assert passed(path="/api/v2/dags") == ([None], [])
    assert LISTED.get() is None


@pytest.mark.parametrize("header", [(b"Content-Length", b"2"), (b"transfer-encoding", b"chunked")])
def test_the_list_of_backfills_takes_no_body(header: tuple[bytes, bytes]) -> None:
    assert passed(path="/api/v2/backfills/", headers=[header]) == ([], [400])
    assert passed(path="/api/v2/backfills", headers=[(b"content-length", b"0")]) == ([None], [])
    assert passed(path="/api/v2/backfills", method="POST", headers=[header]) == ([None], [])
    assert passed(path="/api/v2/backfills/1", headers=[header]) == ([None], [])
