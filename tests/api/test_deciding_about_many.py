"""One decision about many runs, through the API."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from officeflow.api.context import Context
from officeflow.database.engine import Database
from officeflow.database.tables import AuditRecord, Organization, WorkflowRun
from officeflow.errors import Unavailable
from officeflow.rights.permissions import Role
from officeflow.runs.acts import RunRef
from officeflow.statuses import RunControl
from tests.api.runs import AirflowTasks, add_run, ago

pytestmark = pytest.mark.integration
Header = dict[str, str]
PATH = "/organizations/acme/runs"
WHY = "the office is closed"


@pytest.fixture
def tasks(context: Context, monkeypatch: pytest.MonkeyPatch) -> AirflowTasks:
    made = AirflowTasks(mail="failed", account="success", verdict="failed", edge__a="failed")
    monkeypatch.setattr(context, "airflow", lambda timeout=None: made)
    return made


@pytest.fixture
def runs(database: Database, org: Organization, tasks: AirflowTasks) -> list[RunRef]:
    """Three that run, begun one after the other."""
    return [
        add_run(database, org, "hire", f"E-{number}", status="RUNNING", started_at=ago(hours=9 - number))
        for number in range(3)
    ]


@pytest.fixture
def ask(anybody: TestClient, as_role: Callable[[Role], Header]) -> Callable[..., Any]:
    headers = as_role(Role.OPERATOR)

    def asked(what: str, *, key: str = "", **body: Any) -> Any:
        sent = headers | ({"Idempotency-Key": key} if key else {})
        return anybody.post(f"{PATH}/{what}", json={"why": WHY, **body}, headers=sent)

    return asked


def ids(runs: list[RunRef]) -> list[str]:
    return [str(run.run_id) for run in runs]


def outcomes(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 200, answer.text
    return [(each["outcome"], each["code"]) for each in answer.json()["items"]]


def audited(database: Database, org: Organization) -> Counter[tuple[str, str, str]]:
    with database.tenant(org.org_id) as session:
        records = session.scalars(select(AuditRecord)).all()
        return Counter((each.action, each.subject, each.details["why"]) for each in records)


def controls(database: Database, org: Organization) -> set[str]:
    with database.tenant(org.org_id) as session:
        return set(session.scalars(select(WorkflowRun.control)))


def test_each_run_that_is_named_has_an_answer_and_a_record_of_its_own(
    ask: Callable[..., Any],
    runs: list[RunRef],
    database: Database,
    org: Organization,
    other: Organization,
) -> None:
    ended = add_run(database, org, "hire", "E-9", status="SUCCEEDED", ended_at=ago(hours=1))
    foreign = add_run(database, other, "hire", "E-1", status="RUNNING")
    assert ask("pause", run_ids=ids(runs[:1])).json()["done"] == 1
    named = [*ids(runs), *ids(runs[1:2]), str(ended.run_id), str(foreign.run_id), str(uuid.uuid4())]
    answer = ask("pause", run_ids=named)
    assert outcomes(answer) == [
        ("already", ""),
        ("done", ""),
        ("done", ""),
        ("refused", "not_steerable"),
        ("refused", "not_known"),
        ("refused", "not_known"),
    ]
    told = answer.json()
    assert (told["done"], told["already"], told["refused"]) == (2, 1, 3)
    assert WHY in told["items"][0]["told"]
    assert "has ended" in told["items"][3]["told"]
    assert [each["run"] for each in told["items"][4:]] == ["", ""]
    assert audited(database, org) == {("run.paused", f"run:{run}", WHY): 1 for run in ids(runs)}
    with database.tenant(other.org_id) as session:
        assert session.get_one(WorkflowRun, foreign.run_id).control == ""


@pytest.mark.parametrize("what", ["pause", "cancel"])
def test_a_filter_is_obeyed_where_it_has_as_many_runs_as_were_seen(
    ask: Callable[..., Any], runs: list[RunRef], database: Database, org: Organization, what: str
) -> None:
    wanted = {"status": ["PENDING", "RUNNING"], "workflow": "acme__hire", "since": ago(hours=8.5).isoformat()}
    for expected in (1, 3):
        refused = ask(what, filter=wanted, expected=expected)
        assert (refused.status_code, refused.json()["code"]) == (409, "not_steerable")
        assert f"2 runs now, and {expected} were expected" in refused.json()["detail"]
    assert controls(database, org) == {""}
    answer = ask(what, filter=wanted, expected=2)
    assert [each["run_id"] for each in answer.json()["items"]] == ids(runs[1:])
    assert outcomes(answer) == [("done", ""), ("done", "")]
    assert controls(database, org) == {"", RunControl.PAUSE if what == "pause" else RunControl.CANCEL}


def test_what_came_under_a_key_is_answered_again_and_not_done_again(
    ask: Callable[..., Any], runs: list[RunRef], database: Database, org: Organization
) -> None:
    first = ask("pause", key="k", run_ids=ids(runs))
    ask("resume", run_ids=ids(runs))
    assert ask("pause", key="k", run_ids=ids(runs)).json() == first.json()
    assert controls(database, org) == {""}
    assert ask("pause", key="k", run_ids=ids(runs[:1])).status_code == 422


def test_failed_nodes_of_many_runs_try_again_and_no_task_that_is_no_node(
    ask: Callable[..., Any], runs: list[RunRef], tasks: AirflowTasks, database: Database, org: Organization
) -> None:
    answer = ask("retry", run_ids=ids(runs[:2]))
    assert outcomes(answer) == [("done", ""), ("done", "")]
    assert {each["told"] for each in answer.json()["items"]} == {"mail"}
    assert [each for each in tasks.asked if each[0] == "clear" and "mail" in each[1]] == [
        ("clear", ("mail",), True)
    ] * 2
    assert audited(database, org) == {("node.retried", f"run:{run}", WHY): 1 for run in ids(runs[:2])}
    tasks.tasks["mail"] = "success"
    assert outcomes(ask("retry", run_ids=ids(runs))) == [("already", "")] * 3


def test_while_airflow_is_away_each_is_refused_and_airflow_is_asked_once(
    ask: Callable[..., Any], runs: list[RunRef], tasks: AirflowTasks, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def away(dag_id: str, run_id: str) -> Any:
        asked.append(run_id)
        raise Unavailable("no answer from Airflow")

    monkeypatch.setattr(tasks, "task_instances", away)
    named = [*ids(runs[:1]), str(uuid.uuid4()), *ids(runs[1:])]
    assert outcomes(ask("retry", run_ids=named)) == [
        ("refused", "unavailable"),
        ("refused", "not_known"),
        ("refused", "unavailable"),
        ("refused", "unavailable"),
    ]
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({}, "body"),
        ({"run_ids": []}, "body.run_ids"),
        ({"run_ids": [str(uuid.uuid4()) for _ in range(101)]}, "body.run_ids"),
        ({"run_ids": [str(uuid.uuid4())], "filter": {}, "expected": 1}, "body"),
        ({"filter": {}}, "body"),
        ({"filter": {}, "expected": 501}, "body.expected"),
        ({"filter": {"statsu": []}, "expected": 1}, "body.filter.statsu"),
        ({"filter": {"workflow": "hrie"}, "expected": 1}, "body.filter.workflow"),
        ({"filter": {"version": 1}, "expected": 1}, "body.filter.version"),
    ],
)
def test_what_names_no_runs_is_refused_with_its_place(
    ask: Callable[..., Any], runs: list[RunRef], body: dict[str, Any], place: str
) -> None:
    answer = ask("cancel", **body)
    assert answer.status_code == 422
    assert [each["path"] for each in answer.json()["problems"]] == [place]


def test_who_may_not_steer_runs_steers_none(
    anybody: TestClient, as_role: Callable[[Role], Header], runs: list[RunRef]
) -> None:
    body = {"why": WHY, "run_ids": ids(runs)}
    for role in (Role.VIEWER, Role.AUDITOR):
        assert anybody.post(f"{PATH}/cancel", json=body, headers=as_role(role)).status_code == 403
