"""Runs as the API lists and shows them, and starts them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import insert
from starlette.testclient import TestClient

from officeflow.api.context import Context
from officeflow.database.engine import Database
from officeflow.database.tables import AuditRecord, NodeRun, Organization, WorkflowRun
from officeflow.errors import NotYet, Rejected, Transient
from officeflow.rights.permissions import Role
from officeflow.runs.overview import overview
from officeflow.runs.refusals import SKIPPED
from officeflow.sdk import Effect
from officeflow.statuses import RevisionAction, ShownRunStatus
from officeflow.tenants import employees
from officeflow.workflows import store
from officeflow.workflows.models import Definition
from tests.api.runs import AirflowTasks, act, add_run, ago, refuse

pytestmark = pytest.mark.integration
Header = dict[str, str]
AsRole = Callable[[Role], Header]


@pytest.fixture
def tasks(context: Context, monkeypatch: pytest.MonkeyPatch) -> AirflowTasks:
    made = AirflowTasks()
    monkeypatch.setattr(context, "airflow", lambda timeout=None: made)
    return made


@pytest.fixture
def three(database: Database, org: Organization, other: Organization) -> dict[str, Any]:
    """One that failed, one that runs, one that has succeeded; and one of another organization."""
    failed = add_run(
        database,
        org,
        "hire",
        "E-1",
        status="FAILED",
        started_at=ago(hours=3),
        ended_at=ago(hours=2),
        error_details={"code": "run_failed", "nodes": ["groups"], "reasons": []},
        version=2,
    )
    act(database, failed, "account")
    act(database, failed, "groups", fails=Rejected("no such group"))
    running = add_run(database, org, "exit", "E-2", status="RUNNING", started_at=ago(hours=2))
    well = add_run(
        database, org, "hire", "E-3", status="SUCCEEDED", started_at=ago(hours=1), ended_at=ago(minutes=50)
    )
    add_run(database, other, "hire", "E-1", status="FAILED", started_at=ago(hours=1))
    return {"failed": failed, "running": running, "well": well}


class TestList:
    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ("", ["well", "running", "failed"]),
            ("sort=oldest", ["failed", "running", "well"]),
            ("status=FAILED", ["failed"]),
            ("status=FAILED&status=RUNNING", ["running", "failed"]),
            ("status=WAITING", []),
            ("workflow=acme__hire", ["well", "failed"]),
            ("workflow=acme__hire&version=2", ["failed"]),
            ("employee=E-2", ["running"]),
            ("attention=true", ["failed"]),
            ("attention=false", ["well", "running"]),
        ],
    )
    def test_filters(
        self, anybody: TestClient, as_role: AsRole, three: dict[str, Any], query: str, names: list[str]
    ) -> None:
        told = anybody.get(f"/organizations/acme/runs?{query}", headers=as_role(Role.VIEWER)).json()
        assert [each["run_id"] for each in told["items"]] == [str(three[name].run_id) for name in names]
        assert told["next"] is None

    def test_started_between(self, anybody: TestClient, as_role: AsRole, three: dict[str, Any]) -> None:
        window = {"since": ago(hours=2.5).isoformat(), "until": ago(hours=1.5).isoformat()}
        told = anybody.get("/organizations/acme/runs", params=window, headers=as_role(Role.VIEWER)).json()
        assert [each["run_id"] for each in told["items"]] == [str(three["running"].run_id)]

    def test_pages_have_each_run_once(
        self, anybody: TestClient, as_role: AsRole, three: dict[str, Any]
    ) -> None:
        headers, seen = as_role(Role.VIEWER), list[str]()
        cursor: str | None = ""
        while cursor is not None:
            page = {"limit": "1", "cursor": cursor}
            told = anybody.get("/organizations/acme/runs", params=page, headers=headers).json()
            seen += [each["run_id"] for each in told["items"]]
            cursor = told["next"]
        assert seen == [str(three[name].run_id) for name in ("well", "running", "failed")]

    def test_a_line_says_what_it_is_at(
        self, anybody: TestClient, as_role: AsRole, three: dict[str, Any]
    ) -> None:
        headers = as_role(Role.VIEWER)
        told = anybody.get("/organizations/acme/runs?status=FAILED", headers=headers).json()["items"][0]
        assert (told["employee"], told["failed"], told["needs_attention"]) == ("E-1", 1, True)
        assert told["error"]["nodes"] == ["groups"]
        assert told["airflow"].endswith(f"/dags/acme__hire/runs/{three['failed'].dag_run_id}")

    def test_an_open_run_needs_attention_when_nobody_knows_whether_a_node_was_done(
        self, anybody: TestClient, as_role: AsRole, three: dict[str, Any], database: Database
    ) -> None:
        act(
            database,
            three["running"],
            "mail",
            fails=Transient("", maybe_done=True),
            effect=Effect.AT_MOST_ONCE,
        )
        told = anybody.get("/organizations/acme/runs?attention=true", headers=as_role(Role.VIEWER)).json()
        assert [each["run_id"] for each in told["items"]] == [
            str(three["running"].run_id),
            str(three["failed"].run_id),
        ]

    def test_what_could_not_begin_needs_attention(
        self, anybody: TestClient, as_role: AsRole, three: dict[str, Any], database: Database
    ) -> None:
        refuse(database, three["running"], "mail")
        told = anybody.get("/organizations/acme/runs?attention=true", headers=as_role(Role.VIEWER)).json()
        assert str(three["running"].run_id) in [each["run_id"] for each in told["items"]]

    def test_a_node_that_somebody_gave_up_is_no_reason(
        self, anybody: TestClient, as_role: AsRole, three: dict[str, Any], database: Database
    ) -> None:
        act(database, three["running"], "account", fails=Rejected("no such licence"))
        refuse(database, three["running"], "account", error={"code": SKIPPED, "message": "not needed"})
        headers = as_role(Role.VIEWER)
        told = {
            wanted: anybody.get(f"/organizations/acme/runs?attention={wanted}", headers=headers).json()[
                "items"
            ]
            for wanted in ("true", "false")
        }
        [line] = [each for each in told["false"] if each["run_id"] == str(three["running"].run_id)]
        assert (line["needs_attention"], line["failed"], line["refused"]) == (False, 0, 0)
        assert [each["run_id"] for each in told["true"]] == [str(three["failed"].run_id)]

    def test_what_waits_is_listed_as_it_is_shown(
        self, anybody: TestClient, as_role: AsRole, three: dict[str, Any], database: Database
    ) -> None:
        """While a node acts beside one that waits, the run runs."""
        run, headers = three["running"], as_role(Role.VIEWER)

        def listed(status: str) -> list[tuple[str, int]]:
            told = anybody.get(f"/organizations/acme/runs?status={status}", headers=headers).json()
            return [(each["run_id"], len(each["waits"])) for each in told["items"]]

        act(database, run, "day30", fails=NotYet("its day has not come", until=ago(days=-3)))
        assert (listed("WAITING"), listed("RUNNING")) == ([(str(run.run_id), 1)], [])
        with database.tenant(run.org_id) as session:
            assert overview(session).open == {ShownRunStatus.WAITING: 1}
            acting = {"node_key": "mail", "status": "STARTED", "started_at": ago(minutes=1)}
            given = {"node_run_id": uuid.uuid4(), "idempotency_key": "mail", "node_type": "email.send"}
            session.execute(
                insert(NodeRun).values(
                    org_id=run.org_id, run_id=run.run_id, effect=Effect.KEYED, **given, **acting
                )
            )
            assert overview(session).open == {ShownRunStatus.RUNNING: 1}
        assert (listed("WAITING"), listed("RUNNING")) == ([], [(str(run.run_id), 1)])

    def test_an_unknown_workflow_is_told(self, anybody: TestClient, as_role: AsRole) -> None:
        answer = anybody.get("/organizations/acme/runs?workflow=hyre", headers=as_role(Role.VIEWER))
        assert (answer.status_code, answer.json()["problems"][0]["path"]) == (422, "query.workflow")

    def test_a_time_without_zone_is_refused(self, anybody: TestClient, as_role: AsRole) -> None:
        address = "/organizations/acme/runs?since=2026-03-01T09:00:00"
        assert anybody.get(address, headers=as_role(Role.VIEWER)).status_code == 422


class TestShow:
    def test_a_run_with_its_nodes(
        self, anybody: TestClient, as_role: AsRole, three: dict[str, Any], tasks: AirflowTasks
    ) -> None:
        tasks.tasks = {"account": "success", "groups": "failed"}
        address = f"/organizations/acme/runs/{three['failed'].run_id}"
        answer = anybody.get(address, headers=as_role(Role.VIEWER))
        told = answer.json()
        assert answer.status_code == 200, told
        assert [(each["node"], each["status"]) for each in told["nodes"]] == [
            ("account", "SUCCEEDED"),
            ("groups", "FAILED"),
        ]
        assert told["nodes"][1]["error"]["message"] == "no such group"
        assert told["nodes"][0]["airflow"].endswith("/tasks/account")
        assert told["event"]["employee"] == "E-1"
        assert told["unknown"] == ""

    def test_airflow_may_be_away(
        self, anybody: TestClient, as_role: AsRole, three: dict[str, Any], tasks: AirflowTasks
    ) -> None:
        tasks.knows = False
        address = f"/organizations/acme/runs/{three['failed'].run_id}"
        told = anybody.get(address, headers=as_role(Role.VIEWER)).json()
        assert "no such run" in told["unknown"]

    def test_the_run_of_another_organization_is_not_there(
        self, anybody: TestClient, as_role: AsRole, database: Database, other: Organization
    ) -> None:
        theirs = add_run(database, other, "hire", "E-9", status="RUNNING")
        answer = anybody.get(f"/organizations/acme/runs/{theirs.run_id}", headers=as_role(Role.ADMIN))
        assert (answer.status_code, answer.json()["code"]) == (404, "not_known")


def publish(database: Database, org: Organization) -> None:
    """A workflow `hire` of one node."""
    node = {"id": "note", "type": "flow.set", "params": {"values": {"a": 1}}}
    content = {
        "slug": "hire",
        "name": "Hire",
        "trigger": {"events": ["employee.onboard"]},
        "nodes": [node],
        "edges": [],
    }
    with database.service() as session:
        store.lock_revisions(session)
        made = store.add_version(session, org.org_id, Definition.model_validate(content), by="test")
        store.add_revision(session, made, RevisionAction.PUBLISH)


class TestStart:
    @pytest.fixture
    def hiring(self, database: Database, org: Organization) -> None:
        publish(database, org)
        with database.tenant(org.org_id) as session:
            employees.apply_event(
                session,
                org.org_id,
                kind="employee.onboard",
                external_id="E-1",
                event_id="e",
                event_time=ago(days=1),
                payload={},
                sensitive={},
            )

    def test_by_hand(
        self,
        anybody: TestClient,
        as_role: AsRole,
        tasks: AirflowTasks,
        hiring: None,
        database: Database,
        org: Organization,
    ) -> None:
        body = {"workflow": "hire", "employee": "E-1", "why": "the event was lost", "id": "r1"}
        headers = as_role(Role.OPERATOR) | {"X-Request-ID": "ticket-7"}
        answer = anybody.post("/organizations/acme/runs", json=body, headers=headers)
        told = answer.json()
        assert answer.status_code == 201, told
        assert answer.headers["location"].endswith(f"/organizations/acme/runs/{told['run_id']}")
        [conf] = tasks.triggered.values()
        assert conf["correlation_id"] == "ticket-7"
        with database.tenant(org.org_id) as session:
            run = session.get_one(WorkflowRun, uuid.UUID(told["run_id"]))
            assert run.started_by.startswith("operator-")
            [record] = session.query(AuditRecord).where(AuditRecord.action == "run.started")
            assert (record.actor, record.details["why"]) == (
                f"airflow:{run.started_by}",
                "the event was lost",
            )
        again = anybody.post("/organizations/acme/runs", json=body, headers=headers)
        assert (again.status_code, again.json()["started"]) == (200, False)

    def test_only_checked(
        self, anybody: TestClient, as_role: AsRole, tasks: AirflowTasks, hiring: None
    ) -> None:
        body = {"workflow": "hire", "employee": "E-1", "why": "would it start?"}
        address = "/organizations/acme/runs?dry_run=true"
        answer = anybody.post(address, json=body, headers=as_role(Role.OPERATOR))
        assert (answer.status_code, answer.json()["started"]) == (200, False)
        assert "E-1" in answer.json()["told"]
        assert tasks.triggered == {}

    def test_all_that_is_wrong_is_told(
        self, anybody: TestClient, as_role: AsRole, tasks: AirflowTasks, hiring: None
    ) -> None:
        body = {"workflow": "hire", "employee": "E-404", "why": "x"}
        answer = anybody.post("/organizations/acme/runs", json=body, headers=as_role(Role.OPERATOR))
        assert (answer.status_code, answer.json()["problems"][0]["path"]) == (422, "employee")

    def test_who_only_looks_may_not(self, anybody: TestClient, as_role: AsRole) -> None:
        body = {"workflow": "hire", "employee": "E-1", "why": "x"}
        answer = anybody.post("/organizations/acme/runs", json=body, headers=as_role(Role.VIEWER))
        assert (answer.status_code, answer.json()["permission"]) == (403, "run.start")
