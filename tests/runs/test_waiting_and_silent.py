"""What waits is shown as waiting, and what failed before its act as failed, wherever somebody looks: list,
show, watch, status, doctor.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from officeflow.airflow_api.client import AirflowApi
from officeflow.cli.status import activity_lines
from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.database.tables import NodeRun, Organization, WorkflowRun
from officeflow.doctor import runs as doctor
from officeflow.doctor.examination import subject_of
from officeflow.doctor.finding import Subject
from officeflow.errors import AnswerNeeded, NotYet, OfficeFlowError
from officeflow.layout import Layout
from officeflow.monitoring.activity import activity
from officeflow.people import answers, groups, requests
from officeflow.runs import listing
from officeflow.runs.acts import ActRequest, Attempt, Done, RunRef
from officeflow.runs.follow import FINISHED, WAITING, NodeStep, RunFound, follow
from officeflow.runs.ledger import Ledger
from officeflow.sdk import Effect, Question
from officeflow.settings import load_settings
from officeflow.statuses import RequestKind
from officeflow.tenants import users
from tests.command import Command, officeflow
from tests.listeners.airflow_api import LOGIN, AirflowServer, airflow_server
from tests.runs.conftest import add_run, refuse

__all__ = ["officeflow"]

pytestmark = pytest.mark.integration

ASKS = AnswerNeeded(
    "waits for an answer: May E-1 see payroll?",
    question=Question(
        subject="May E-1 see payroll?", options=("Approve", "Reject"), timeout=dt.timedelta(days=2)
    ),
)
MISSING = {
    "timestamp": "2026-03-02T12:00:00Z",
    "level": "error",
    "event": "Task failed with exception",
    "error_detail": [{"exc_type": "ModuleNotFoundError", "exc_value": "No module named 'own_nodes'"}],
}


@pytest.fixture
def airflow(monkeypatch: pytest.MonkeyPatch) -> Iterator[AirflowServer]:
    """Airflow's API, and the settings that lead to it."""
    with airflow_server() as server:
        monkeypatch.setenv("OFFICEFLOW_AIRFLOW_URL", server.url)
        monkeypatch.setenv("OFFICEFLOW_AIRFLOW_USERNAME", LOGIN["username"])
        monkeypatch.setenv("OFFICEFLOW_AIRFLOW_PASSWORD", LOGIN["password"])
        yield server


@pytest.fixture
def subject(
    database_url: str, tmp_path: Path, airflow: AirflowServer, monkeypatch: pytest.MonkeyPatch
) -> Subject:
    monkeypatch.setenv("OFFICEFLOW_DATABASE_URL", database_url)
    return subject_of(Layout(home=tmp_path, servers=tmp_path))


@pytest.fixture
def run(database: Database, org: Organization, airflow: AirflowServer) -> RunRef:
    """A run of `acme__joiner` that runs."""
    ref = add_run(database, org, "joiner", "E-1", status="RUNNING")
    airflow.take(ref.dag_id, ref.dag_run_id, {}, by="ana", state="running")
    return ref


def waits(database: Database, run: RunRef, node: str, error: OfficeFlowError, *, node_type: str) -> None:
    def wait(_: Attempt) -> Done:
        raise error

    request = ActRequest(run=run, node=node, type=node_type, effect=Effect.PURE, params={})
    with pytest.raises(type(error)):
        Ledger(database, SystemClock()).once(request, wait)


def asks(database: Database, airflow: AirflowServer, run: RunRef, *, of: list[dict[str, str]]) -> None:
    """Its node `approve` asks."""
    waits(database, run, "approve", ASKS, node_type="human.approval")
    place = {"dag_id": run.dag_id, "dag_run_id": run.dag_run_id, "task_id": "approve", "map_index": -1}
    airflow.tasks = [{**place, "state": "awaiting_input", "start_date": "2026-03-02T12:00:00Z"}]
    question = {
        "subject": "May E-1 see payroll?",
        "options": ["Approve"],
        "assigned_users": of,
        "created_at": "2026-03-02T12:00:00Z",
    }
    airflow.questions = [{**question, "task_instance": airflow.tasks[0]}]


