"""Whole stories of people, from the events to the end, by the workflows of `docs/examples`: answered by
mailed link and by command, with dates that move, runs that are paused, undone and overtaken.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from officeflow.database.tables import AuditRecord, WorkflowRun
from officeflow.demo import evidence
from officeflow.demo.run import systems
from officeflow.demo.setup import load_definition
from officeflow.layout import ROOT
from officeflow.runs.follow import RunFound
from tests.e2e.conftest import Running, wait_for

pytestmark = pytest.mark.e2e

EXAMPLES = ROOT / "docs" / "examples"
STORIES = ("hire-to-day-30", "exit-all-or-nothing", "slow-onboarding", "exit-overtakes")
LEAD, SECURITY, DEPUTY, DESK = (f"{name}@acme.example" for name in ("lena.lead", "sam", "dora", "desk"))
LINK = re.compile(r"/answer/[^\s\"'<>]+")


@pytest.fixture(scope="module", autouse=True)
def office(running: Running) -> Iterator[None]:
    """People who answer, and the workflows. What the demonstration does at every exit would be in the way."""
    for email, role, login in (
        (LEAD, "operator", ()),
        (SECURITY, "operator", ()),
        (DESK, "operator", ()),
        (DEPUTY, "admin", ("--airflow-login", "admin")),
    ):
        done(running, "user", "create", "acme", email, "--name", email, "--role", role, *login)
    done(running, "user", "group", "add", "acme", "security", SECURITY)
    done(running, "user", "group", "add", "acme", "desk", DESK)
    done(
        running,
        "employee",
        "create",
        "acme",
        "M-1",
        "--field",
        f"work_email={LEAD}",
        "--field",
        "given_name=Lena",
    )
    done(running, "workflow", "deactivate", "exit", "--org", "acme")
    done(
        running, "workflow", "publish", *(str(EXAMPLES / f"{name}.json") for name in STORIES), "--org", "acme"
    )
    yield
    for name in STORIES:
        done(running, "workflow", "deactivate", name, "--org", "acme")
    again = running.cli(
        "workflow", "publish", "-", "--org", "acme", stdin=json.dumps(load_definition("exit.json"))
    )
    assert again.returncode == 0, again.stderr


def done(running: Running, *arguments: str, stdin: str | None = None) -> str:
    found = running.cli(*arguments, stdin=stdin)
    assert found.returncode == 0, f"{' '.join(arguments)}\n{found.stdout}{found.stderr}"
    return found.stdout


def as_admin(running: Running, *arguments: str) -> str:
    """A command that signs in to Airflow."""
    password = f"{running.stack.secrets['airflow_admin']}\n"
    return done(running, *arguments, "--login", "admin", "--password-stdin", stdin=password)


def send(running: Running, kind: str, employee: str, payload: Mapping[str, Any]) -> str:
    """The event happens now; its id."""
    return running.send(kind, employee, payload, at=dt.datetime.now(dt.UTC).isoformat())


def run_of(running: Running, event_id: str, workflow: str) -> RunFound:
    (run,) = [run for run in running.runs_of(event_id) if run.dag_id == f"acme__{workflow}"]
    return run


def row_of(running: Running, run: RunFound) -> WorkflowRun:
    with running.database.tenant(running.org.org_id) as session:
        return session.get_one(WorkflowRun, run.run_id)


def asks(running: Running, run: RunFound, node: str) -> None:
    """Wait until the node's task waits for an answer."""

    def is_asking() -> bool:
        tasks = running.api.task_instances(run.dag_id, run.dag_run_id)
        return any(task["task_id"] == node and task["state"] == "awaiting_input" for task in tasks)

    wait_for(is_asking, what=f"the question of {node}")


def link_to(running: Running, to: str, subject: str) -> str:
    """The link in the newest mail to this address with this in its subject, at the stack's own Airflow."""
    where = systems(running.stack)
    login = (where.inbox_login, where.inbox_password)

    def find() -> str:
        with httpx.Client(base_url=where.inbox_url, auth=login, timeout=20, trust_env=False) as client:
            messages = client.get("/messages/").raise_for_status().json()["messages"]
            mine = [m for m in messages if to in m["recipients"]["to"] and subject in m["subject"]]
            if not mine:
                return ""
            text = client.get(f"/messages/{mine[-1]['id']}.plain").raise_for_status().text
        found = LINK.search(text)
        assert found is not None, text
        return found.group()

    return f"{running.stack.airflow_url}{wait_for(find, what=f'a mail to {to}')}"


def press(link: str, choice: str, **fields: str) -> None:
    """Open it, which answers nothing, and press the button."""
    opened = httpx.get(link, timeout=20, trust_env=False)
    assert opened.status_code == 200, opened.text
    token = link.rpartition("/")[2]
    answered = httpx.post(
        link, data={"token": token, "choice": choice, **fields}, timeout=20, trust_env=False
    )
    assert answered.status_code == 200, answered.text


def account_of(running: Running, employee: str) -> tuple[evidence.AccountSeen, ...]:
    return evidence.accounts_at(systems(running.stack), f"{employee}@acme.example")


def day(days: int) -> str:
    return (dt.datetime.now(dt.UTC).date() + dt.timedelta(days=days)).isoformat()


