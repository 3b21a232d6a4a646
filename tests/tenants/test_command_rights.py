"""Each role and each command: what the table says is what may be called. And who acts, at real commands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from officeflow.cli import guard
from officeflow.cli.command_rights import NEEDS
from officeflow.cli.needs import Need, Reach, Thing, Without
from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.database.tables import ApiToken, AuditRecord, DeadLetter, Organization, OutboxMessage
from officeflow.errors import NotAllowed, NotKnown
from officeflow.events import inbox
from officeflow.events.message import Message
from officeflow.ids import new_id
from officeflow.rights.permissions import GRANTS, Permission, Role
from officeflow.rights.principals import Principal
from officeflow.settings import load_settings
from officeflow.tenants import acting, user_changes, users
from tests.answering.asked import Asked
from tests.command import Command, Outcome
from tests.listeners.airflow_api import LOGIN, AirflowServer

pytestmark = pytest.mark.integration

MAY_NOT = 77
MACHINE = Principal(actor="cli:test", is_platform_admin=True)


@pytest.fixture
def people(database: Database, org: Organization, other: Organization) -> None:
    """A user of `acme` for each role, with the role as login; `globex` has an admin too."""
    with database.service() as session:
        for role in Role:
            users.create(
                session,
                org.org_id,
                email=f"{role}@acme.example",
                name=role.title(),
                role=role,
                airflow_login=role,
            )
        users.create(
            session,
            other.org_id,
            email="boss@globex.example",
            name="Boss",
            role="admin",
            airflow_login="boss",
        )


@pytest.fixture
def things(database: Database, org: Organization) -> dict[Thing, str]:
    """One of each kind that commands name, of `acme`."""
    asked = Asked(database, org)
    request_id = asked.ask("approver")
    message = Message(topic="employee.onboard.acme", partition=0, offset=0, value=b"{")
    with database.service() as session:
        inbox.store(session, [message], own_source="officeflow")
        letter = session.scalars(select(DeadLetter)).one()
        unsent = OutboxMessage(
            org_id=org.org_id,
            message_id=new_id(),
            topic="node.done.acme",
            key="k",
            type="node.done",
            payload={},
            correlation_id="c",
            set_aside_at=SystemClock().now(),
        )
        session.add(unsent)
        session.flush()
        return {
            Thing.RUN: str(asked.run_id),
            Thing.NEWEST_RUN: asked.dag_id,
            Thing.EVENT: str(letter.dead_letter_id)[:13],
            Thing.MESSAGE: str(unsent.message_id)[:13],
            Thing.REQUEST: str(request_id)[:13],
        }


def calls(
    name: str, need: Need, things: dict[Thing, str]
) -> Iterator[tuple[str, dict[str, Any], Permission | None]]:
    """The command as it is, and with each option that makes something else of it; what each needs."""
    given: dict[str, Any] = {need.org: "acme"}
    if need.thing is not None:
        given = {need.thing.parameter: things[need.thing]}
    yield name, given, need.permission
    for option, other in need.instead.items():
        yield f"{name} --{option}", {**given, option: "given"}, other.permission


def outcome(database: Database, who: Principal, need: Need, given: dict[str, Any]) -> str:
    try:
        guard.admit(database, who, need, given)
    except NotAllowed:
        return "refused"
    except NotKnown:
        return "not there"
    return "admitted"


@pytest.mark.usefixtures("people")
def test_every_command_as_every_role_and_from_elsewhere(database: Database, things: dict[Thing, str]) -> None:
    somebody = {role: acting.as_user(database, role) for role in Role}
    stranger = acting.as_user(database, "boss")
    wrong = []
    for name, need in NEEDS.items():
        if need.reach is Reach.MACHINE:
            continue
        for called, given, permission in calls(name, need, things):
            for role, who in somebody.items():
                may = permission is None or permission in GRANTS[role]
                if outcome(database, who, need, given) != ("admitted" if may else "refused"):
                    wrong.append(f"{role}: {called}")
            elsewhere = outcome(database, stranger, need, given)
            if need.reach is Reach.ORGANIZATION and elsewhere != "not there":
                wrong.append(f"from elsewhere: {called}")
            if outcome(database, MACHINE, need, given) != "admitted":
                wrong.append(f"the operator: {called}")
    assert wrong == []


@pytest.mark.usefixtures("people")
def test_a_command_about_no_organization_is_about_theirs_or_about_none(database: Database) -> None:
    viewer, approver = acting.as_user(database, "viewer"), acting.as_user(database, "approver")
    assert guard.admit(database, viewer, NEEDS["run list"], {"org": None}) == {"org": "acme"}
    assert guard.admit(database, viewer, NEEDS["workflow validate"], {"org_slug": None}) == {}
    assert NEEDS["approval list"].without is Without.ANY
    assert outcome(database, approver, NEEDS["approval list"], {"org": ""}) == "admitted"
    assert outcome(database, viewer, NEEDS["approval list"], {"org": ""}) == "refused"


@pytest.mark.usefixtures("people")
def test_a_refusal_says_who_what_where_and_who_gives_it(officeflow: Command) -> None:
    refused = officeflow("user", "list", "acme", "--as", "viewer")
    assert (refused.status, refused.out) == (MAY_NOT, "")
    for told in ("viewer may not do this in acme", "user.read", "admin, editor, operator", "user set-role"):
        assert told in refused.err
    refused = officeflow("status", "--as", "admin")
    assert (refused.status, "only the platform's admins" in refused.err) == (MAY_NOT, True)
    assert officeflow("user", "list", "acme", "--as", "EDITOR").status == 0


@pytest.mark.usefixtures("people")
def test_what_is_of_others_is_what_there_is_not(
    officeflow: Command, things: dict[Thing, str], org: Organization
) -> None:
    def told(ended: Outcome, name: str) -> tuple[int, str]:
        return ended.status, ended.err.replace(name, "…")

    for command in (("user", "list"), ("org", "show"), ("audit", "list")):
        theirs = officeflow(*command, "acme", "--as", "boss")
        assert theirs.status == 2
        assert told(theirs, "acme") == told(officeflow(*command, "nowhere", "--as", "boss"), "nowhere")
        assert officeflow(*command, str(org.org_id), "--as", "boss").status == 2
    run = things[Thing.RUN]
    assert "acme" not in officeflow("run", "show", run[:8], "--as", "boss").err
    assert [each["slug"] for each in officeflow("org", "list", "--json", "--as", "boss").json] == ["globex"]
    assert officeflow("run", "list", "--json", "--as", "boss").json == []
    assert len(officeflow("run", "list", "--json", "--as", "viewer").json) == 1


@pytest.mark.usefixtures("people")
def test_a_login_that_is_nobodys_or_deactivated_does_nothing(officeflow: Command, database: Database) -> None:
    unknown = officeflow("run", "list", "--as", "vewer")
    assert (unknown.status, "did you mean viewer" in unknown.err) == (2, True)
    user_changes.deactivate(database, "acme", "viewer@acme.example", why="gone", by=MACHINE)
    lost = officeflow("run", "list", "--as", "viewer")
    assert (lost.status, "viewer is deactivated" in lost.err) == (MAY_NOT, True)


@pytest.fixture
def token(officeflow: Command, people: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes a token of a new account of `acme`, by which commands act from then on."""

    def made(role: Role, *scopes: Permission) -> str:
        assert officeflow("service-account", "create", "acme", "hr", "--role", role).status == 0
        narrowed = [word for scope in scopes for word in ("--scope", scope)]
        text = str(officeflow("token", "create", "acme", "hr", *narrowed, "--json").json["token"])
        monkeypatch.setenv("OFFICEFLOW_TOKEN", text)
        return text

    return made


