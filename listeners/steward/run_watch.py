"""Keeps `workflow_runs` in step with Airflow."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from listeners import messages
from listeners.steward import trials
from listeners.steward.adoption import Adoption
from listeners.steward.late_acts import LateActs
from officeflow.airflow_api.client import AirflowApi
from officeflow.airflow_api.types import DagRun, DagRunState, TaskInstanceState
from officeflow.database.engine import Database
from officeflow.database.tables import InboxEvent, NodeRun, WorkflowRun
from officeflow.errors import NotKnown, OfficeFlowError
from officeflow.events.inbox import database_time
from officeflow.ids import workflow_run_id
from officeflow.runs import ending, refusals, states, turns
from officeflow.runs.failures import NO_WORD, RUN_VANISHED, TASK_FAILED, last_words_of, run_failed
from officeflow.runs.store import TRIAL, mark
from officeflow.statuses import ENDED_RUNS, UNDISPATCHED, ActStatus, RunStatus
from officeflow.workflows.undoing import UNDO, VERDICT

OVERLAP = dt.timedelta(seconds=5)
"""How far back is asked again: an end may be committed some time after its own date."""

CHECK_AFTER = dt.timedelta(minutes=2)
"""Age at which an open run is asked for by its id."""

CHECK_AT_ONCE = 10
"""Each costs the api-server a call, also in a minute in which thousands of runs only wait."""

STARTS_EVERY = dt.timedelta(seconds=10)
OPEN = (RunStatus.PENDING, RunStatus.RUNNING, RunStatus.PAUSED, RunStatus.COMPENSATING)
LOOK_BACK = dt.timedelta(days=7)
"""How far back is looked where no run of ours has ended yet."""

CLOCKS = dt.timedelta(minutes=1)
"""How far Airflow's clock and our database's may be apart. What began or ended longer before the last look is
not asked for again, though nothing has happened since.
"""

FIRST_OVERLAP = dt.timedelta(hours=1)
"""How far back is asked again by a steward that starts: ends are also written down by others than stewards.
"""

AT_ONCE = 1000
"""Runs that one statement names."""

ENDING = frozenset({VERDICT, UNDO})
"""Tasks that do not fail by themselves in a run that is undone: its row says why."""

LOGS_READ = 5
"""Of how many failed tasks of a run the log is looked into."""

StandsLate = Callable[[WorkflowRun, DagRun], bool]
"""Whether a run that failed was let go on after it was undone, and is undone once more now."""

TAKEN_BACK = frozenset({RunStatus.COMPENSATING, RunStatus.COMPENSATED})
ENDS = frozenset({DagRunState.SUCCESS, DagRunState.FAILED})

FailedTasks = Callable[[DagRun], Mapping[str, str]]
"""Gives the tasks of a run that Airflow calls failed, and why, as far as their logs tell."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Reach:
    """`since` when Airflow is asked for what has begun or ended, and when it was `asked` last."""

    since: dt.datetime
    asked: dt.datetime

    @property
    def text(self) -> str:
        return (self.since - OVERLAP).astimezone(dt.UTC).isoformat().replace("+00:00", "Z")

    def answered(self, dates: Iterable[str | None], now: dt.datetime) -> None:
        """These dates were in the answer, which came `now`. Though there was none, what lies long before
        the question is not asked for again.
        """
        known = (dt.datetime.fromisoformat(date) for date in dates if date)
        self.since = max(self.since, self.asked - CLOCKS, *known)
        self.asked = now


