"""A run that was let go on after it was undone is undone once more, with Airflow's API played by a server
that keeps its rules.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from listeners.steward.run_watch import RunWatch
from officeflow.airflow_api.client import AirflowApi
from officeflow.database.engine import Database
from officeflow.database.tables import NodeRun, Organization, OutboxMessage, WorkflowRun
from officeflow.errors import Unavailable
from officeflow.ids import idempotency_key, new_id
from officeflow.runs import store
from officeflow.statuses import RunControl, RunStatus
from tests.dag_factory.conftest import Published
from tests.listeners.airflow_api import AirflowServer
from tests.listeners.conftest import row

EARLIER = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
UNDONE = EARLIER + dt.timedelta(minutes=1)
LATER = EARLIER + dt.timedelta(minutes=2)
DAG, RUN = "acme__hire", "manual__1"
ACCOUNT = {
    "id": "account",
    "type": "identity.create_account",
    "connection": "scim",
    "params": {"login": "ana@acme.example", "external_id": "1001"},
}


class Hire:
    """A run of a workflow that makes an account."""

    def __init__(self, database: Database, org: Organization, airflow: AirflowServer) -> None:
        self.database, self.org, self.airflow = database, org, airflow

    def draw(self, **fields: Any) -> None:
        drawn = {
            "slug": "hire",
            "name": "Hire",
            "trigger": {"events": ["employee.onboard"]},
            "nodes": [ACCOUNT],
            "edges": [],
            **fields,
        }
        Published(self.database, self.org).publish("hire", drawn)
        self.airflow.take(DAG, RUN, {}, by="ana", state="running")
        with self.database.service() as session:
            self.run = store.ensure_run(
                session,
                org_id=self.org.org_id,
                dag_id=DAG,
                dag_run_id=RUN,
                conf={},
                workflow="hire",
                version=1,
                status=RunStatus.RUNNING,
            )

    def acts(self, at: dt.datetime, status: str = "SUCCEEDED") -> None:
        key = idempotency_key(self.run.run_id, "account")
        with self.database.service() as session:
            session.add(
                NodeRun(
                    node_run_id=new_id(),
                    org_id=self.org.org_id,
                    run_id=self.run.run_id,
                    node_key="account",
                    node_type="identity.create_account",
                    effect="check_then_act",
                    status=status,
                    started_at=at,
                    ended_at=at,
                    output={"changed": True},
                    idempotency_key=key,
                )
            )

    def ends(self, verdict: str, undo: str = "success", *, undone: dt.datetime | None = UNDONE) -> None:
        began = undone.isoformat() if undone else None
        self.airflow.tasks[:] = [
            {"task_id": "verdict", "state": verdict, "start_date": None, "map_index": -1},
            {"task_id": "undo", "state": undo, "start_date": began, "map_index": -1},
        ]
        self.airflow.end(DAG, RUN, "failed", dt.datetime.now(dt.UTC))

    def told(self) -> list[str]:
        with self.database.service() as session:
            return [each.type for each in session.query(OutboxMessage).order_by(OutboxMessage.position)]

    @property
    def row(self) -> WorkflowRun:
        return row(self.database, self.run)

    @property
    def cleared(self) -> list[Any]:
        return [(body["task_ids"], body["reset_dag_runs"]) for body in self.airflow.cleared]


@pytest.fixture
def hire(database: Database, org: Organization, airflow: AirflowServer) -> Hire:
    return Hire(database, org, airflow)


@pytest.mark.parametrize(
    ("verdict", "drawn"),
    [("upstream_failed", {"onFailure": "undo"}), ("failed", {}), ("skipped", {})],
    ids=["failed", "cancelled", "marked"],
)
def test_what_was_done_after_the_undo_is_taken_back_before_the_end_is_noted(
    hire: Hire, watch: RunWatch, verdict: str, drawn: dict[str, Any]
) -> None:
    hire.draw(**drawn)
    hire.acts(LATER)
    hire.ends(verdict)
    before = hire.told()
    assert watch.follow() == 1
    assert hire.cleared == [(["undo"], True)]
    assert (hire.row.status, hire.row.ended_at) == ("COMPENSATING", None)
    assert hire.told() == before, "nobody is told of an end that is none"
    hire.ends(verdict, undone=LATER + dt.timedelta(minutes=1))
    watch.follow()
    assert hire.row.status == "FAILED"
    assert len(hire.cleared) == 1, "what could not be taken back then is not tried for ever"


def test_a_run_that_is_cancelled_after_it_went_on_stays_a_cancelled_one(hire: Hire, watch: RunWatch) -> None:
    hire.draw()
    hire.acts(LATER)
    with hire.database.service() as session:
        cancelled = session.get_one(WorkflowRun, hire.run.run_id)
        cancelled.control, cancelled.control_done_at = RunControl.CANCEL, dt.datetime.now(dt.UTC)
    hire.ends("failed")
    watch.follow()
    assert hire.row.status == "COMPENSATING"
    hire.ends("failed", undone=LATER + dt.timedelta(minutes=1))
    watch.follow()
    assert hire.row.status == "CANCELLED"


@pytest.mark.parametrize(
    ("at", "act", "verdict", "undo", "undone"),
    [
        (EARLIER, "SUCCEEDED", "failed", "success", UNDONE),
        (LATER, "COMPENSATED", "failed", "success", UNDONE),
        (LATER, "SUCCEEDED", "upstream_failed", "success", UNDONE),
        (LATER, "SUCCEEDED", "failed", "running", UNDONE),
        (LATER, "SUCCEEDED", "failed", "skipped", None),
    ],
    ids=["before_it", "taken_back", "kept", "at_it", "never_undone"],
)
def test_a_run_is_not_undone_again_without_need(
    hire: Hire,
    watch: RunWatch,
    at: dt.datetime,
    act: str,
    verdict: str,
    undo: str,
    undone: dt.datetime | None,
) -> None:
    hire.draw()
    hire.acts(at, act)
    hire.ends(verdict, undo, undone=undone)
    watch.follow()
    assert (hire.cleared, hire.row.status) == ([], "FAILED")


def test_an_end_is_noted_where_airflow_clears_nothing_and_waits_while_airflow_is_away(
    hire: Hire, watch: RunWatch
) -> None:
    hire.draw()
    hire.acts(LATER)
    hire.ends("failed")
    hire.airflow.unclearable[RUN] = 503
    with pytest.raises(Unavailable):
        watch.follow()
    assert hire.row.status == "RUNNING"
    hire.airflow.unclearable[RUN] = 403
    watch.follow()
    assert hire.row.status == "FAILED"


@pytest.mark.parametrize("ended_by", [None, "the other steward"], ids=["at_it", "over"])
def test_an_end_that_was_seen_before_the_undo_began_again_is_not_taken_for_the_one_after_it(
    hire: Hire, watch: RunWatch, monkeypatch: pytest.MonkeyPatch, ended_by: str | None
) -> None:
    """Two stewards see the same end; while one of them is about to write it down, the other lets the run be
    undone again.
    """
    hire.draw(onFailure="undo")
    hire.acts(LATER, "COMPENSATED")
    hire.ends("upstream_failed")
    first_end = hire.airflow.runs[DAG, RUN]["end_date"]
    listed = AirflowApi.dag_runs

    def undone_meanwhile(api: AirflowApi, dag_id: str = "~", **filters: Any) -> list[Any]:
        answer = listed(api, dag_id, **filters)
        if "end_date_gte" in filters:
            monkeypatch.setattr(AirflowApi, "dag_runs", listed)
            hire.airflow.restart(DAG, RUN, LATER)
            with hire.database.service() as session:
                run = session.get_one(WorkflowRun, hire.run.run_id)
                run.status, run.undone = RunStatus.COMPENSATING, {"state": "done", "taken_back": 1}
            if ended_by:
                hire.ends("upstream_failed", undone=LATER)
                RunWatch(hire.database, api).follow()
        return answer

    monkeypatch.setattr(AirflowApi, "dag_runs", undone_meanwhile)
    watch.follow()
    if not ended_by:
        assert (hire.row.status, hire.row.ended_at) == ("COMPENSATING", None)
        hire.ends("upstream_failed", undone=LATER)
    watch.follow()
    assert hire.row.status == "COMPENSATED"
    assert hire.row.ended_at == dt.datetime.fromisoformat(hire.airflow.runs[DAG, RUN]["end_date"])
    assert hire.row.ended_at != dt.datetime.fromisoformat(first_end)