def status_lines(database_url: str, home: Path) -> dict[str, str]:
    away = load_settings(
        database_url=database_url, kafka_bootstrap="127.0.0.1:1", airflow_url="http://127.0.0.1:1"
    )
    lines = [line for line in activity_lines(activity(away, Layout(home=home, servers=home))) if line]
    return {line.split()[0]: line for line in lines}


def ended(database: Database, run: RunRef, **values: Any) -> None:
    with database.service() as session:
        changes = {"status": "FAILED", "ended_at": dt.datetime.now(dt.UTC), **values}
        session.execute(update(WorkflowRun).where(WorkflowRun.run_id == run.run_id).values(**changes))


def test_an_approval_is_shown_as_waiting_for_whom_since_when_until_when_and_where_to_answer(
    officeflow: Command,
    database: Database,
    database_url: str,
    airflow: AirflowServer,
    run: RunRef,
    tmp_path: Path,
) -> None:
    asks(database, airflow, run, of=[{"id": "7", "name": "Ben"}])
    in_two_days = f"{dt.datetime.now(dt.UTC) + dt.timedelta(days=2):%Y-%m-%d %H:}"
    [line] = [line for line in officeflow("run", "list").out.splitlines() if run.dag_id in line]
    assert "WAITING" in line
    assert "RUNNING" not in line
    assert "approve waits" in " ".join(officeflow("run", "list").out.split())
    assert [line["run_id"] for line in officeflow("run", "list", "--status", "waiting", "--json").json] == [
        str(run.run_id)
    ]
    assert officeflow("run", "list", "--status", "running", "--json").json == []
    where = f"{airflow.url}/dags/{run.dag_id}/runs/{run.dag_run_id}/required_actions"
    shown = officeflow("run", "show", str(run.run_id))
    assert f"(of Ben: {where})" in shown.out
    assert "answer_needed" not in shown.out
    told = officeflow("run", "show", str(run.run_id), "--json").json
    [wait] = told["waits"]
    assert (told["status"], wait["node"], wait["for"], wait["of"], wait["at"]) == (
        "WAITING",
        "approve",
        "answer",
        "Ben",
        where,
    )
    assert wait["until"].replace("T", " ").startswith(in_two_days)
    [line] = [line for name, line in status_lines(database_url, tmp_path).items() if name == "Waits"]
    assert (
        "1 question to people in Airflow's Required actions; acme__joiner/evt__joiner-E-1 approve since "
        in line
    )
    assert "1 waiting" in status_lines(database_url, tmp_path)["Runs"]


def test_what_waits_and_why_something_failed_is_told_while_a_run_is_followed(
    database: Database, airflow: AirflowServer, org: Organization, run: RunRef
) -> None:
    asks(database, airflow, run, of=[])
    waits(
        database,
        run,
        "later",
        NotYet("waits until tomorrow", until=dt.datetime.now(dt.UTC)),
        node_type="flow.delay",
    )
    refuse(database, run, "tell")
    airflow.failed, airflow.log = ["tell", "silent"], [MISSING]
    airflow.tasks.append({"task_id": "later", "state": "up_for_reschedule"})
    airflow.runs[run.dag_id, run.dag_run_id]["state"] = "failed"
    with AirflowApi(airflow.url, LOGIN["username"], LOGIN["password"], timeout=5) as api:
        found = RunFound(run.dag_id, run.dag_run_id, run.run_id)
        steps = [
            told
            for told in follow(api, database, org.org_id, found, shown=FINISHED | WAITING)
            if isinstance(told, NodeStep)
        ]
    told = {step.node: str(step) for step in steps}
    assert "waits for an answer since" in told["approve"]
    assert "(of whoever may change the run in Airflow: " in told["approve"]
    assert "waits for a time since" in told["later"]
    assert "invalid_parameters: the parameters cannot be computed" in told["tell"]
    assert "its log says: ModuleNotFoundError: No module named 'own_nodes'" in told["silent"]


