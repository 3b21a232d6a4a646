"""Nodes that wait for an event, with the dispatcher that brings it: both real, on PostgreSQL."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from sqlalchemy import select

from listeners.inbound.dispatch import Dispatcher
from officeflow.catalog.registry import node_type
from officeflow.database.engine import Database
from officeflow.database.tables import EventWait, InboxEvent, NodeRun, Organization, Wake, WorkflowRun
from officeflow.runner.run import run_node
from officeflow.runs.store import ensure_run
from officeflow.sdk import NodeInput, NodeResult
from officeflow.waiting import events
from tests.listeners.conftest import Arrive, event
from tests.listeners.inbound.conftest import Rows, drain
from tests.nodes.world import TestClock, none_opened, services_of

UPDATE = "employee.update"


class Waiting:
    """Runs of a node `it` that waits."""

    def __init__(self, database: Database, org: Organization) -> None:
        self.database, self.org, self.clock = database, org, TestClock()
        self.services = services_of(database, none_opened, self.clock)

    def look(
        self, run: str = "one", *, about: str = "E1", org: str = "acme", node: str = "it", **params: Any
    ) -> NodeResult:
        """As the platform does."""
        told = {
            "id": f"hire-{about}",
            "source": "hr",
            "kind": "employee.onboard",
            "org": org,
            "employee": about,
            "time": "2026-01-05T08:00:00Z",
            "payload": {"department": "Design"},
        }
        given = NodeInput(
            node=node,
            type="flow.wait_for_event",
            org=org,
            dag_id=f"{org}__waits",
            dag_run_id=run,
            params={"kinds": [UPDATE], **params},
            context={"event": told, "correlation_id": "c-1"},
        )
        return run_node(given, self.services)

    def waits(self) -> Sequence[EventWait]:
        with self.database.service() as session:
            return session.scalars(select(EventWait).order_by(EventWait.created_at)).all()

    def woken(self) -> list[str]:
        """The runs that are woken, by Airflow's id."""
        query = select(WorkflowRun.dag_run_id).join(Wake, Wake.run_id == WorkflowRun.run_id)
        with self.database.service() as session:
            return sorted(session.scalars(query))

    def woken_nodes(self) -> list[tuple[str, str]]:
        query = select(WorkflowRun.dag_run_id, Wake.node_key).join(Wake, Wake.run_id == WorkflowRun.run_id)
        with self.database.service() as session:
            return [(run, node) for run, node in session.execute(query)]


@pytest.fixture
def waiting(database: Database, org: Organization) -> Waiting:
    return Waiting(database, org)


def update(number: int = 1, *, person: str = "E1", **payload: Any) -> Mapping[str, Any]:
    return event(number, employee=person, kind=UPDATE, **payload)


def is_waiting(result: NodeResult) -> bool:
    return result.status == "retry" and result.reschedule_at is not None


def test_an_event_that_comes_wakes_the_node_which_is_given_what_may_be_shown_of_it(
    waiting: Waiting, dispatcher: Dispatcher, arrive: Arrive
) -> None:
    result = waiting.look()
    assert is_waiting(result)
    assert result.reschedule_at == waiting.clock.moment + dt.timedelta(hours=6)
    arrive(update(location="Lisbon", national_id="12345678Z"))
    drain(dispatcher)
    assert waiting.woken() == ["one"]
    done = waiting.look()
    assert done.status == "success"
    assert {name: done.output[name] for name in ("came", "kind", "id", "source", "employee", "payload")} == {
        "came": True,
        "kind": UPDATE,
        "id": "event-1",
        "source": "hr",
        "employee": "E1",
        "payload": {"location": "Lisbon"},
    }
    assert len(waiting.waits()) == 1


def test_an_event_that_came_since_the_run_began_is_found_at_once(
    waiting: Waiting, dispatcher: Dispatcher, arrive: Arrive
) -> None:
    arrive(update(1, location="Faro"))
    drain(dispatcher)
    with waiting.database.tenant(waiting.org.org_id) as session:
        ensure_run(session, org_id=waiting.org.org_id, dag_id="acme__waits", dag_run_id="one", conf={})
    arrive(update(2, location="Lisbon"), update(3, location="Porto"))
    drain(dispatcher)
    done = waiting.look()
    assert (done.status, done.output["id"]) == ("success", "event-2"), "the first since then, not one before"
    assert waiting.woken() == []


def test_an_event_that_is_being_dispatched_is_looked_for_again_soon(
    waiting: Waiting, dispatcher: Dispatcher, arrive: Arrive
) -> None:
    with waiting.database.tenant(waiting.org.org_id) as session:
        ensure_run(session, org_id=waiting.org.org_id, dag_id="acme__waits", dag_run_id="one", conf={})
    arrive(update(location="Lisbon"))
    result = waiting.look()
    assert is_waiting(result)
    assert result.reschedule_at == waiting.clock.moment + dt.timedelta(seconds=2)
    drain(dispatcher)
    assert waiting.look().output["id"] == "event-1"


