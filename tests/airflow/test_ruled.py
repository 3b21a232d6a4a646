"""Nodes that ask people, wait for a date, and look again, in a real Airflow: access by rule, whose account it
was, and whether the doors are closed.
"""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from officeflow.api.paths import PATH as API_PATH
from officeflow.database.engine import Database
from officeflow.database.tables import AuditRecord, NodeRun
from officeflow.errors import NotKnown
from officeflow.ids import COMPARISONS
from officeflow.statuses import ActStatus, EmployeeStatus
from tests.airflow.embedded import EmbeddedAirflow, eventually
from tests.airflow.ruled import ORG, Ruled, address, has_account, is_deleted, is_in, leaves, opens
from tests.airflow.steered import SlowSystem
from tests.command import Command, Outcome
from tests.counterparts.scim import ScimServer

pytestmark = pytest.mark.integration

MOVE, RETURN, LEAVE = f"{ORG}__move", f"{ORG}__return", f"{ORG}__leave"
RULES = {
    "rules": [
        {"name": "everybody", "connections": {"directory": {"groups": ["Staff"]}}},
        {
            "name": "sales",
            "match": {"department": ["Sales"]},
            "connections": {"directory": {"groups": [{"name": "Sales", "sensitive": True}]}},
        },
        {
            "name": "engineering",
            "match": {"department": ["Engineering"]},
            "connections": {"directory": {"groups": ["Engineering"]}},
        },
    ]
}


@pytest.fixture(scope="module")
def ruled(airflow: EmbeddedAirflow) -> Iterator[Ruled]:
    with Database(airflow.setup.environment["OFFICEFLOW_DATABASE_URL"]) as database:
        yield Ruled(airflow, database)


