"""Every command that shows what tenants and other systems wrote: none of it is an order to the terminal."""

from __future__ import annotations

import datetime as dt
import json
import re
import uuid

import pytest

from officeflow.audit import store as audit
from officeflow.audit.entry import AuditEntry
from officeflow.cli.common import echo
from officeflow.cli.status import activity_lines
from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.database.tables import (
    DeadLetter,
    Employee,
    InboxEvent,
    Organization,
    OutboxMessage,
    User,
    WorkflowRun,
)
from officeflow.errors import Rejected
from officeflow.ids import new_id
from officeflow.runs import store as runs
from officeflow.runs.acts import ActRequest, Attempt, Done, RunRef
from officeflow.runs.ledger import Ledger
from officeflow.sdk import Effect
from officeflow.workflows import store as workflows
from officeflow.workflows.models import Definition
from tests.command import Command, officeflow

__all__ = ["officeflow"]

pytestmark = pytest.mark.integration

BAD = "x\x1b]0;owned\x07\x9b2J\u202e\x7f"
OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
DAG, RUN = "acme__joiner", "evt__1"
INBOX, LETTER, MESSAGE = (uuid.UUID(f"{digit * 8}-0000-7000-8000-000000000000") for digit in "abc")

COMMANDS = [
    ["org", "list"],
    ["org", "show", "acme"],
    ["user", "list", "acme"],
    ["user", "show", "acme", "ana@acme.example"],
    ["employee", "list", "acme"],
    ["employee", "show", "acme", "E1"],
    ["employee", "show", "acme", "E1", "--reveal"],
    ["audit", "list", "acme"],
    ["audit", "verify", "acme"],
    ["inbox", "list"],
    ["inbox", "show", str(INBOX)],
    ["inbox", "list", "--quarantined"],
    ["inbox", "show", str(LETTER)],
    ["outbox", "list"],
    ["run", "list"],
    ["run", "show", f"{DAG}/{RUN}"],
    ["ledger", "show", f"{DAG}/{RUN}"],
    ["ledger", "show", f"{DAG}/{RUN}", "--inputs"],
    ["workflow", "list", "--org", "acme"],
    ["workflow", "show", "joiner", "--org", "acme"],
    ["workflow", "versions", "joiner", "--org", "acme"],
]


@pytest.fixture
def _bad_rows(database: Database, org: Organization) -> None:
    """Somebody whose every field holds orders, and all that became of them."""
    now = dt.datetime.now(dt.UTC)
    with database.service() as session:
        session.get_one(Organization, org.org_id).name = BAD
        session.add(
            User(
                user_id=new_id(),
                org_id=org.org_id,
                email="ana@acme.example",
                name=BAD,
                role="hr_admin",
                airflow_login=BAD,
            )
        )
        session.add(
            Employee(
                employee_id=new_id(), org_id=org.org_id, external_id="E1", given_name=BAD, family_name=BAD,
                department=BAD,
                attributes={BAD: BAD}, sensitive={"iban": BAD},
            )
        )  # fmt: skip
        session.add(
            InboxEvent(
                inbox_id=INBOX, org_id=org.org_id, kind="employee.onboard", event_id=BAD, source=BAD,
                employee_key=BAD, event_time=now,
                correlation_id=BAD, content_hash="h", payload={BAD: BAD}, sensitive={}, topic=BAD,
                partition=0, offset=0, last_error=BAD,
            )
        )  # fmt: skip
        session.add(
            DeadLetter(
                dead_letter_id=LETTER, org_id=org.org_id, topic=BAD, partition=0, offset=0,
                reason="not_json", detail=BAD,
                body=BAD.encode(), headers=[[BAD, BAD]], resolution={"why": BAD},
            )
        )  # fmt: skip
        session.add(
            OutboxMessage(
                message_id=MESSAGE, org_id=org.org_id, topic="audit.events", key="k", type=BAD, subject=BAD,
                payload={BAD: BAD},
                correlation_id=BAD, set_aside_at=now, last_error=BAD,
            )
        )  # fmt: skip
        audit.append(
            session,
            org.org_id,
            AuditEntry(actor=BAD, action=BAD, subject=BAD, details={BAD: BAD}, correlation_id=BAD),
        )
        definition = {
            "slug": "joiner", "name": BAD, "description": BAD, "trigger": {"events": ["employee.onboard"]},
            "edges": [],
            "nodes": [{"id": "note", "type": "audit.record", "params": {"action": BAD, "subject": BAD}}],
        }  # fmt: skip
        workflows.lock_revisions(session)
        workflows.add_version(session, org.org_id, Definition.model_validate(definition), by=BAD)
    _run(database, org)