@pytest.mark.parametrize("first", ["wait", "event"])
def test_whichever_is_committed_first_the_event_is_there_for_the_wait(
    waiting: Waiting,
    dispatcher: Dispatcher,
    arrive: Arrive,
    monkeypatch: pytest.MonkeyPatch,
    first: str,
) -> None:
    """The dispatcher looks for waits in the moment between the note of one and its look into the inbox, or
    just before the note; it has told nobody yet that the event is dispatched.
    """
    ensured, noted, offered = [], events.note, events.offer

    def note(session: Any, wait: Any) -> None:
        if first == "event":
            dispatch()
            noted(session, wait)
        else:
            with waiting.database.tenant(waiting.org.org_id) as other:
                noted(other, wait)
            dispatch()

    def dispatch() -> None:
        """The event's own transaction is committed; the dispatcher's note that it is done is not."""
        arrive(update(location="Lisbon"))
        with waiting.database.service() as session:
            row = session.scalars(select(InboxEvent)).one()
        with waiting.database.tenant(waiting.org.org_id) as session:
            ensured.append(offered(session, row, {"event": events.shown(row, "acme")}))

    with waiting.database.tenant(waiting.org.org_id) as session:
        ensure_run(session, org_id=waiting.org.org_id, dag_id="acme__waits", dag_run_id="one", conf={})
    monkeypatch.setattr(events, "note", note)
    result = waiting.look()
    monkeypatch.undo()
    assert ensured == [1 if first == "wait" else 0]
    if first == "event":
        assert result.reschedule_at == waiting.clock.moment + dt.timedelta(seconds=2)
        drain(dispatcher)
        result = waiting.look()
    assert (result.status, result.output["id"]) == ("success", "event-1")


def test_an_event_that_two_wait_for_wakes_both(
    waiting: Waiting, dispatcher: Dispatcher, arrive: Arrive
) -> None:
    waiting.look("one")
    waiting.look("two", match="event.payload.location == 'Lisbon'")
    waiting.look("other", match="event.payload.location == 'Faro'")
    waiting.look("somebody else's", about="E2")
    arrive(update(location="Lisbon"))
    drain(dispatcher)
    assert waiting.woken() == ["one", "two"]
    assert [waiting.look(run).status for run in ("one",)] == ["success"]
    assert waiting.look("two", match="event.payload.location == 'Lisbon'").status == "success"
    assert is_waiting(waiting.look("other", match="event.payload.location == 'Faro'"))


def test_an_event_that_two_waits_of_one_run_match_lets_both_go_on_and_one_that_begins_later_too(
    waiting: Waiting, dispatcher: Dispatcher, arrive: Arrive
) -> None:
    waiting.look(node="office")
    waiting.look(node="city", match="has(event.payload.location)")
    waiting.look(node="role", match="has(event.payload.job_title)")
    arrive(update(1, location="Lisbon"))
    drain(dispatcher)
    assert sorted(waiting.woken_nodes()) == [("one", "city"), ("one", "office")]
    given = [
        waiting.look(node="office"),
        waiting.look(node="city", match="has(event.payload.location)"),
        waiting.look(node="later"),
    ]
    assert [done.output["id"] for done in given] == ["event-1"] * 3, "all since the run began count"
    assert is_waiting(waiting.look(node="role", match="has(event.payload.job_title)"))
    another = {"node": "another", "match": "event.id != nodes.office.output.id"}
    assert is_waiting(waiting.look(**another))
    arrive(update(2, location="Faro"))
    drain(dispatcher)
    assert waiting.look(**another).output["id"] == "event-2"
    assert waiting.look(node="office").output["id"] == "event-1"


def test_an_event_is_taken_once_by_a_wait_and_the_first_stays(
    waiting: Waiting, dispatcher: Dispatcher, arrive: Arrive
) -> None:
    waiting.look()
    arrive(update(1, location="Lisbon"), update(2, location="Faro"))
    drain(dispatcher)
    assert waiting.woken() == ["one"]
    assert waiting.look().output["id"] == "event-1"
    assert waiting.look().output["id"] == "event-1"


def test_another_persons_event_and_another_kind_are_not_what_is_waited_for(
    waiting: Waiting, dispatcher: Dispatcher, arrive: Arrive
) -> None:
    waiting.look()
    arrive(update(1, person="E2"), event(2, kind="employee.transfer", department="Sales"))
    drain(dispatcher)
    assert waiting.woken() == []


def test_anybodys_event_that_matches_what_the_run_knew_when_the_wait_began(
    waiting: Waiting, dispatcher: Dispatcher, arrive: Arrive
) -> None:
    match = "event.employee != run.id && event.payload.department == org.name"

    def look() -> NodeResult:
        return waiting.look(person="any", match=match)

    assert is_waiting(look())
    arrive(update(1, person="E2", department="Design"))
    drain(dispatcher)
    assert waiting.woken() == []
    arrive(update(2, person="E3", department="Acme"))
    drain(dispatcher)
    assert waiting.woken() == ["one"]
    assert look().output["employee"] == "E3"


