"""Runs of one person: beside, behind and instead of each other."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Sequence

import pytest
from sqlalchemy import select, update

from listeners.inbound.dispatch import Dispatcher
from listeners.inbound.options import Options
from listeners.steward.run_watch import RunWatch
from officeflow.airflow_api.client import AirflowApi
from officeflow.database.engine import Database
from officeflow.database.tables import (
    AuditRecord,
    InboxEvent,
    Organization,
    OutboxMessage,
    RunTurn,
    Workflow,
    WorkflowRun,
)
from officeflow.errors import Unavailable
from officeflow.events.inbox import database_time
from officeflow.runs import listing, waits
from officeflow.statuses import ENDED_RUNS, EventStatus, RunControl, RunStatus, ShownRunStatus, WaitsFor
from tests.listeners.airflow_api import AirflowServer
from tests.listeners.conftest import Arrive, Publish, event, eventually
from tests.listeners.inbound.conftest import Later, drain

JOIN, MOVE, LEAVE = "employee.onboard", "employee.transfer", "employee.exit"


class Office:
    """Workflows that events start, and their runs as Airflow and we have them."""

    def __init__(
        self,
        database: Database,
        dispatcher: Dispatcher,
        airflow: AirflowServer,
        publish: Publish,
        arrive: Arrive,
    ) -> None:
        self.database, self.dispatcher, self.airflow = database, dispatcher, airflow
        self._publish, self._arrive = publish, arrive

    def workflow(self, slug: str, kind: str, concurrency: str = "parallel") -> None:
        self._publish(slug, events=[kind])
        with self.database.service() as session:
            row = session.scalars(select(Workflow).where(Workflow.slug == slug)).one()
            row.definition = row.definition | {"concurrency": concurrency}

    def tell(self, number: int, kind: str, *, employee: str = "E1", minute: int | None = None) -> None:
        self._arrive(event(number, kind=kind, employee=employee, minute=number if minute is None else minute))
        drain(self.dispatcher)

    def let_go(self) -> int:
        number = 0
        while self.dispatcher.turns.start_next():
            number += 1
        return number

    @property
    def started(self) -> list[str]:
        """What Airflow has, in the order in which it got it."""
        return [dag_id.removeprefix("acme__") for dag_id, _ in self.airflow.runs]

    def runs(self) -> dict[str, WorkflowRun]:
        """By workflow; of several of one the newest."""
        with self.database.service() as session:
            rows = session.scalars(select(WorkflowRun).order_by(WorkflowRun.started_at)).all()
        return {row.dag_id.removeprefix("acme__"): row for row in rows}

    def become(self, slug: str, status: RunStatus) -> None:
        run = self.runs()[slug]
        with self.database.service() as session:
            row = session.get_one(WorkflowRun, run.run_id)
            row.status = status
            row.ended_at = database_time(session) if status in ENDED_RUNS else None

    def audited(self, action: str) -> Sequence[AuditRecord]:
        with self.database.service() as session:
            query = select(AuditRecord).where(AuditRecord.action == action)
            return session.scalars(query.order_by(AuditRecord.occurred_at)).all()

    def requested(self) -> int:
        """How many runs were announced as asked for."""
        asked = OutboxMessage.type == "officeflow.workflow.run.requested"
        with self.database.service() as session:
            return len(session.scalars(select(OutboxMessage).where(asked)).all())

    def event_row(self, number: int) -> InboxEvent:
        mine = InboxEvent.event_id == f"event-{number}"
        with self.database.service() as session:
            return session.scalars(select(InboxEvent).where(mine)).one()

    def patience_is_over(self) -> None:
        with self.database.service() as session:
            session.execute(update(RunTurn).values(beside_after=RunTurn.since))


@pytest.fixture
def office(
    org: Organization,
    database: Database,
    dispatcher: Dispatcher,
    airflow: AirflowServer,
    publish: Publish,
    arrive: Arrive,
) -> Office:
    return Office(database, dispatcher, airflow, publish, arrive)


class TestQueue:
    def test_a_run_begins_when_the_persons_earlier_one_has_ended(self, office: Office) -> None:
        office.workflow("join", JOIN)
        office.workflow("move", MOVE, "queue")
        office.tell(1, JOIN)
        office.tell(2, MOVE)
        assert office.started == ["join"]
        assert office.runs()["move"].status == RunStatus.PENDING
        assert office.let_go() == 0
        assert office.event_row(2).runs[0]["waits"] == "queue"
        (queued,) = office.audited("run.queued")
        assert queued.details["behind"] == [f"acme__join/{office.runs()['join'].dag_run_id}"]
        assert office.requested() == 1, "nothing was asked of Airflow for the other"

        office.become("join", RunStatus.SUCCEEDED)
        assert office.let_go() == 1
        assert office.started == ["join", "move"]
        assert "waits" not in office.event_row(2).runs[0]
        assert office.requested() == 2
        (came,) = office.audited("run.turn_came")
        assert (came.details["beside"], came.details["event_id"]) == ([], "event-2")
        assert office.let_go() == 0

    @pytest.mark.parametrize("status", [RunStatus.RUNNING, RunStatus.PAUSED, RunStatus.COMPENSATING])
    def test_whatever_an_earlier_one_is_at_it_is_waited_for(self, office: Office, status: RunStatus) -> None:
        office.workflow("join", JOIN)
        office.workflow("move", MOVE, "queue")
        office.tell(1, JOIN)
        office.become("join", status)
        office.tell(2, MOVE)
        assert office.let_go() == 0

    def test_a_run_that_waits_keeps_no_later_event_of_the_person_back(self, office: Office) -> None:
        office.workflow("join", JOIN)
        office.workflow("move", MOVE, "queue")
        office.workflow("note", "employee.update")
        for number, kind in enumerate((JOIN, MOVE, "employee.update"), 1):
            office.tell(number, kind)
        assert office.started == ["join", "note"]
        assert office.event_row(3).status == EventStatus.DISPATCHED

    def test_several_that_wait_begin_one_after_the_other_in_the_order_of_their_events(
        self, office: Office
    ) -> None:
        office.workflow("join", JOIN, "queue")
        office.workflow("move", MOVE, "queue")
        office.workflow("note", "employee.update", "queue")
        for number, kind in enumerate((JOIN, MOVE, "employee.update"), 1):
            office.tell(number, kind)
        for done, following in (("join", "move"), ("move", "note")):
            assert office.let_go() == 0
            office.become(done, RunStatus.FAILED)
            assert office.let_go() == 1
            assert office.started[-1] == following

    def test_two_events_at_once_start_one_run_and_the_other_waits(
        self, office: Office, arrive: Arrive
    ) -> None:
        office.workflow("join", JOIN, "queue")
        office.workflow("move", MOVE, "queue")
        arrive(event(1, kind=JOIN), event(2, kind=MOVE))
        drain(office.dispatcher)
        assert office.started == ["join"]

    def test_the_runs_of_one_event_do_not_wait_for_each_other(self, office: Office) -> None:
        office.workflow("accounts", JOIN, "queue")
        office.workflow("desk", JOIN, "replace")
        office.tell(1, JOIN)
        assert sorted(office.started) == ["accounts", "desk"]
        assert all(run.control == RunControl.NONE for run in office.runs().values())

    def test_the_runs_of_other_people_are_not_waited_for(self, office: Office) -> None:
        office.workflow("join", JOIN, "queue")
        for number in (1, 2):
            office.tell(number, JOIN, employee=f"E{number}")
        assert len(office.started) == 2

    def test_a_run_that_another_one_has_called_is_not_waited_for_by_itself(self, office: Office) -> None:
        office.workflow("join", JOIN)
        office.workflow("parent", "employee.update")
        office.workflow("move", MOVE, "queue")
        office.tell(1, JOIN)
        office.tell(2, "employee.update")
        runs = office.runs()
        with office.database.service() as session:
            child = session.get_one(WorkflowRun, runs["join"].run_id)
            child.parent_run_id = runs["parent"].run_id
        office.become("parent", RunStatus.SUCCEEDED)
        office.tell(3, MOVE)
        assert office.started[-1] == "move"

    def test_one_that_is_cancelled_while_it_waits_never_begins(self, office: Office) -> None:
        office.workflow("join", JOIN)
        office.workflow("move", MOVE, "queue")
        office.tell(1, JOIN)
        office.tell(2, MOVE)
        with office.database.service() as session:
            session.get_one(WorkflowRun, office.runs()["move"].run_id).control = RunControl.CANCEL
        office.become("join", RunStatus.SUCCEEDED)
        assert office.let_go() == 0
        office.become("move", RunStatus.CANCELLED)
        office.let_go()
        assert office.started == ["join"]
        with office.database.service() as session:
            assert session.scalars(select(RunTurn)).one().came_at is not None


class TestAnExit:
    def test_it_never_queues_and_those_that_wait_let_it_go_first(self, office: Office) -> None:
        office.workflow("join", JOIN)
        office.workflow("move", MOVE, "queue")
        office.workflow("leave", LEAVE, "queue")
        for number, kind in enumerate((JOIN, MOVE, LEAVE), 1):
            office.tell(number, kind)
        assert office.started == ["join", "leave"]
        office.become("join", RunStatus.SUCCEEDED)
        assert office.let_go() == 0, "the exit is under way"
        office.become("leave", RunStatus.SUCCEEDED)
        assert office.let_go() == 1
        assert office.started[-1] == "move"

    def test_with_replace_it_cancels_what_runs_and_what_waits(self, office: Office) -> None:
        office.workflow("join", JOIN)
        office.workflow("move", MOVE, "queue")
        office.workflow("leave", LEAVE, "replace")
        for number, kind in enumerate((JOIN, MOVE, LEAVE), 1):
            office.tell(number, kind)
        runs = office.runs()
        assert (runs["join"].control, runs["move"].control) == (RunControl.CANCEL, RunControl.CANCEL)
        assert runs["join"].control_by == "service:dispatcher"
        assert "replaced by acme__leave/" in runs["join"].control_why
        assert len(office.audited("run.replaced")) == len(office.audited("run.cancelled")) == 2
        assert office.let_go() == 0
        office.become("move", RunStatus.CANCELLED)
        office.become("join", RunStatus.COMPENSATED)
        office.let_go()
        assert office.started == ["join", "leave"]

    def test_no_transfer_undoes_it_and_a_rehire_does(self, office: Office) -> None:
        office.workflow("leave", LEAVE)
        office.workflow("move", MOVE, "replace")
        office.workflow("join", JOIN, "replace")
        office.tell(1, LEAVE)
        office.tell(2, MOVE)
        assert office.runs()["leave"].control == RunControl.NONE
        assert office.started == ["leave"]
        office.patience_is_over()
        assert office.let_go() == 0, "it waits for what it may not cancel, however long"
        office.tell(3, JOIN)
        assert office.runs()["leave"].control == RunControl.CANCEL

    def test_an_onboarding_that_comes_late_does_not_cancel_it(self, office: Office) -> None:
        office.workflow("leave", LEAVE)
        office.workflow("join", JOIN, "replace")
        office.tell(1, LEAVE, minute=30)
        office.tell(2, JOIN, minute=10)
        assert office.runs()["leave"].control == RunControl.NONE
        assert office.started == ["leave"]


class TestReplace:
    def replaced(self, office: Office) -> None:
        office.workflow("join", JOIN)
        office.workflow("move", MOVE, "replace")
        office.tell(1, JOIN)
        office.become("join", RunStatus.RUNNING)
        office.tell(2, MOVE)

    def test_it_begins_when_what_it_has_cancelled_is_undone(self, office: Office) -> None:
        self.replaced(office)
        assert office.runs()["join"].control == RunControl.CANCEL
        office.become("join", RunStatus.COMPENSATING)
        assert office.let_go() == 0
        office.become("join", RunStatus.COMPENSATED)
        assert office.let_go() == 1
        assert office.started == ["join", "move"]

    def test_when_its_patience_is_over_it_begins_beside_and_says_so(self, office: Office) -> None:
        self.replaced(office)
        office.patience_is_over()
        office.let_go()
        assert office.started == ["join", "move"]
        (came,) = office.audited("run.turn_came")
        assert came.details["beside"] == [f"acme__join/{office.runs()['join'].dag_run_id}"]

    def test_a_run_that_is_being_undone_already_is_waited_for_and_not_asked(self, office: Office) -> None:
        office.workflow("join", JOIN)
        office.workflow("move", MOVE, "replace")
        office.tell(1, JOIN)
        office.become("join", RunStatus.COMPENSATING)
        office.tell(2, MOVE)
        assert (office.runs()["join"].control, office.started) == (RunControl.NONE, ["join"])
        assert not office.audited("run.replaced")
        office.become("join", RunStatus.FAILED)
        assert office.let_go() == 1

    def test_where_nothing_runs_it_begins_at_once(self, office: Office) -> None:
        office.workflow("move", MOVE, "replace")
        office.tell(1, MOVE)
        assert office.started == ["move"]


class TestCrashes:
    def test_an_event_that_is_dispatched_again_queues_and_cancels_nothing_again(self, office: Office) -> None:
        TestReplace().replaced(office)
        with office.database.service() as session:
            session.execute(
                update(InboxEvent)
                .where(InboxEvent.event_id == "event-2")
                .values(status=EventStatus.RECEIVED, runs=[])
            )
        drain(office.dispatcher)
        assert office.started == ["join"]
        counted = [len(office.audited(f"run.{what}")) for what in ("queued", "replaced", "cancelled")]
        assert counted == [1, 1, 1]

    def test_a_process_that_dies_before_it_notes_the_start_starts_nothing_twice(self, office: Office) -> None:
        TestReplace().replaced(office)
        office.become("join", RunStatus.CANCELLED)
        office.let_go()
        with office.database.service() as session:
            session.execute(update(RunTurn).values(came_at=None))
        assert office.let_go() == 1
        assert office.started == ["join", "move"]

    def test_while_airflow_is_away_its_turn_waits(self, office: Office) -> None:
        TestReplace().replaced(office)
        office.become("join", RunStatus.CANCELLED)
        office.airflow.status = 503
        with pytest.raises(Unavailable):
            office.dispatcher.turns.start_next()
        office.airflow.status = None
        assert office.let_go() == 1

    def test_of_two_processes_one_starts_it(self, office: Office, api: AirflowApi) -> None:
        TestReplace().replaced(office)
        office.become("join", RunStatus.CANCELLED)
        stop, one = threading.Event(), Options(dispatchers=1)
        others = [Dispatcher(office.database, api, options=one, stop=stop) for _ in range(2)]
        for other in others:
            other.start()
        eventually(lambda: office.audited("run.turn_came"))
        stop.set()
        for other in others:
            other.join()
        assert (office.started, len(office.audited("run.turn_came"))) == (["join", "move"], 1)

    def test_a_dag_that_is_gone_is_waited_for_and_then_given_up(
        self, office: Office, time_later: Later
    ) -> None:
        TestReplace().replaced(office)
        office.become("join", RunStatus.CANCELLED)
        office.airflow.dags.discard("acme__move")
        assert office.let_go() == 1
        assert office.runs()["move"].status == RunStatus.PENDING
        time_later.passes(minutes=11)
        with office.database.service() as session:
            session.execute(update(RunTurn).values(due_at=RunTurn.since))
        office.let_go()
        assert office.runs()["move"].status == RunStatus.FAILED
        assert "acme__move" in (office.event_row(2).last_error or "")


def test_the_steward_does_not_take_a_run_that_waits_for_one_that_is_gone(
    office: Office, watch: RunWatch
) -> None:
    TestReplace().replaced(office)
    earlier = WorkflowRun.started_at - dt.timedelta(hours=1)
    with office.database.service() as session:
        session.execute(update(WorkflowRun).values(started_at=earlier))
    watch.check()
    assert office.runs()["move"].status == RunStatus.PENDING


def test_lists_of_runs_say_what_it_waits_for(office: Office) -> None:
    TestReplace().replaced(office)
    runs = office.runs()
    with office.database.service() as session:
        line = listing.line_of(session, runs["move"].run_id)
        (wait,) = waits.of_runs(session, [runs["move"].run_id])[runs["move"].run_id]
    assert (line.status, line.waits) == (ShownRunStatus.PENDING, (wait,))
    assert (wait.what, wait.node, wait.until is not None) == (WaitsFor.TURN, "", True)
    assert wait.why == f"it begins when these have ended: acme__join/{runs['join'].dag_run_id}"