def _run(database: Database, org: Organization) -> None:
    event = {"id": BAD, "source": BAD, "kind": "employee.onboard", "employee": BAD, "time": BAD}
    with database.tenant(org.org_id) as session:
        row = runs.ensure_run(
            session,
            org_id=org.org_id,
            dag_id=DAG,
            dag_run_id=RUN,
            conf={"event": event, "correlation_id": BAD},
        )
        session.get_one(WorkflowRun, row.run_id).error_details = {"code": BAD, "message": BAD}
    about = RunRef(
        run_id=row.run_id,
        org_id=org.org_id,
        org="acme",
        dag_id=DAG,
        dag_run_id=RUN,
        correlation_id="c",
        employee="E1",
    )

    def perform(attempt: Attempt) -> Done:
        attempt.story.append({"step": "changed", "text": f"{BAD}\nnode  done: all is well"})
        raise Rejected(BAD, provider="scim", operation="create")

    request = ActRequest(
        run=about,
        node="suspend",
        type="identity.suspend_account",
        effect=Effect.IDEMPOTENT,
        params={"user": BAD},
    )
    with pytest.raises(Rejected):
        Ledger(database, SystemClock()).once(request, perform)


@pytest.mark.usefixtures("_bad_rows")
@pytest.mark.parametrize("form", [[], ["--json"]], ids=["text", "json"])
def test_what_a_command_shows_is_no_order_to_the_terminal(officeflow: Command, form: list[str]) -> None:
    for command in COMMANDS:
        shown = officeflow(*command, *form)
        assert shown.status == 0, shown.err
        assert not OBEYED.search(shown.out + shown.err), command
        if form:
            json.loads(shown.out)
        if command[:2] not in (["audit", "verify"], ["workflow", "versions"]):
            assert "owned" in shown.out, command


@pytest.mark.usefixtures("_bad_rows")
def test_a_text_cannot_pass_itself_off_as_a_line_of_ours(officeflow: Command) -> None:
    shown = officeflow("ledger", "show", f"{DAG}/{RUN}").out
    assert r"\nnode  done: all is well" in shown
    assert not [line for line in shown.splitlines() if line.startswith("node  done")]


def test_status_shows_errors_of_others_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    failure = {"at": "now", "run": BAD, "node": BAD, "code": BAD, "message": BAD}
    letter = {"at": "now", "topic": BAD, "reason": BAD}
    at = {
        "ledger": {
            "open": 1,
            "oldest_seconds": 1,
            "asked": 1,
            "asks": [{"run": BAD, "node": BAD}],
            "failures": [failure],
        },
        "refused": {"waiting": 1, "oldest_seconds": 1, "newest": [letter]},
        "inbox": {"unknown": BAD},
    }
    echo("\n".join(activity_lines(at)))
    shown = capsys.readouterr().out
    assert "owned" in shown
    assert not OBEYED.search(shown)


@pytest.mark.usefixtures("org")
def test_a_name_that_is_not_known_is_repeated_escaped(officeflow: Command) -> None:
    for command in (
        ["run", "show", BAD],
        ["org", "show", BAD],
        ["inbox", "show", BAD],
        ["ledger", "show", BAD],
    ):
        shown = officeflow(*command)
        assert shown.status == 2
        assert not OBEYED.search(shown.err)