def test_a_token_acts_as_its_account_and_is_noted(
    officeflow: Command, token: Any, database: Database
) -> None:
    token(Role.ADMIN)
    assert officeflow("employee", "create", "acme", "E-9").status == 0
    with database.service() as session:
        actors = session.scalars(select(AuditRecord.actor).where(AuditRecord.subject == "employee:E-9")).all()
        assert actors == ["token:acme/hr"]
        assert session.scalars(select(ApiToken.last_used_at)).one() is not None
    assert officeflow("user", "list", "globex").status == 2
    both = officeflow("whoami", "--as", "admin")
    assert (both.status, "both say who acts" in both.err) == (2, True)


def test_scopes_narrow_a_token_also_in_what_it_gives(officeflow: Command, token: Any) -> None:
    token(Role.ADMIN, Permission.USER_MANAGE, Permission.USER_READ)
    assert officeflow("user", "list", "acme").status == 0
    narrow = officeflow("run", "list")
    assert (narrow.status, "scopes leave it out" in narrow.err) == (MAY_NOT, True)
    catalog = officeflow("node", "list")
    assert (catalog.status, "in any organization" in catalog.err) == (MAY_NOT, True)
    more = officeflow("user", "create", "acme", "x@acme.example", "--name", "X", "--role", "admin")
    assert (more.status, "nobody gives a right that they have not" in more.err) == (MAY_NOT, True)
    group = officeflow("user", "group", "role", "acme", "staff", "admin", "--why", "x")
    assert (group.status, "nobody gives a right that they have not" in group.err) == (MAY_NOT, True)


def test_an_admin_gives_nobody_the_login_of_officeflow_itself(officeflow: Command, people: None) -> None:
    new = ("user", "create", "acme", "x@acme.example", "--name", "X", "--role", "viewer")
    own = ("--airflow-login", load_settings().airflow_username)
    refused = officeflow(*new, *own, "--as", "admin")
    assert (refused.status, "OfficeFlow's own account at Airflow" in refused.err) == (2, True)
    assert officeflow(*new, *own).status == 0