def test_an_expression_that_fails_on_an_event_fails_its_own_node_and_nobody_elses(
    waiting: Waiting, dispatcher: Dispatcher, arrive: Arrive, rows: Rows
) -> None:
    broken = {"match": "event.payload.location > 3"}
    waiting.look("one", **broken)
    waiting.look("two")
    arrive(update(location="Lisbon"))
    drain(dispatcher)
    assert rows()[0].last_error is None
    assert waiting.woken() == ["one", "two"]
    failed = waiting.look("one", **broken)
    assert failed.status == "failed"
    assert failed.error is not None
    assert failed.error.code == "invalid_expression"
    for part in ("params.match", "event.payload.location > 3", f"{UPDATE} event-1 from hr"):
        assert part in failed.error.message
    assert waiting.look("two").status == "success"


def test_an_expression_that_fails_on_an_event_that_came_before_fails_as_clearly(
    waiting: Waiting, dispatcher: Dispatcher, arrive: Arrive
) -> None:
    with waiting.database.tenant(waiting.org.org_id) as session:
        ensure_run(session, org_id=waiting.org.org_id, dag_id="acme__waits", dag_run_id="one", conf={})
    arrive(update(location="Lisbon"))
    drain(dispatcher)
    failed = waiting.look(match="event.payload.location > 3")
    assert failed.error is not None
    assert "params.match, for the event" in failed.error.message


def test_where_none_comes_in_time_the_node_fails_or_says_so(waiting: Waiting) -> None:
    both = {"one": {"timeout": "P2D"}, "two": {"timeout": "P2D", "on_timeout": "go_on"}}
    for run, params in both.items():
        result = waiting.look(run, **params)
        assert result.reschedule_at == waiting.clock.moment + dt.timedelta(days=2)
    waiting.clock.moment += dt.timedelta(days=2)
    failed, done = (waiting.look(run, **params) for run, params in both.items())
    assert failed.status == "failed"
    assert failed.error is not None
    assert failed.error.message == "no employee.update came in time of E1"
    assert (done.status, done.output["came"], done.output["payload"]) == ("success", False, None)


def test_an_event_after_the_deadline_comes_too_late(
    waiting: Waiting, dispatcher: Dispatcher, arrive: Arrive
) -> None:
    params = {
        "until": (waiting.clock.moment + dt.timedelta(microseconds=1)).isoformat(),
        "on_timeout": "go_on",
    }
    waiting.look(**params)
    arrive(update(location="Lisbon"))
    drain(dispatcher)
    assert waiting.woken() == []
    waiting.clock.moment += dt.timedelta(minutes=2)
    assert waiting.look(**params).output["came"] is False


def test_a_deadline_that_is_past_is_not_waited_for(waiting: Waiting) -> None:
    result = waiting.look(until="2020-02-29T00:00:00Z", on_timeout="go_on")
    assert (result.status, result.output["came"]) == ("success", False)


def test_a_run_that_ended_and_goes_on_waits_again(
    waiting: Waiting, dispatcher: Dispatcher, arrive: Arrive
) -> None:
    waiting.look()
    with waiting.database.service() as session:
        events.end_all(session, waiting.waits()[0].run_id)
    arrive(update(1, location="Lisbon"))
    drain(dispatcher)
    assert waiting.woken() == [], "nobody waits in a run that has ended"
    assert waiting.look().output["id"] == "event-1"


def test_another_organizations_events_are_not_seen(
    waiting: Waiting, dispatcher: Dispatcher, arrive: Arrive, other: Organization
) -> None:
    waiting.look("there", org=other.slug)
    waiting.look("here")
    arrive(update(location="Lisbon"))
    drain(dispatcher)
    assert waiting.woken() == ["here"]
    assert is_waiting(waiting.look("there", org=other.slug))


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"kinds": ["employee.birthday"]}, "there is no kind of event 'employee.birthday'"),
        ({"kinds": []}, "kinds"),
        ({"person": "any"}, "match is needed"),
        ({"timeout": "P1D", "until": "2026-12-01T00:00:00Z"}, "one of timeout and until is enough"),
        ({"on_timeout": "go_on"}, "without one the wait has no end"),
        ({"until": "soon"}, "until"),
    ],
)
def test_what_cannot_be_waited_for_is_refused(waiting: Waiting, params: dict[str, Any], told: str) -> None:
    given = {"kinds": [UPDATE], **params}
    problems = node_type("flow.wait_for_event").validate(given).problems
    assert any(told in str(problem) for problem in problems)
    assert waiting.waits() == []


def test_nothing_of_an_act_is_begun_twice_by_looking(waiting: Waiting, database: Database) -> None:
    for _ in range(3):
        assert is_waiting(waiting.look())
    with database.service() as session:
        (act,) = session.scalars(select(NodeRun)).all()
    assert act.generation == 1
    assert len(waiting.waits()) == 1