class RunWatch:
    """Sees runs start and end by Airflow's own dates.

    `follow` and `check` may each be called from one thread.

    Ages are taken by the database's clock; `seconds` only measures the pauses of this process.
    """

    def __init__(
        self,
        database: Database,
        api: AirflowApi,
        *,
        starts_every: dt.timedelta = STARTS_EVERY,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._api = api
        self._seconds = seconds
        self._starts_every = starts_every
        self._starts_seen: float | None = None
        self._adoption = Adoption(api, seconds=seconds)
        self._late_acts = LateActs(database, api)
        self._reaches: tuple[_Reach, _Reach, _Reach] | None = None
        self._checked: dt.datetime | None = None

    def follow(self) -> int:
        """Write down what began and ended since the last call, in the first one since the last end that is
        known or the oldest open run.

        A run that has no row gets one. Returns how much was news.
        """
        if self._reaches is None:
            since, now = self._looked_until()
            self._reaches = _Reach(since, now), _Reach(since, now), _Reach(since, now)
        started_reach, queued_reach, ended_reach = self._reaches
        asks_for_starts = self._starts_are_due()
        # each answer costs the api-server milliseconds for every run
        started = queued = []
        if asks_for_starts:
            started = self._api.dag_runs(
                start_date_gte=started_reach.text, state=[DagRunState.RUNNING], order_by="start_date"
            )
            queued = self._api.dag_runs(
                run_after_gte=queued_reach.text, state=[DagRunState.QUEUED], order_by="run_after"
            )
        ended = self._api.dag_runs(
            end_date_gte=ended_reach.text,
            state=[DagRunState.SUCCESS, DagRunState.FAILED],
            order_by="end_date",
        )
        news = 0
        uncertain: list[DagRun] = []
        with self._database.service() as session:
            for part in _batched([*started, *queued, *ended], AT_ONCE):
                news += self._adoption.adopt(session, part)
                news += self._note(session, part, uncertain)
            now = database_time(session)
        news += sum(self._note_as_it_is_now(run) for run in uncertain)
        ended_reach.answered((run["end_date"] for run in ended), now)
        if asks_for_starts:
            started_reach.answered((run["start_date"] for run in started), now)
            due = (run["run_after"] for run in queued if dt.datetime.fromisoformat(run["run_after"]) <= now)
            queued_reach.answered(due, now)
        return news

    def _starts_are_due(self) -> bool:
        """Runs that start, or wait to, are asked for now and then: a run's first node says by itself that it
        runs.
        """
        now = self._seconds()
        if self._starts_seen is not None and now - self._starts_seen < self._starts_every.total_seconds():
            return False
        self._starts_seen = now
        return True

    def check(self) -> int:
        """Ask for open runs one by one, the longest unasked first: an end that was missed is noted, a run
        that is gone has failed.

        Of a trial that Airflow does not have the ledger tells the end. A run whose event still waits to be
        dispatched, or that waits for its turn, is not there yet, and is left alone.
        """
        seen, gone = [], []
        uncertain: list[DagRun] = []
        for run in self._to_check():
            try:
                seen.append(self._api.dag_run(run.dag_id, run.dag_run_id))
            except NotKnown:
                gone.append(run.run_id)
        with self._database.service() as session:
            news = self._note(session, seen, uncertain)
            for lost in session.scalars(
                select(WorkflowRun)
                .where(WorkflowRun.run_id.in_(gone), WorkflowRun.status.in_(OPEN))
                .with_for_update()
            ):
                news += _end_without_airflow(session, lost)
        return news + sum(self._note_as_it_is_now(run) for run in uncertain)

    def _note(self, session: Session, seen: Iterable[DagRun], uncertain: list[DagRun]) -> int:
        return note(
            session,
            seen,
            failed_tasks=self._failed_tasks,
            stands_late=self._late_acts.undo,
            uncertain=uncertain,
        )

    def _note_as_it_is_now(self, run: DagRun) -> bool:
        """Ask for it while its row, and no other, is held."""
        run_id = workflow_run_id(run["dag_id"], run["dag_run_id"])
        with self._database.service() as session:
            row = session.get(WorkflowRun, run_id, with_for_update=True)
            try:
                now = self._api.dag_run(run["dag_id"], run["dag_run_id"])
            except NotKnown:
                return False
            return row is not None and _note(session, row, now, self._failed_tasks, self._late_acts.undo)

    def _failed_tasks(self, run: DagRun) -> Mapping[str, str]:
        """For a run that failed without a word of ours: a task's process was killed, or never came to its
        node.
        """
        try:
            tasks = [
                task
                for task in self._api.task_instances(run["dag_id"], run["dag_run_id"])
                if task["state"] == TaskInstanceState.FAILED
            ]
        except OfficeFlowError:
            return {}
        tasks.sort(key=lambda task: (task["task_id"], task.get("map_index", -1)))
        read = {task["task_id"]: last_words_of(self._api, task) for task in tasks[:LOGS_READ]}
        return read | {task["task_id"]: NO_WORD for task in tasks if task["task_id"] not in read}

    def _looked_until(self) -> tuple[dt.datetime, dt.datetime]:
        """What stewards before this one have not seen began or ended later than the first; the second is the
        present moment.

        Nobody but a steward has written down most ends.
        """
        with self._database.service() as session:
            oldest = session.scalar(
                select(func.min(WorkflowRun.started_at)).where(WorkflowRun.status.in_(OPEN))
            )
            ended = session.scalar(
                select(func.max(WorkflowRun.ended_at)).where(WorkflowRun.status.in_(ENDED_RUNS))
            )
            now = database_time(session)
            last = ended - FIRST_OVERLAP if ended else now - LOOK_BACK
            return min(last, oldest or last), now

    def _to_check(self) -> Sequence[WorkflowRun]:
        """The next open runs by age; after the last of them it starts with the oldest again."""
        waiting = (
            select(InboxEvent.inbox_id)
            .where(InboxEvent.org_id == WorkflowRun.org_id, InboxEvent.status.in_(UNDISPATCHED))
            .where(InboxEvent.correlation_id == WorkflowRun.correlation_id)
            .exists()
        )
        query = (
            select(WorkflowRun)
            .where(WorkflowRun.status.in_(OPEN), WorkflowRun.started_at < func.now() - CHECK_AFTER, ~waiting)
            .where(~turns.waits(WorkflowRun.run_id))
            .order_by(WorkflowRun.started_at)
            .limit(CHECK_AT_ONCE)
        )
        if self._checked is not None:
            query = query.where(WorkflowRun.started_at > self._checked)
        with self._database.service() as session:
            runs = session.scalars(query).all()
        self._checked = runs[-1].started_at if len(runs) == CHECK_AT_ONCE else None
        return runs


def note(
    session: Session,
    seen: Iterable[DagRun],
    *,
    failed_tasks: FailedTasks,
    stands_late: StandsLate,
    uncertain: list[DagRun],
) -> int:
    """Write down the states that Airflow was seen to give; runs that have no row of ours are passed over.

    Returns how many were news.

    `failed_tasks` is asked about a run that failed where neither the ledger nor a node says why. Before the
    end of one that failed is noted `stands_late` is asked. The end of one that is undone, or was, may be of
    before its undo began: it is `uncertain`, and not written down.
    """
    by_id = {workflow_run_id(run["dag_id"], run["dag_run_id"]): run for run in seen}
    rows = session.scalars(
        select(WorkflowRun)
        .where(WorkflowRun.run_id.in_(by_id))
        .order_by(WorkflowRun.run_id)
        .with_for_update()
    ).all()
    news = 0
    for row in rows:
        run = by_id[row.run_id]
        if row.status in TAKEN_BACK and _is_news(row, run) and run["state"] in ENDS:
            uncertain.append(run)
        else:
            news += _note(session, row, run, failed_tasks, stands_late)
    return news


def _is_news(row: WorkflowRun, seen: DagRun) -> bool:
    return row.status not in ENDED_RUNS or row.ended_at != _end_of(seen)


def _end_of(seen: DagRun) -> dt.datetime | None:
    return dt.datetime.fromisoformat(seen["end_date"]) if seen["end_date"] else None


def _note(
    session: Session, row: WorkflowRun, seen: DagRun, failed_tasks: FailedTasks, stands_late: StandsLate
) -> bool:
    had_ended, ended_at = row.status in ENDED_RUNS, _end_of(seen)
    is_news = _is_news(row, seen)
    if is_news and seen["state"] == DagRunState.FAILED and stands_late(row, seen):
        row.status, row.ended_at = RunStatus.COMPENSATING, None
        if had_ended:
            messages.run_resumed(session, row)
        return True
    error = (
        _failure(session, row, seen, failed_tasks)
        if is_news and seen["state"] == DagRunState.FAILED
        else None
    )
    if not mark(row, states.airflow_state(seen["state"]), ended_at=ended_at, error=error):
        return False
    if row.status in ENDED_RUNS:
        _tell_end(session, row)
    elif had_ended:
        messages.run_resumed(session, row)
    log.info(
        "run seen",
        dag_id=row.dag_id,
        run_id=str(row.run_id),
        status=row.status,
        correlation_id=row.correlation_id,
    )
    return True


def _end_without_airflow(session: Session, run: WorkflowRun) -> bool:
    now = database_time(session)
    if run.trigger_event == TRIAL:
        ended = trials.end(session, run, now=now)
    else:
        error = {"code": RUN_VANISHED, "message": "Airflow has no such run: it was deleted there"}
        if ended := mark(run, DagRunState.FAILED, ended_at=now, error=error):
            log.warning("a run has vanished", dag_id=run.dag_id, run_id=str(run.run_id))
    if ended:
        _tell_end(session, run)
    return ended


def _tell_end(session: Session, run: WorkflowRun) -> None:
    """To the world, to the run that called it, and to whoever was asked about it."""
    messages.run_ended(session, run)
    ending.note(session, run)


def _failure(
    session: Session, row: WorkflowRun, seen: DagRun, failed_tasks: FailedTasks
) -> Mapping[str, Any]:
    """Which nodes it failed at, by the ledger, and why others could not begin; else the tasks that Airflow
    calls failed.
    """
    unknown = (NodeRun.status == ActStatus.STARTED) & NodeRun.error_details.is_not(
        None
    )  # it may have been done, and no try is left
    ended = (NodeRun.run_id == row.run_id) & (
        NodeRun.status.in_([ActStatus.FAILED, ActStatus.ASKED]) | unknown
    )
    given_up = refusals.gives_up(NodeRun)
    nodes = session.scalars(select(NodeRun.node_key).where(ended, ~given_up).order_by(NodeRun.node_key)).all()
    reasons = refusals.reasons(refusals.of_run(session, row.run_id))
    if nodes or reasons:
        return run_failed(nodes, reasons)
    why = {
        task: text for task, text in failed_tasks(seen).items() if row.undone is None or task not in ENDING
    }
    said = [{"node": name, "code": TASK_FAILED, "message": text, "fields": []} for name, text in why.items()]
    return run_failed(why, said[: refusals.MOST_TOLD])


def _batched(runs: Sequence[DagRun], size: int) -> Iterator[Sequence[DagRun]]:
    for start in range(0, len(runs), size):
        yield runs[start : start + size]
