"""Questions to Airflow's tasks: who is away is said, what is fetched later, and comparisons one at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select, text, update

from officeflow.database.engine import Database
from officeflow.database.tables import Inquiry, Organization
from officeflow.errors import AlreadyAsked, NotKnown, Unavailable
from officeflow.ids import COMPARISONS, INQUIRIES
from officeflow.runner.inquiring import asking, store
from officeflow.runner.inquiring.store import Question
from officeflow.statuses import InquiryKind, InquiryState
from tests.nodes.test_inquiries import answered
from tests.nodes.world import World

pytestmark = pytest.mark.integration


class Airflow:
    """Says of the run and its task what a test wants; takes every run. `others` are the DAG's runs that go
    on, as often as they are asked for.
    """

    def __init__(self, run: str, task: str | None, *, others: int = 0) -> None:
        self.run, self.task, self.others = run, task, others
        self.began: list[str] = []
        self.since, self.is_paused = "2026-01-05T08:00:00Z", False

    def trigger(self, dag_id: str, dag_run_id: str, conf: Mapping[str, Any]) -> bool:
        del dag_run_id
        self.began.append(dag_id)
        return set(conf) == {"inquiry", "org"}

    def dag(self, dag_id: str) -> dict[str, Any]:
        return {"dag_id": dag_id, "is_paused": self.is_paused}

    def dag_runs(self, dag_id: str, **filters: Any) -> list[dict[str, Any]]:
        assert filters == {"state": ["running"], "limit": 1}
        self.others -= 1
        return [{"dag_id": dag_id}] if self.others >= 0 else []

    def dag_run(self, dag_id: str, run_id: str) -> dict[str, Any]:
        del dag_id
        if not self.run:
            raise NotKnown("there is no such run")
        return {"state": self.run, "dag_run_id": run_id, "start_date": self.since}

    def task_instances(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        del dag_id, run_id
        return [{"state": self.task}]

    def task_error(self, dag_id: str, run_id: str, task_id: str) -> str:
        del dag_id, run_id, task_id
        return "Killed"


@pytest.mark.parametrize(
    ("run", "task", "said"),
    [
        ("failed", "failed", "the task ended without an answer: Killed"),
        ("running", "queued", "no worker of Airflow has begun to look"),
        ("queued", None, "Airflow's scheduler has not come to the look"),
    ],
)
def test_who_is_away_is_said_and_nobody_takes_it_later(
    database: Database,
    org: Organization,
    monkeypatch: pytest.MonkeyPatch,
    run: str,
    task: str | None,
    said: str,
) -> None:
    monkeypatch.setattr(asking, "AIRFLOW_SECONDS", 0.0)
    airflow: Any = Airflow(run, task)
    told: list[str] = []
    inquiries = asking.Inquiries(database, airflow, told=told.append, untaken_seconds=0.3)
    question = Question(kind=InquiryKind.CONNECTION, request={"name": "x"}, subject="it", by="cli:ana")
    with pytest.raises(Unavailable, match=said):
        inquiries.ask(org.org_id, "acme", question)
    assert told == ["waiting for a worker"]
    with database.service() as session:
        assert session.scalars(select(Inquiry)).all() == []


def test_one_that_is_fetched_later_has_failed_where_its_task_ended_without_an_answer(
    world: World, database: Database, org: Organization
) -> None:
    question = Question(kind=InquiryKind.DRIFT, request={"names": ["scim"]}, subject="it", by="cli:ana")
    airflow: Any = Airflow("running", "running")
    inquiries = asking.Inquiries(database, airflow)
    begun = inquiries.begin(org.org_id, "acme", question)
    with pytest.raises(NotKnown):
        inquiries.standing(org.org_id, begun, InquiryKind.CONNECTION)
    assert inquiries.standing(org.org_id, begun, InquiryKind.DRIFT).state is InquiryState.ASKED
    airflow.run = "failed"
    lost = inquiries.standing(org.org_id, begun, InquiryKind.DRIFT)
    assert lost.state is InquiryState.FAILED
    assert asking.error_of(lost.result or {}).message == "the task ended without an answer: Killed"
    answered(world, database, org, begun, slow=True)
    found = inquiries.standing(org.org_id, begun, InquiryKind.DRIFT)
    assert (found.state, (found.result or {})["found"]) == (InquiryState.ANSWERED, 0)


def of_drift() -> Question:
    return Question(kind=InquiryKind.DRIFT, request={"names": ["scim"]}, subject="it", by="cli:ana")


def test_an_organization_has_one_comparison_that_has_not_ended_and_quick_looks_beside_it(
    world: World, database: Database, org: Organization
) -> None:
    airflow: Any = Airflow("running", "running")
    inquiries = asking.Inquiries(database, airflow)
    begun = inquiries.begin(org.org_id, "acme", of_drift())
    with pytest.raises(AlreadyAsked, match=str(begun)):
        inquiries.begin(org.org_id, "acme", of_drift())
    inquiries.begin(
        org.org_id, "acme", Question(kind=InquiryKind.CONNECTION, request={}, subject="it", by="cli:ana")
    )
    assert airflow.began == [COMPARISONS, INQUIRIES]
    answered(world, database, org, begun, slow=True)
    lost = inquiries.begin(org.org_id, "acme", of_drift())
    airflow.run = "failed"
    assert inquiries.begin(org.org_id, "acme", of_drift()) != lost, "it is in nobody's way"


def test_two_that_ask_for_a_comparison_at_once_get_one(database: Database, org: Organization) -> None:
    def second() -> None:
        with database.tenant(org.org_id) as session:
            store.put(session, org.org_id, of_drift())

    waits = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    with ThreadPoolExecutor(1) as threads, database.service() as looking:
        with database.tenant(org.org_id) as session:
            begun = store.put(session, org.org_id, of_drift())
            refused = threads.submit(second)
            while not looking.scalar(waits) and not refused.done():
                pass
        with pytest.raises(AlreadyAsked, match=str(begun)):
            refused.result()


def test_one_that_others_go_before_waits_for_its_turn_and_then_for_a_worker(
    database: Database, org: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "AIRFLOW_SECONDS", 0.0)
    airflow: Any = Airflow("queued", None, others=5)
    told: list[str] = []
    inquiries = asking.Inquiries(database, airflow, told=told.append, untaken_seconds=0.0)
    with pytest.raises(Unavailable, match="has not come to the look"):
        inquiries.ask(org.org_id, "acme", of_drift())
    assert (told, airflow.others) == (["waiting for a worker", "other comparisons go first"], -1)


@pytest.mark.parametrize(
    ("airflow", "age", "said"),
    [
        ({"is_paused": True}, 0, "the DAG officeflow_comparisons, which looks into systems, is paused"),
        ({"run": "queued", "task": None, "others": 1}, 0, "other comparisons go first"),
        (
            {"task": "queued"},
            61,
            "no worker of Airflow has begun to look for 60 s: none runs, or all are busy",
        ),
        ({"task": "queued"}, 50, ""),
        ({"task": "queued", "since": "2999-01-01T00:00:00Z"}, 61, ""),
        ({"run": ""}, 50, ""),
    ],
)
def test_one_that_is_fetched_later_says_what_keeps_it_from_beginning(
    database: Database, org: Organization, airflow: dict[str, Any], age: int, said: str
) -> None:
    there: Any = Airflow("running", "running")
    inquiries = asking.Inquiries(database, there)
    begun = inquiries.begin(org.org_id, "acme", of_drift())
    vars(there).update(airflow)
    _grow_older(database, age)
    seen = inquiries.standing(org.org_id, begun, InquiryKind.DRIFT)
    assert (seen.state, seen.problem) == (InquiryState.ASKED, said)


@pytest.mark.parametrize("is_taken", [True, False])
def test_one_whose_run_airflow_has_cleaned_away_has_failed_and_is_in_nobodys_way(
    database: Database, org: Organization, is_taken: bool
) -> None:
    airflow: Any = Airflow("running", "running")
    inquiries = asking.Inquiries(database, airflow)
    begun = inquiries.begin(org.org_id, "acme", of_drift())
    if is_taken:
        store.take(database, org.org_id, begun)
    else:
        _grow_older(database, 61)
    airflow.run = ""
    gone = inquiries.standing(org.org_id, begun, InquiryKind.DRIFT)
    assert gone.state is InquiryState.FAILED
    assert asking.error_of(gone.result or {}).message == "the task ended without an answer"
    assert inquiries.begin(org.org_id, "acme", of_drift()) != begun


def _grow_older(database: Database, seconds: int) -> None:
    with database.service() as session:
        session.execute(update(Inquiry).values(asked_at=Inquiry.asked_at - dt.timedelta(seconds=seconds)))
