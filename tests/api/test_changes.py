"""The stream of changes: nothing is missed, nobody hears what is not theirs, and it ends when it has to."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator

import httpx
import psycopg
import pytest
from sqlalchemy import select, update
from starlette.testclient import TestClient

from officeflow.api import hub
from officeflow.api.context import Context
from officeflow.api.paths import PATH
from officeflow.database.engine import Database
from officeflow.database.tables import HumanRequest, Organization, User, WorkflowRun
from officeflow.rights.permissions import Permission, Role
from officeflow.runs import changes
from officeflow.runs.changes import RequestChange, RunChange, Wish
from officeflow.statuses import DecisionRule
from tests.api.following import followed, served
from tests.api.runs import add_run
from tests.people.conftest import Team, team

__all__ = ["team"]
pytestmark = pytest.mark.integration
Person = Callable[[Organization, Role], str]


@pytest.fixture
def url(context: Context) -> Iterator[str]:
    with served(context) as address:
        yield address


def set_status(database: Database, org: Organization, run_id: uuid.UUID, status: str) -> None:
    with database.tenant(org.org_id) as session:
        session.execute(update(WorkflowRun).where(WorkflowRun.run_id == run_id).values(status=status))


class TestStream:
    def test_a_run_is_told_as_it_goes(
        self, url: str, person: Person, database: Database, org: Organization
    ) -> None:
        with followed(url, person(org, Role.VIEWER)) as stream:
            assert stream.next("ready").id
            run = add_run(database, org, "hire", "E-1", status="PENDING")
            told = stream.next("run")
            assert (told.data["run_id"], told.data["status"]) == (str(run.run_id), "PENDING")
            set_status(database, org, run.run_id, "RUNNING")
            told = stream.next("run")
            assert (told.data["status"], told.id) == ("RUNNING", stream.position)

    def test_nothing_is_missed_while_nobody_followed(
        self, url: str, person: Person, database: Database, org: Organization
    ) -> None:
        token = person(org, Role.VIEWER)
        with followed(url, token) as stream:
            position = stream.next("ready").id
        runs = {
            str(add_run(database, org, "hire", f"E-{number}", status="PENDING").run_id) for number in range(5)
        }
        with followed(url, token, position=position) as stream:
            stream.next("ready")
            assert {stream.next("run").data["run_id"] for _ in runs} == runs
            later = add_run(database, org, "exit", "E-1", status="PENDING")
            assert stream.next("run").data["run_id"] == str(later.run_id)
            position = stream.position
        with followed(url, token, position=position) as stream:
            stream.next("ready")
            last = add_run(database, org, "exit", "E-2", status="PENDING")
            assert stream.next("run").data["run_id"] == str(last.run_id)
        assert stream.seen[1:] == [stream.seen[1]]

    def test_another_organizations_runs_are_not_told(
        self, url: str, person: Person, database: Database, org: Organization, other: Organization
    ) -> None:
        with followed(url, person(org, Role.ADMIN)) as stream:
            stream.next("ready")
            add_run(database, other, "hire", "E-1", status="PENDING")
            mine = add_run(database, org, "hire", "E-1", status="PENDING")
            assert stream.next("run").data["run_id"] == str(mine.run_id)
        assert len([each for each in stream.seen if each.kind == "run"]) == 1

    def test_one_connection_listens_for_all(
        self, url: str, person: Person, database: Database, org: Organization, context: Context
    ) -> None:
        token = person(org, Role.VIEWER)
        with followed(url, token) as first, followed(url, token) as second:
            first.next("ready"), second.next("ready")
            with database.engine.connect() as connection:
                listening = connection.exec_driver_sql(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                    " AND query LIKE 'LISTEN%%officeflow_changes%%'"
                ).scalar()
            assert listening == 1
        until = time.monotonic() + 20
        while context.hub.is_listening and time.monotonic() < until:
            time.sleep(0.05)
        assert not context.hub.is_listening

    def test_a_user_who_was_deactivated_hears_no_more(
        self, url: str, person: Person, database: Database, org: Organization
    ) -> None:
        with followed(url, person(org, Role.OPERATOR)) as stream:
            stream.next("ready")
            with database.tenant(org.org_id) as session:
                session.execute(update(User).values(is_active=False))
            began = time.monotonic()
            assert stream.next("end").data == {"why": "rights"}
            assert list(stream) == []
        assert time.monotonic() - began < 60  # a stream without an end would be cut off by the client first

    def test_a_token_that_was_revoked_hears_no_more(
        self, url: str, program: Callable[..., str], database: Database
    ) -> None:
        with followed(url, program(Role.AUDITOR)) as stream:
            stream.next("ready")
            with database.service() as session:
                session.connection().exec_driver_sql("UPDATE api_tokens SET revoked_at = now()")
            assert stream.next("end").data == {"why": "rights"}

    def test_so_many_and_no_more_for_one(
        self, url: str, person: Person, org: Organization, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(hub, "MOST_OF_ONE", 1)
        token = person(org, Role.VIEWER)
        with followed(url, token) as stream:
            stream.next("ready")
            headers = {"Authorization": f"Bearer {token}"}
            answer = httpx.get(f"{url}/organizations/acme/changes", headers=headers)
            assert (answer.status_code, answer.headers["retry-after"]) == (429, "10")


class TestRefused:
    @pytest.mark.parametrize(
        "position", ["x", "1:2", "9:1:", "1:99999999999999999999:", "5:10:20", "1:1:;DROP"]
    )
    def test_a_position_that_is_none(
        self, anybody: TestClient, as_role: Callable[[Role], dict[str, str]], position: str
    ) -> None:
        headers = as_role(Role.VIEWER) | {"Last-Event-ID": position}
        answer = anybody.get("/organizations/acme/changes", headers=headers)
        assert (answer.status_code, answer.json()["problems"][0]["path"]) == (422, "header.Last-Event-ID")

    def test_who_may_not_see_requests_asks_for_them(
        self, anybody: TestClient, as_role: Callable[[Role], dict[str, str]]
    ) -> None:
        answer = anybody.get("/organizations/acme/changes?topic=requests", headers=as_role(Role.VIEWER))
        assert (answer.status_code, answer.json()["permission"]) == (403, Permission.REQUEST_READ)


def test_a_database_that_is_an_older_copy_is_told(
    url: str, person: Person, database: Database, org: Organization
) -> None:
    with followed(url, person(org, Role.VIEWER), position="9000000000:9000000000:") as stream:
        assert stream.next("reload").id


class TestPosition:
    """Which rows a reader is told, without a server."""

    def read(self, database: Database, org: Organization, position: str) -> tuple[list[object], str]:
        found: list[object] = []
        for batch in changes.since(database, org.org_id, position, Wish()):
            found += batch.changes
            position = batch.position or position
        return found, position

    def test_a_transaction_that_began_first_and_ended_last_is_told(
        self, database: Database, org: Organization
    ) -> None:
        first, second = (
            add_run(database, org, "hire", "E-1", status="PENDING"),
            add_run(database, org, "hire", "E-2", status="PENDING"),
        )
        with database.tenant(org.org_id) as session:
            position = changes.now(session)
        url = database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(url) as slow:
            slow.execute("UPDATE workflow_runs SET status = 'PAUSED' WHERE run_id = %s", [first.run_id])
            set_status(database, org, second.run_id, "RUNNING")
            told, position = self.read(database, org, position)
            assert [each.run_id for each in told if isinstance(each, RunChange)] == [second.run_id]
        told, position = self.read(database, org, position)
        assert [each.run_id for each in told if isinstance(each, RunChange)] == [first.run_id]
        assert (
            self.read(database, org, position) == ([], position)
            or self.read(database, org, position)[0] == []
        )

    def test_more_than_one_page(
        self, database: Database, org: Organization, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(changes, "AT_ONCE", 2)
        with database.tenant(org.org_id) as session:
            position = changes.now(session)
        runs = {add_run(database, org, "hire", f"E-{number}", status="PENDING").run_id for number in range(5)}
        told, _ = self.read(database, org, position)
        assert {each.run_id for each in told if isinstance(each, RunChange)} == runs
        assert len(told) == 5

    def test_an_answer_changes_a_request_and_only_who_is_asked_is_told(
        self, team: Team, database: Database, org: Organization
    ) -> None:
        request = team.ask({"user": "al@acme.example"}, {"user": "bo@acme.example"}, rule=DecisionRule.ALL)
        with database.tenant(org.org_id) as session:
            position = changes.now(session)
            people = dict(session.execute(select(User.airflow_login, User.user_id)).all())
        team.say(request, "al")
        for name, number in (("bo", 1), ("cy", 0)):
            wish = Wish(runs=False, asked=frozenset({people[name]}))
            [batch] = changes.since(database, org.org_id, position, wish)
            assert [each.request_id for each in batch.changes if isinstance(each, RequestChange)] == [
                request
            ] * number
        with database.tenant(org.org_id) as session:
            assert session.get_one(HumanRequest, request).state == "OPEN"


def test_streams_end_when_the_server_does(
    database: Database, database_url: str, program: Callable[..., str], valkey_url: str, org: Organization
) -> None:
    token = program(Role.VIEWER)
    environment = {
        **os.environ,
        "OFFICEFLOW_DATABASE_URL": database_url,
        "OFFICEFLOW_REDIS_URL": valkey_url,
    }
    command = [sys.executable, "-m", "officeflow.cli.main", "api", "serve", "--port", "0"]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        port = next(found[1] for line in process.stderr if (found := re.search(r"127\.0\.0\.1:(\d+)", line)))
        with followed(f"http://127.0.0.1:{port}{PATH}", token) as stream:
            stream.next("ready")
            process.send_signal(signal.SIGTERM)
            list(stream)
        assert process.wait(20) in {0, -signal.SIGTERM}
    finally:
        process.kill()
        process.communicate()