def test_a_wait_is_over_when_its_node_goes_on(database: Database, run: RunRef) -> None:
    waits(database, run, "approve", ASKS, node_type="human.approval")
    request = ActRequest(run=run, node="approve", type="human.approval", effect=Effect.PURE, params={})

    def look(_: Attempt) -> Done:
        with database.service() as session:
            [row] = session.query(NodeRun).all()
            assert (row.status, row.error_details) == ("STARTED", None)
            assert listing.line_of(session, run.run_id).status == "RUNNING"
        return Done(output={})

    Ledger(database, SystemClock()).once(request, look)
    with database.service() as session:
        assert listing.line_of(session, run.run_id).waits == ()


def test_a_task_that_failed_before_its_act_is_explained_by_show_and_counted_and_named_by_status_and_doctor(
    officeflow: Command,
    database: Database,
    database_url: str,
    airflow: AirflowServer,
    subject: Subject,
    run: RunRef,
    tmp_path: Path,
) -> None:
    reason = {"node": "silent", "code": "task_failed", "message": "No module named 'own_nodes'", "fields": []}
    ended(database, run, error_details={"code": "run_failed", "nodes": ["silent"], "reasons": [reason]})
    airflow.failed, airflow.log = ["silent"], [MISSING]
    airflow.runs[run.dag_id, run.dag_run_id]["state"] = "failed"
    shown = " ".join(officeflow("run", "show", str(run.run_id)).out.split())
    assert "silent FAILED" in shown
    assert "its log says: ModuleNotFoundError: No module named 'own_nodes'" in shown
    assert "What failed is tried again by `" in shown
    assert "1 failed" in " ".join(officeflow("run", "list").out.split())
    lines = status_lines(database_url, tmp_path)
    assert "1 failed within a day" in lines["Runs"]
    assert any("silent: task_failed: No module named 'own_nodes'" in line for line in lines.values())
    says = [finding.says for finding in doctor.failed(subject)]
    assert says == [
        "1 run failed within a day",
        f"{run.dag_id}/{run.dag_run_id} failed at silent: task_failed: No module named 'own_nodes'",
    ]


def test_a_node_that_could_not_begin_is_in_the_list_and_among_the_last_errors(
    officeflow: Command, database: Database, database_url: str, run: RunRef, tmp_path: Path
) -> None:
    refuse(database, run, "tell")
    assert "1 could not begin" in " ".join(officeflow("run", "list").out.split())
    assert any(
        "tell: invalid_parameters: the parameters cannot be computed" in line
        for line in status_lines(database_url, tmp_path).values()
    )


def test_the_list_says_of_a_run_that_its_dag_is_paused(
    officeflow: Command, database: Database, org: Organization, airflow: AirflowServer
) -> None:
    pending = add_run(database, org, "mover", "E-3", status="PENDING")
    add_run(database, org, "gone", "E-4", status="PENDING")
    told = {"has_import_errors": False, "is_stale": False, "is_paused": True}
    airflow.hand_written[pending.dag_id] = {"tasks": [], "tags": [], **told}
    listed = {line.split()[0]: line for line in officeflow("run", "list").out.splitlines()}
    assert [line.endswith("its DAG is paused") for line in listed.values()].count(True) == 1
    assert listed[str(pending.run_id)[:8]].endswith("its DAG is paused")
    airflow.stop()
    assert officeflow("run", "list").status == 0


def test_show_says_why_a_run_does_not_begin(officeflow: Command, airflow: AirflowServer, run: RunRef) -> None:
    told = {"has_import_errors": True, "is_stale": False, "is_paused": True}
    airflow.hand_written[run.dag_id] = {"tasks": [], "tags": [], **told}
    about = officeflow("run", "show", str(run.run_id), "--json").json["about"]
    assert [text.partition(":")[0] for text in about] == [
        "Airflow cannot import its DAG's file",
        "its DAG is paused in Airflow",
    ]
    airflow.stop()
    assert "what Airflow says of it is not known" in officeflow("run", "show", str(run.run_id)).out