def statuses(running: Running, run: RunFound) -> dict[str, str]:
    rows = evidence.ledger_of(running.database, running.org.org_id, run.run_id)
    return {row["node"]: str(row["status"]) for row in rows}


def test_hired_with_two_approvals_one_of_a_deputy_and_looked_at_on_day_thirty(running: Running) -> None:
    as_admin(
        running,
        "approval",
        "delegate",
        "--org",
        "acme",
        "--of",
        SECURITY,
        "--to",
        DEPUTY,
        "--to-day",
        day(30),
    )
    new = {
        "given_name": "Nia",
        "family_name": "Story",
        "department": "Legal",
        "start_date": day(-10),
        "time_zone": "Europe/Berlin",
        "manager_external_id": "M-1",
    }
    run = run_of(running, send(running, "employee.onboard", "ST-1", new), "hire-to-day-30")
    asks(running, run, "manager_says")
    asks(running, run, "security_says")
    assert account_of(running, "ST-1") == ()
    press(link_to(running, LEAD, "start on"), "Approve")
    listed = json.loads(as_admin(running, "approval", "list", "--json"))
    (request,) = [each for each in listed if "contracts" in each["subject"]]
    as_admin(running, "approval", "approve", request["request"])
    wait_for(lambda: account_of(running, "ST-1"), what="the account")

    def waits_until() -> str:
        waits = running.cli_json("run", "show", str(run.run_id))["waits"]
        return next((str(each["until"]) for each in waits if each["node"] == "day_30" and each["until"]), "")

    assert wait_for(waits_until, what="the wait for day 30").startswith(day(20))
    send(running, "employee.update", "ST-1", {"start_date": day(-31)})
    asks(running, run, "how_is_it")
    press(
        link_to(running, LEAD, "after 30 days"), "Submit", **{"field.stays": "yes", "field.note": "Well done"}
    )
    assert running.ended(run) == "success"
    assert set(statuses(running, run).values()) == {"SUCCEEDED"}
    with running.database.tenant(running.org.org_id) as session:
        query = select(AuditRecord.details).where(AuditRecord.action == "trial.checked")
        (details,) = session.scalars(query).all()
    assert details["stays"] is True
    shown = json.loads(as_admin(running, "approval", "show", request["request"], "--json"))
    assert SECURITY in json.dumps(shown)
    assert "admin" in json.dumps(shown)


def onboarding(running: Running, employee: str) -> RunFound:
    """Of somebody who has an account and waits for a laptop."""
    new = {"given_name": "Finn", "family_name": employee, "department": "Field", "start_date": day(3)}
    run = run_of(running, send(running, "employee.onboard", employee, new), "slow-onboarding")
    asks(running, run, "laptop")
    (account,) = account_of(running, employee)
    assert set(account.groups) == {"Everyone", "Staff"}
    return run


def test_paused_corrected_resumed(running: Running) -> None:
    run = onboarding(running, "ST-3")
    as_admin(running, "run", "pause", str(run.run_id), "--why", "his name is spelt otherwise")
    assert row_of(running, run).status == "PAUSED"
    press(link_to(running, DESK, "ST-3"), "Done", reason="number 17")
    send(running, "employee.update", "ST-3", {"family_name": "Corrected"})

    def is_held() -> bool:
        tasks = running.api.task_instances(run.dag_id, run.dag_run_id)
        states = {task["task_id"]: task["state"] for task in tasks}
        return states["laptop"] in {"success", "up_for_reschedule"} and states["record"] != "success"

    wait_for(is_held, what="the run to be held")
    assert "record" not in statuses(running, run)
    as_admin(running, "run", "resume", str(run.run_id), "--why", "it is right now")
    assert running.ended(run) == "success"
    wait_for(lambda: row_of(running, run).status == "SUCCEEDED", what="the end to be seen")
    assert set(statuses(running, run).values()) == {"SUCCEEDED"}


def test_an_exit_that_fails_half_way_is_undone(running: Running) -> None:
    hired = onboarding(running, "ST-2")
    press(link_to(running, DESK, "ST-2"), "Done", reason="number 16")
    assert running.ended(hired) == "success"
    run = run_of(
        running, send(running, "employee.exit", "ST-2", {"department": "Legal"}), "exit-all-or-nothing"
    )
    assert running.ended(run) == "failed"
    wait_for(lambda: row_of(running, run).status == "COMPENSATED", what="the run to be undone")
    (account,) = account_of(running, "ST-2")
    assert account.active
    assert set(account.groups) == {"Everyone", "Staff"}
    found = statuses(running, run)
    assert (found["no_groups"], found["suspend_account"]) == ("COMPENSATED", "COMPENSATED")


def test_an_exit_overtakes_a_running_onboarding(running: Running) -> None:
    run = onboarding(running, "ST-4")
    exit_run = run_of(
        running, send(running, "employee.exit", "ST-4", {"department": "Field"}), "exit-overtakes"
    )
    assert running.ended(run) == "failed"
    wait_for(lambda: row_of(running, run).status == "COMPENSATED", what="the onboarding to be undone")
    assert account_of(running, "ST-4") == ()
    assert running.ended(exit_run) == "success"
    assert "suspend_account" not in statuses(running, exit_run)
    ended, began = row_of(running, run).ended_at, row_of(running, exit_run)
    assert ended is not None
    assert began.ended_at is None or began.ended_at > ended