@pytest.fixture
def command(
    officeflow: Command,
    ruled: Ruled,
    scim_server: ScimServer,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Iterator[Command]:
    """Of an operator whose organization has the directory `directory`, and the rules."""
    airflow = ruled.airflow
    monkeypatch.setenv("OFFICEFLOW_DATABASE_URL", airflow.setup.environment["OFFICEFLOW_DATABASE_URL"])
    monkeypatch.setenv("OFFICEFLOW_AIRFLOW_URL", airflow.setup.url)
    monkeypatch.setenv("OFFICEFLOW_AIRFLOW_PASSWORD", airflow.setup.service_password)
    airflow.api.put_connection(f"{ORG}.directory", "scim", host=scim_server.url, password=scim_server.token)
    (tmp_path / "rules.json").write_text(json.dumps(RULES))
    done = officeflow("access", "rules", "set", ORG, str(tmp_path / "rules.json"), "--why", "the test")
    assert done.status == 0, done.err
    yield officeflow
    airflow.api.delete_connection(f"{ORG}.directory")


def employed(ruled: Ruled, server: ScimServer, number: str, name: str, **account: Any) -> str:
    """A person of Engineering, with the account of one; its id."""
    ruled.employ(number, name, department="Engineering")
    made = has_account(server, address(name), externalId=number, **account)
    is_in(server, made, "Engineering")
    return made


def answered(ruled: Ruled, dag_id: str, run: str, choice: str, **filled_in: Any) -> None:
    """As Airflow's page does it, signed in as somebody who is asked."""
    ruled.airflow.answer(dag_id, run, ruled.asks(dag_id, run).node_key, choice, **filled_in)


def clear(ruled: Ruled, dag_id: str, run: str, *tasks: str) -> None:
    api = ruled.airflow.api
    before = {each["task_id"]: each["try_number"] for each in api.task_instances(dag_id, run)}
    assert [each["task_id"] for each in api.clear(dag_id, run, list(tasks))] == list(tasks)

    def began() -> bool:
        now = {each["task_id"]: each["try_number"] for each in api.task_instances(dag_id, run)}
        return all(now[task] > before[task] for task in tasks)

    eventually(began)


def test_a_mover_gets_what_is_plain_at_once_what_is_sensitive_after_a_yes_and_loses_the_rest_on_its_day(
    command: Command, ruled: Ruled, scim_server: ScimServer, capsys: pytest.CaptureFixture[str]
) -> None:
    for number, name in (("E-1", "Ana"), ("E-2", "Bob")):
        employed(ruled, scim_server, number, name)
    yes = ruled.arrives("employee.transfer", "E-1", department="Sales")[MOVE]
    no = ruled.arrives("employee.transfer", "E-2", department="Sales")[MOVE]
    capsys.readouterr()
    due = command("access", "of", ORG, "E-1", "--json").json
    assert {each["name"] for each in due["entitlements"]} == {"Staff", "Sales"}

    request = ruled.asks(MOVE, yes)
    assert "group Sales (sales)" in request.subject
    assert scim_server.groups_of(address("Ana")) == {"Engineering", "Staff"}
    password = ruled.airflow.setup.admin_password
    said = command(
        "approval", "approve", str(request.request_id), "--login", "admin", "--password-stdin", stdin=password
    )
    assert said.status == 0, said.err
    ruled.tell_airflow()
    answered(ruled, MOVE, no, "Reject", reason="not he")
    for run in (yes, no):
        ruled.await_date(MOVE, run, "apply_access")
    assert scim_server.groups_of(address("Ana")) == {"Engineering", "Staff", "Sales"}
    assert scim_server.groups_of(address("Bob")) == {"Engineering", "Staff"}

    written = scim_server.writes()
    clear(ruled, MOVE, yes, "apply_access")
    for run in (yes, no):
        ruled.await_date(MOVE, run, "apply_access")
    assert scim_server.writes() == written, "it waits on, whoever clears it"
    for run in (yes, no):
        ruled.passes(dt.timedelta(days=14), MOVE, run, "apply_access")
        assert ruled.airflow.await_run(run, dag_id=MOVE) == "success"
    assert scim_server.groups_of(address("Ana")) == {"Staff", "Sales"}
    assert scim_server.groups_of(address("Bob")) == {"Staff"}
    assert [each["method"] for each in scim_server.writes()[len(written) :]] == ["PATCH", "PATCH"]

    hers, his = (ruled.act(MOVE, run, "apply_access") for run in (yes, no))
    assert hers.output is not None
    assert his.output is not None
    assert (hers.output["added"]["groups"], hers.output["decided_by"]) == (["Sales", "Staff"], "admin")
    assert (his.output["added"]["groups"], his.output["refused"]["groups"]) == (["Staff"], ["Sales"])
    assert hers.output["removed"]["groups"] == his.output["removed"]["groups"] == ["Engineering"]
    coming, going = "group Sales (sales), group Staff (everybody)", "group Engineering (engineering)"
    assert steps(hers) == [
        f"found: the rules add {coming} and take away {going}",
        "changed: gave group Staff (everybody)",
        "read_back: it reads back so",
        "note: admin: yes to group Sales (sales)",
        "changed: gave group Sales (sales)",
        "read_back: it reads back so",
        "changed: took away group Engineering",
        "read_back: it reads back so",
    ]

    written = scim_server.writes()
    clear(ruled, MOVE, yes, "apply_access")
    assert ruled.airflow.await_run(yes, dag_id=MOVE) == "success"
    assert scim_server.writes() == written
    assert ruled.questions(MOVE, yes) == ruled.questions(MOVE, no) == 1


@pytest.mark.usefixtures("command")
def test_whose_account_it_was_is_asked_and_nothing_is_made_before_somebody_says(
    ruled: Ruled, scim_server: ScimServer
) -> None:
    runs = {}
    for number, name in (("E-3", "Cleo"), ("E-4", "Dana")):
        ruled.employ(number, name)
        has_account(scim_server, address(f"{name}.old"), active=False)
        has_account(scim_server, address(name), active=False)
        logins = {"login": address(f"{name}.new"), "former": address(f"{name}.old")}
        runs[number] = ruled.start(RETURN, number, **logins)
    forms = {number: ruled.asks(RETURN, run).form or {} for number, run in runs.items()}
    choices = forms["E-3"]["properties"]["account"]["enum"]
    assert len(choices) == 3
    made_before = scim_server.writes()
    answered(ruled, RETURN, runs["E-3"], "Submit", account=next(each for each in choices if ".old@" in each))
    answered(ruled, RETURN, runs["E-4"], "Submit", account=choices[-1])
    for run in runs.values():
        assert ruled.airflow.await_run(run, dag_id=RETURN) == "success"
    assert (scim_server.user(address("Cleo.old")) or {})["active"] is True
    assert scim_server.user(address("Cleo.new")) is None
    assert (scim_server.user(address("Dana.new")) or {})["externalId"] == "E-4"
    assert (scim_server.user(address("Dana")) or {})["active"] is False
    did = scim_server.writes()[len(made_before) :]
    assert sorted(each["method"] for each in did) == ["PATCH", "POST"]

    for run in runs.values():
        clear(ruled, RETURN, run, "correlate_account")
    for run in runs.values():
        assert ruled.airflow.await_run(run, dag_id=RETURN) == "success"
    assert scim_server.writes()[len(made_before) :] == did
    assert [ruled.questions(RETURN, run) for run in runs.values()] == [1, 1]


@pytest.mark.usefixtures("command")
def test_a_door_that_opens_again_behind_our_back_is_raised_a_day_later_and_a_closed_one_is_proved(
    ruled: Ruled, scim_server: ScimServer
) -> None:
    account = employed(ruled, scim_server, "E-5", "Eva", active=False)
    run, task = ruled.start(LEAVE, "E-5"), "verify_closed"
    ruled.await_date(LEAVE, run, task)
    ruled.passes(dt.timedelta(minutes=15), LEAVE, run, task)
    eventually(lambda: (ruled.act(LEAVE, run, task).progress or {}).get("looks") == 2)
    ruled.await_date(LEAVE, run, task)
    opens(scim_server, account, active=True)
    written = scim_server.writes()
    ruled.passes(dt.timedelta(days=1), LEAVE, run, task)
    assert ruled.airflow.await_run(run, dag_id=LEAVE) == "failed"
    failed = ruled.act(LEAVE, run, task)
    assert failed.status == ActStatus.FAILED
    told = (failed.error_details or {})["message"]
    assert f"open: directory {address('Eva')}: the account is active" in told
    opens(scim_server, account, active=False)
    clear(ruled, LEAVE, run, task)
    assert ruled.airflow.await_run(run, dag_id=LEAVE) == "success"
    proof = ruled.act(LEAVE, run, task)
    assert proof.output is not None
    assert (proof.output["closed"], proof.output["looks"]) == (True, 3)
    seen = f"directory {address('Eva')}: the account is"
    assert steps(failed) == [
        f"found: look 1: closed: {seen} suspended",
        f"found: look 2: closed: {seen} suspended",
        f"found: look 3: open: {seen} active",
    ]
    assert steps(proof) == [
        *steps(failed),
        f"found: look 3: closed: {seen} suspended",
        "read_back: every door is closed: 1 door",
    ]
    assert len(scim_server.writes()) == len(written) + 1, "the test's own"


def test_what_differs_is_told_by_the_command_and_raised_by_the_nightly_dag_and_nothing_where_nothing_does(
    command: Command, ruled: Ruled, scim_server: ScimServer, request: pytest.FixtureRequest
) -> None:
    beyond = employed(ruled, scim_server, "E-6", "Fay")
    ruled.employ("E-6", "Fay", department="Sales")
    left = employed(ruled, scim_server, "E-7", "Gus")
    ruled.employ("E-7", "Gus", status=EmployeeStatus.EXITED, end_date=dt.date(2026, 1, 31))
    nobodys = has_account(scim_server, address("backup"))
    written = scim_server.writes()
    eventually(lambda: knows(ruled, COMPARISONS))
    found = command("drift", ORG, "--json")
    assert (found.status, found.err) == (1, "")
    assert {(each["account"], each["employee"], each["told"]) for each in differences(found)} == {
        (address("Fay"), "E-6", "beyond the rules: group Engineering"),
        (address("Gus"), "E-7", "left, and the account is active"),
        (address("Gus"), "E-7", "beyond the rules: group Engineering"),
        (address("backup"), "", "nobody employs its person"),
    }
    table = command("drift", ORG, "directory")
    assert table.status == 1
    assert "directory: 3 accounts compared, 4 differences" in table.out

    night = Night(ruled)
    request.addfinalizer(night.end)
    assert night.compared(try_number=1) == "failed"
    log = night.log(try_number=1)
    assert "4 differences: {'directory': {'beyond': 2, 'leaver': 1, 'nobody': 1}}" in log
    assert not {address(name) for name in ("Fay", "Gus", "backup") if address(name) in log}
    assert scim_server.writes() == written

    for account in (left, nobodys):
        is_deleted(scim_server, account)
    leaves(scim_server, beyond, "Engineering")
    agreed = command("drift", ORG)
    assert (agreed.status, agreed.out) == (0, "directory: 1 account compared, 0 differences\n")
    assert night.compared(try_number=2) == "success"
    assert night.noted() == [4, 0]


@pytest.mark.usefixtures("command")
def test_a_comparison_that_is_withdrawn_has_its_task_ended_in_the_midst_of_a_call(ruled: Ruled) -> None:
    api, admin, slow = ruled.airflow.api, ruled.airflow.admin, SlowSystem()
    api.put_connection(f"{ORG}.directory", "scim", host=slow.url, extra={"timeout": 600})
    eventually(lambda: knows(ruled, COMPARISONS))
    where = f"{API_PATH}/organizations/{ORG}/drift"
    try:
        begun = admin._call("POST", where, json={}).json()["id"]
        assert slow.asked.wait(120)
        admin._call("DELETE", f"{where}/{begun}")
        run = f"inquiry__{begun}"
        assert ruled.airflow.await_run(run, dag_id=COMPARISONS) == "failed"
        assert slow.left.wait(90), "nobody waits for the system's answer any more"
        (task,) = api.task_instances(COMPARISONS, run)
        assert (task["state"], task["try_number"]) == ("failed", 1)
    finally:
        slow.close()


def steps(act: NodeRun) -> list[str]:
    """Its story, but for how the account is described."""
    return [
        f"{each['step']}: {each['text']}" for each in act.story if not each["text"].startswith("account ")
    ]


def knows(ruled: Ruled, dag: str) -> bool:
    try:
        return not ruled.airflow.api.dag(dag)["is_paused"]
    except NotKnown:
        return False


def differences(found: Outcome) -> list[dict[str, str]]:
    (directory,) = found.json["connections"]
    return list(directory["differences"])


class Night:
    """A run of the DAG that compares, of which the organization's task is looked at."""

    DAG = "officeflow_drift"

    def __init__(self, ruled: Ruled) -> None:
        self.ruled, self.api, self.run = ruled, ruled.airflow.api, f"test__{secrets.token_hex(4)}"
        eventually(self._is_known)
        self.api.set_paused(self.DAG, False)
        assert self.api.trigger(self.DAG, self.run, {})

    def end(self) -> None:
        """As it was: paused, and nothing is left to do of the run, which has a task for each organization."""
        self.api.set_paused(self.DAG, True)
        self.ruled.airflow.admin._call(
            "PATCH", f"/api/v2/dags/{self.DAG}/dagRuns/{self.run}", json={"state": "failed"}
        )

    def _is_known(self) -> bool:
        try:
            return self.api.dag(self.DAG)["is_paused"]
        except NotKnown:
            return False

    def compared(self, *, try_number: int) -> str:
        """How its task has ended in this try."""
        if try_number > 1:
            self.api.clear(self.DAG, self.run, [("compare", 0)])

        def ended() -> str:
            for each in self.api.task_instances(self.DAG, self.run):
                if (each["task_id"], each["map_index"], each["try_number"]) == ("compare", 0, try_number):
                    return each["state"] if each["state"] in {"failed", "success"} else ""
            return ""

        return eventually(ended)

    def log(self, *, try_number: int) -> str:
        return self.api.task_log(self.DAG, self.run, "compare", try_number, map_index=0)

    def noted(self) -> list[int]:
        """How many differences each comparison by night has found, as the audit log has it."""
        with self.ruled.database.tenant(self.ruled.org.org_id) as session:
            query = select(AuditRecord).filter_by(action="access.compared", actor="officeflow:drift")
            return [row.details["found"] for row in session.scalars(query.order_by(AuditRecord.position))]
