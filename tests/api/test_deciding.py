"""What people decide about runs, nodes and acts, through the API."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from officeflow.api.context import Context
from officeflow.database.engine import Database
from officeflow.database.tables import AuditRecord, NodeRun, Organization, WorkflowRun
from officeflow.errors import Transient
from officeflow.rights.permissions import Role
from officeflow.runs.acts import RunRef
from officeflow.sdk import Effect
from officeflow.statuses import ActStatus, RunStatus
from tests.api.runs import AirflowTasks, act, add_run, ago

pytestmark = pytest.mark.integration
Header = dict[str, str]
AsRole = Callable[[Role], Header]
WHY = {"why": "the office is closed"}


@pytest.fixture
def tasks(context: Context, monkeypatch: pytest.MonkeyPatch) -> AirflowTasks:
    made = AirflowTasks()
    monkeypatch.setattr(context, "airflow", lambda timeout=None: made)
    return made


@pytest.fixture
def run(database: Database, org: Organization, tasks: AirflowTasks) -> RunRef:
    return add_run(database, org, "hire", "E-1", status="RUNNING", started_at=ago(hours=1))


def audited(database: Database, org: Organization, action: str) -> Any:
    with database.tenant(org.org_id) as session:
        return session.scalars(select(AuditRecord).where(AuditRecord.action == action)).one()


def address(run: RunRef) -> str:
    return f"/organizations/acme/runs/{run.run_id}"


class TestSteering:
    def test_pause_and_resume(
        self, anybody: TestClient, as_role: AsRole, run: RunRef, database: Database, org: Organization
    ) -> None:
        headers = as_role(Role.OPERATOR)
        paused = anybody.post(f"{address(run)}/pause", json=WHY, headers=headers)
        assert (paused.status_code, paused.json()["changed"]) == (200, True)
        again = anybody.post(f"{address(run)}/pause", json=WHY, headers=headers).json()
        assert (again["changed"], "the office is closed" in again["told"]) == (False, True)
        record = audited(database, org, "run.paused")
        assert record.actor.startswith("airflow:operator-")
        assert record.details["why"] == "the office is closed"
        assert anybody.post(f"{address(run)}/resume", json=WHY, headers=headers).json()["changed"]
        with database.tenant(org.org_id) as session:
            assert session.get_one(WorkflowRun, run.run_id).status in {RunStatus.PENDING, RunStatus.RUNNING}

    def test_what_has_ended_is_not_cancelled(
        self, anybody: TestClient, as_role: AsRole, database: Database, org: Organization
    ) -> None:
        ended = add_run(database, org, "hire", "E-2", status="SUCCEEDED", ended_at=ago(hours=1))
        answer = anybody.post(f"{address(ended)}/cancel", json=WHY, headers=as_role(Role.OPERATOR))
        assert (answer.status_code, answer.json()["code"]) == (409, "not_steerable")

    def test_a_program_is_named_as_what_it_is(
        self,
        anybody: TestClient,
        program: Callable[..., str],
        run: RunRef,
        database: Database,
        org: Organization,
    ) -> None:
        headers = {"Authorization": f"Bearer {program(Role.OPERATOR)}"}
        assert anybody.post(f"{address(run)}/cancel", json=WHY, headers=headers).status_code == 200
        assert audited(database, org, "run.cancelled").actor.startswith("token:acme/hr-")

    @pytest.mark.parametrize("what", ["pause", "resume", "cancel"])
    def test_another_organizations_run_is_not_there(
        self, anybody: TestClient, as_role: AsRole, database: Database, other: Organization, what: str
    ) -> None:
        theirs = add_run(database, other, "hire", "E-1", status="RUNNING")
        headers = as_role(Role.ADMIN)
        answer = anybody.post(f"/organizations/acme/runs/{theirs.run_id}/{what}", json=WHY, headers=headers)
        assert answer.status_code == 404
        answer = anybody.post(f"/organizations/globex/runs/{theirs.run_id}/{what}", json=WHY, headers=headers)
        assert answer.status_code == 404
        with database.tenant(other.org_id) as session:
            assert session.get_one(WorkflowRun, theirs.run_id).control == ""

    def test_a_reason_is_needed(self, anybody: TestClient, as_role: AsRole, run: RunRef) -> None:
        answer = anybody.post(f"{address(run)}/pause", json={"why": ""}, headers=as_role(Role.OPERATOR))
        assert (answer.status_code, answer.json()["problems"][0]["path"]) == (422, "body.why")


class TestNodes:
    def test_what_failed_tries_again(
        self,
        anybody: TestClient,
        as_role: AsRole,
        run: RunRef,
        tasks: AirflowTasks,
        database: Database,
        org: Organization,
    ) -> None:
        tasks.tasks = {"account": "failed"}
        answer = anybody.post(f"{address(run)}/nodes/account/retry", json=WHY, headers=as_role(Role.OPERATOR))
        assert (answer.status_code, answer.json()["was"]) == (200, "failed")
        assert ("clear", ("account",), True) in tasks.asked
        assert audited(database, org, "node.retried").details["node"] == "account"

    def test_an_unknown_node_is_told(
        self, anybody: TestClient, as_role: AsRole, run: RunRef, tasks: AirflowTasks
    ) -> None:
        tasks.tasks = {"account": "failed"}
        answer = anybody.post(f"{address(run)}/nodes/acount/retry", json=WHY, headers=as_role(Role.OPERATOR))
        assert answer.status_code == 404
        assert "account" in answer.json()["hint"]

    def test_one_is_given_up(
        self,
        anybody: TestClient,
        as_role: AsRole,
        run: RunRef,
        tasks: AirflowTasks,
        database: Database,
        org: Organization,
    ) -> None:
        tasks.tasks = {"account": "failed"}
        headers = as_role(Role.OPERATOR)
        looked = anybody.get(f"{address(run)}/nodes/account/skip", headers=headers)
        assert (looked.status_code, looked.json()["read_by"], tasks.asked) == (200, [], [])
        done = anybody.post(f"{address(run)}/nodes/account/skip", json=WHY, headers=headers)
        assert done.status_code == 200
        assert tasks.asked[0][:2] == ("mark", "account")
        assert audited(database, org, "node.skipped").details["why"] == WHY["why"]

    def test_airflow_refusing_our_own_account_is_no_fault_of_the_caller(
        self,
        anybody: TestClient,
        as_role: AsRole,
        run: RunRef,
        tasks: AirflowTasks,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        from officeflow.airflow_api.errors import AirflowForbids

        def refuses(*_: Any) -> Any:
            raise AirflowForbids("Airflow answers 403")

        monkeypatch.setattr(tasks, "task_instances", refuses)
        answer = anybody.post(f"{address(run)}/nodes/account/retry", json=WHY, headers=as_role(Role.OPERATOR))
        assert answer.status_code == 503


class TestLedger:
    @pytest.fixture
    def lost(self, database: Database, run: RunRef) -> RunRef:
        """Nobody knows whether its mail was sent."""
        act(database, run, "account")
        act(database, run, "mail", fails=Transient("no answer", maybe_done=True), effect=Effect.AT_MOST_ONCE)
        return run

    def test_acts_with_their_story(self, anybody: TestClient, as_role: AsRole, lost: RunRef) -> None:
        told = anybody.get(f"{address(lost)}/acts", headers=as_role(Role.AUDITOR)).json()["items"]
        assert [(each["node"], each["status"]) for each in told] == [
            ("mail", "ASKED"),
            ("account", "SUCCEEDED"),
        ]
        assert told[1]["story"][0] == {"step": "changed", "text": "account for E-1"}
        assert "input" not in told[1]
        one = anybody.get(f"/organizations/acme/acts/{told[0]['act_id']}", headers=as_role(Role.AUDITOR))
        assert one.json()["error"]["maybe_done"]

    @pytest.mark.parametrize(
        ("query", "nodes"),
        [
            ("", ["mail", "account"]),
            ("status=ASKED", ["mail"]),
            ("node=account", ["account"]),
            ("type=email.send", []),
            ("employee=E-1&status=SUCCEEDED", ["account"]),
            ("employee=E-2", []),
        ],
    )
    def test_acts_across_runs(
        self, anybody: TestClient, as_role: AsRole, lost: RunRef, query: str, nodes: list[str]
    ) -> None:
        told = anybody.get(f"/organizations/acme/acts?{query}", headers=as_role(Role.OPERATOR)).json()
        assert [each["node"] for each in told["items"]] == nodes

    def test_another_organizations_acts_are_not_there(
        self, anybody: TestClient, as_role: AsRole, database: Database, other: Organization
    ) -> None:
        theirs = add_run(database, other, "hire", "E-1", status="RUNNING")
        act(database, theirs, "account")
        with database.tenant(other.org_id) as session:
            [act_id] = session.scalars(select(NodeRun.node_run_id))
        headers = as_role(Role.ADMIN)
        assert anybody.get("/organizations/acme/acts", headers=headers).json()["items"] == []
        assert anybody.get(f"/organizations/acme/acts/{act_id}", headers=headers).status_code == 404
        answer = anybody.get(f"/organizations/acme/runs/{theirs.run_id}/acts", headers=headers)
        assert answer.status_code == 404

    def test_a_person_says_that_it_was_done(
        self, anybody: TestClient, as_role: AsRole, lost: RunRef, database: Database, org: Organization
    ) -> None:
        body = {"done": True, "why": "it is in her mailbox", "output": {"id": "m-1"}}
        answer = anybody.post(f"{address(lost)}/nodes/mail/resolve", json=body, headers=as_role(Role.ADMIN))
        assert (answer.status_code, answer.json()) == (200, {"cleared": ["mail"], "left_in": None})
        with database.tenant(org.org_id) as session:
            row = session.scalars(select(NodeRun).where(NodeRun.node_key == "mail")).one()
            assert (row.status, row.whole_output) == (
                ActStatus.SUCCEEDED,
                {"changed": True, "id": "m-1"},
            )
        assert audited(database, org, "act.resolved").actor.startswith("airflow:admin-")

    def test_one_is_done_once_more(
        self, anybody: TestClient, as_role: AsRole, lost: RunRef, tasks: AirflowTasks
    ) -> None:
        answer = anybody.post(f"{address(lost)}/nodes/account/redo", json=WHY, headers=as_role(Role.ADMIN))
        assert (answer.status_code, answer.json()["generation"]) == (200, 2)
        assert ("clear", ("account",), False) in tasks.asked

    def test_who_operates_does_not_correct_the_ledger(
        self, anybody: TestClient, as_role: AsRole, lost: RunRef
    ) -> None:
        answer = anybody.post(f"{address(lost)}/nodes/account/redo", json=WHY, headers=as_role(Role.OPERATOR))
        assert (answer.status_code, answer.json()["permission"]) == (403, "ledger.correct")


class TestCompensation:
    def test_the_plan_changes_nothing(
        self, anybody: TestClient, as_role: AsRole, run: RunRef, database: Database, tasks: AirflowTasks
    ) -> None:
        act(database, run, "account")
        told = anybody.get(f"{address(run)}/compensation", headers=as_role(Role.VIEWER)).json()
        assert (told["status"], [each["acts"][0]["node"] for each in told["steps"]]) == (
            "RUNNING",
            ["account"],
        )
        assert tasks.asked == []

    def test_what_has_not_ended_is_cancelled_instead(
        self, anybody: TestClient, as_role: AsRole, run: RunRef
    ) -> None:
        answer = anybody.post(f"{address(run)}/compensation", json=WHY, headers=as_role(Role.OPERATOR))
        assert (answer.status_code, "cancel" in answer.json()["hint"]) == (422, True)

    def test_what_a_run_did_is_taken_back(
        self, anybody: TestClient, as_role: AsRole, database: Database, org: Organization, tasks: AirflowTasks
    ) -> None:
        ended = add_run(database, org, "hire", "E-3", status="SUCCEEDED", ended_at=ago(hours=1))
        act(database, ended, "account")
        answer = anybody.post(f"{address(ended)}/compensation", json=WHY, headers=as_role(Role.OPERATOR))
        assert answer.status_code == 202, answer.json()
        assert ("clear", ("undo",), False) in tasks.asked
        with database.tenant(org.org_id) as session:
            undone = session.get_one(WorkflowRun, uuid.UUID(str(ended.run_id))).undone
        assert undone is not None
        assert undone["by"].startswith("airflow:operator-")