def test_a_program_without_a_right_is_told_what_gives_one_to_programs(
    officeflow: Command, token: Any
) -> None:
    token(Role.VIEWER)
    refused = officeflow("user", "list", "acme")
    assert (refused.status, "user set-role" in refused.err) == (MAY_NOT, False)
    for told in ("acme/hr is viewer there", "keeps its role", "service-account create acme NAME --role ROLE"):
        assert told in " ".join(refused.err.split())


def test_what_runs_ask_no_program_answers(officeflow: Command, token: Any, things: dict[Thing, str]) -> None:
    token(Role.ADMIN)
    refused = officeflow("approval", "approve", things[Thing.REQUEST])
    assert (refused.status, "this is for people" in refused.err) == (MAY_NOT, True)


@pytest.fixture
def airflow(monkeypatch: pytest.MonkeyPatch) -> Iterator[AirflowServer]:
    server = AirflowServer()
    monkeypatch.setenv("OFFICEFLOW_AIRFLOW_URL", server.url)
    yield server
    server.stop()


@pytest.mark.usefixtures("people")
def test_whom_airflow_lets_in_may_what_their_role_allows(
    officeflow: Command, airflow: AirflowServer, things: dict[Thing, str]
) -> None:
    def typed_by(account: str, *command: str) -> Outcome:
        airflow.account = account
        who = ("--login", LOGIN["username"], "--password-stdin")
        return officeflow(*command, *who, stdin=f"{LOGIN['password']}\n")

    answer = ("approval", "approve", things[Thing.REQUEST])
    pause = ("run", "pause", things[Thing.RUN], "--why", "x")
    for account, command, told in (
        ("viewer", answer, "viewer may not do this in acme: it needs the permission request.answer"),
        ("approver", pause, "approver may not do this in acme: it needs the permission run.steer"),
        ("boss", pause, "there is no run"),
        ("nobody", answer, "nobody is no user of any organization"),
    ):
        refused = typed_by(account, *command)
        assert (refused.status in {2, MAY_NOT}, told in refused.err) == (True, True), refused
    assert typed_by("approver", *answer).status == 0


def test_whoami_says_what_the_api_does(officeflow: Command, token: Any) -> None:
    operator = officeflow("whoami", "--json").json
    assert (operator["actor"], operator["is_platform_admin"]) == ("cli:ana", True)
    assert [each["slug"] for each in operator["organizations"]] == ["acme", "globex"]
    token(Role.OPERATOR, Permission.RUN_READ)
    acme = {"slug": "acme", "name": "Acme", "role": "operator", "permissions": ["run.read"]}
    assert officeflow("whoami", "--json").json == {
        "actor": "token:acme/hr",
        "login": "",
        "is_platform_admin": False,
        "organizations": [acme],
    }
    shown = officeflow("whoami").out
    assert "token:acme/hr" in shown
    assert ("1 permission" in shown, "in acme: run.read" in shown) == (True, True)


def test_a_process_with_a_revoked_token_is_refused(
    officeflow: Command, token: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = token(Role.VIEWER)
    process = [sys.executable, "-m", "officeflow.cli.main", "org", "list", "--json"]

    def ended() -> subprocess.CompletedProcess[str]:
        return subprocess.run(process, capture_output=True, text=True, check=False, env={**os.environ})

    assert ended().returncode == 0
    monkeypatch.delenv("OFFICEFLOW_TOKEN")
    assert officeflow("token", "revoke", "acme", text[:12]).status == 0
    monkeypatch.setenv("OFFICEFLOW_TOKEN", text)
    refused = ended()
    assert (refused.returncode, refused.stdout) == (MAY_NOT, "")
    assert "the token does not hold" in refused.stderr
    assert text not in refused.stderr


@pytest.mark.usefixtures("people")
def test_who_may_not_read_employees_plans_without_looking_and_without_them(
    officeflow: Command, tmp_path: Path
) -> None:
    workflow, event = tmp_path / "joiner.json", tmp_path / "event.json"
    node = {"id": "a", "type": "audit.record", "params": {"action": "seen", "subject": "x"}}
    drawn = {"slug": "j", "name": "J", "trigger": {"events": ["employee.onboard"]}, "nodes": [node]}
    workflow.write_text(json.dumps({**drawn, "edges": []}))
    event.write_text(
        json.dumps(
            {
                "type": "employee.onboard",
                "organizationId": "acme",
                "employeeId": "E1",
                "timestamp": "2026-01-05T09:00:00Z",
                "payload": {},
            }
        )
    )
    plan = ("workflow", "plan", str(workflow), "--org", "acme", "--as", "editor")
    looking = officeflow(*plan, "--event", str(event))
    assert (looking.status, "employee.read" in looking.err) == (MAY_NOT, True)
    assert officeflow(*plan, "--event", str(event), "--offline").status == 0
    person = officeflow(*plan, "--employee", "E1", "--offline")
    assert (person.status, "employee.read" in person.err) == (MAY_NOT, True)