def test_doctor_names_failed_runs_that_the_steward_has_not_seen(
    database: Database, airflow: AirflowServer, subject: Subject, run: RunRef
) -> None:
    airflow.runs[run.dag_id, run.dag_run_id] |= {
        "state": "failed",
        "end_date": (dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)).isoformat(),
    }
    with database.service() as session:
        from officeflow.workflows import store
        from officeflow.workflows.models import Definition

        node = {"id": "note", "type": "audit.record", "params": {"action": "seen", "subject": "it"}}
        definition = {
            "slug": "joiner",
            "name": "Joiner",
            "trigger": {"events": ["employee.onboard"]},
            "nodes": [node],
            "edges": [],
        }
        store.lock_revisions(session)
        store.add_version(session, run.org_id, Definition.model_validate(definition), by="test")
    [unseen] = doctor.listed(subject)
    assert (
        unseen.says
        == f"{run.dag_id}/{run.dag_run_id} failed in Airflow and is not listed as failed: the steward has not"
        " seen it"
    )
    ended(database, run)
    [fine] = doctor.listed(subject)
    assert fine.says == "1 run of workflows failed in Airflow lately, all listed"
    airflow.runs.clear()
    [none] = doctor.listed(subject)
    assert none.says == "no run of a workflow failed in Airflow lately"


def test_doctor_says_of_a_run_that_failed_at_no_node_what_became_of_it(
    database: Database, subject: Subject, run: RunRef
) -> None:
    ended(
        database,
        run,
        error_details={"code": "run_vanished", "message": "Airflow has no such run: it was deleted there"},
    )
    says = [finding.says for finding in doctor.failed(subject)]
    assert says[1] == f"{run.dag_id}/{run.dag_run_id} failed: Airflow has no such run: it was deleted there"


def test_watching_ends_without_sending_anybody_to_look_for_what_it_has_told(
    officeflow: Command, database: Database, airflow: AirflowServer, run: RunRef
) -> None:
    asks(database, airflow, run, of=[{"id": "7", "name": "Ben"}])
    watched = officeflow("run", "watch", str(run.run_id), "--timeout", "0")
    assert watched.status == 3
    assert "waits for an answer since" in " ".join(watched.out.split())
    assert "did not end within 0 s" in watched.err
    assert "the Airflow UI shows" not in watched.err


def test_a_question_that_is_answered_says_by_whom_while_airflow_has_not_gone_on(
    officeflow: Command, database: Database, airflow: AirflowServer, org: Organization, run: RunRef
) -> None:
    asks(database, airflow, run, of=[])
    with database.tenant(org.org_id) as session:
        bea = users.create(
            session, org.org_id, email="bea@acme.example", name="Bea", role="viewer", airflow_login="bea"
        )
        groups.add(session, org.org_id, "it", bea.email, by="airflow:ana")
        question = Question(
            kind=RequestKind.APPROVAL,
            subject="May E-1 see payroll?",
            options=("Approve", "Reject"),
            asked=({"group": "it"},),
        )
        place = requests.Place(run_id=run.run_id, node="approve", act_key="approve")
        asked = requests.ask(session, place, question, now=dt.datetime.now(dt.UTC))
    assert "(of bea@acme.example: " in officeflow("run", "show", str(run.run_id)).out
    with database.tenant(org.org_id) as session:
        now = dt.datetime.now(dt.UTC)
        answers.answer(session, asked.request_id, choice="Approve", door="command", now=now, login="bea")
    said = f"already answered by bea at {now.isoformat(timespec='seconds')}"
    shown = officeflow("run", "show", str(run.run_id))
    assert f"goes on as soon as Airflow does: May E-1 see payroll? ({said})" in " ".join(shown.out.split())
    assert "whoever may change" not in shown.out
    assert f"approve {said}" in " ".join(officeflow("run", "list").out.split())
    [wait] = officeflow("run", "show", str(run.run_id), "--json").json["waits"]
    assert (wait["answered"], wait.get("of"), wait["until"]) == (said, None, None)
