"""What waits unusually long is named: which node of which run, since when, until when, and why."""

from __future__ import annotations

import datetime as dt
import uuid
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from officeflow.cli.status import activity_lines
from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.database.tables import NodeRun, Organization, WorkflowRun
from officeflow.errors import AnswerNeeded, EventNeeded, NotYet, RateLimited, RunNeeded
from officeflow.runs import corrections, listing, refusals, shown, store, waits
from officeflow.runs.acts import ActRequest, Attempt, Done, RunRef, Verdict
from officeflow.runs.inquiry import wait_text
from officeflow.runs.ledger import Ledger
from officeflow.runs.wait import Wait
from officeflow.runs.waits import long_waits, of_runs
from officeflow.sdk import Effect, Question
from officeflow.waiting import calls, events
from tests.runs.conftest import add_run

pytestmark = pytest.mark.integration

HOUR = dt.timedelta(hours=1)


class Acts:
    """Acts of one run that go wrong as they are told."""

    def __init__(self, database: Database, org: Organization) -> None:
        self.database, self.org = database, org
        with database.tenant(org.org_id) as session:
            row = store.ensure_run(
                session, org_id=org.org_id, dag_id="acme__joiner", dag_run_id="r-1", conf={"event": {}}
            )
        self.run = RunRef(
            run_id=row.run_id,
            org_id=org.org_id,
            org="acme",
            dag_id="acme__joiner",
            dag_run_id="r-1",
            correlation_id="c-1",
        )

    def act(
        self,
        node: str,
        error: Exception,
        *,
        retry_in: float | None = None,
        node_type: str = "identity.create_account",
    ) -> None:
        def fail(_: Attempt) -> Done:
            raise error

        request = ActRequest(run=self.run, node=node, type=node_type, effect=Effect.IDEMPOTENT, params={})
        with pytest.raises(type(error)):
            Ledger(self.database, SystemClock()).once(request, fail, lambda _: Verdict(retry_in=retry_in))

    def change(self, node: str, **values: Any) -> None:
        with self.database.service() as session:
            session.execute(update(NodeRun).where(NodeRun.node_key == node).values(**values))

    def waits(self) -> dict[str, Wait]:
        with self.database.service() as session:
            return {wait.node: wait for wait in long_waits(session, longer_than=HOUR)}

    def wait_of(self, node: str) -> Wait:
        with self.database.service() as session:
            [found] = [
                wait for wait in of_runs(session, [self.run.run_id])[self.run.run_id] if wait.node == node
            ]
        return found


@pytest.fixture
def acts(database: Database, org: Organization) -> Acts:
    return Acts(database, org)


def test_an_act_that_a_system_has_told_to_wait_is_named_with_its_time_and_reason(acts: Acts) -> None:
    acts.act("short", RateLimited("too many", retry_after=60.0), retry_in=60.0)
    acts.act("long", RateLimited("scim answered 429", retry_after=86400.0), retry_in=86400.0)
    acts.act(
        "maybe", RateLimited("scim answered 503", retry_after=86400.0, maybe_done=True), retry_in=86400.0
    )
    found = acts.waits()
    assert set(found) == {"long", "maybe"}
    wait = found["long"]
    assert (wait.dag_id, wait.dag_run_id, wait.why) == ("acme__joiner", "r-1", "scim answered 429")
    assert wait.until is not None
    assert abs(wait.until - wait.since - dt.timedelta(days=1)) < dt.timedelta(seconds=2)


def test_an_attempt_that_is_overdue_is_named(acts: Acts) -> None:
    acts.act("lost", RateLimited("too many"), retry_in=1.0)
    moment = dt.datetime.now(dt.UTC) - 2 * HOUR
    acts.change(
        "lost", ended_at=moment, error_details={"message": "too many", "again_at": moment.isoformat()}
    )
    assert set(acts.waits()) == {"lost"}


def test_a_question_that_nobody_answers_is_named_and_a_nodes_own_time_is_not(acts: Acts) -> None:
    acts.act(
        "ask", AnswerNeeded("?", question=Question(subject="?", options=("Yes",))), node_type="human.approval"
    )
    acts.act("delay", NotYet("later", until=dt.datetime.now(dt.UTC)), node_type="flow.delay")
    assert acts.waits() == {}
    for node in ("ask", "delay"):
        acts.change(node, started_at=dt.datetime.now(dt.UTC) - 2 * HOUR)
    assert [(wait.node, wait.until, wait.why) for wait in acts.waits().values()] == [("ask", None, "?")]


def test_what_ended_waits_no_more(acts: Acts, database: Database) -> None:
    acts.act("long", RateLimited("too many"), retry_in=86400.0)
    with database.service() as session:
        session.execute(update(WorkflowRun).values(status="FAILED"))
    assert acts.waits() == {}


def test_status_tells_it_in_a_line(acts: Acts, database_url: str, tmp_path: Path) -> None:
    from officeflow.layout import Layout
    from officeflow.monitoring.activity import activity
    from officeflow.settings import load_settings

    acts.act("long", RateLimited("scim answered 429"), retry_in=86400.0)
    away = load_settings(
        database_url=database_url, kafka_bootstrap="127.0.0.1:1", airflow_url="http://127.0.0.1:1"
    )
    [line] = [
        line
        for line in activity_lines(activity(away, Layout(home=tmp_path, servers=tmp_path)))
        if line.startswith("Waits")
    ]
    assert line.startswith("Waits       acme__joiner/r-1 long since ")
    assert " until " in line
    assert line.endswith(": scim answered 429")
    assert "Waits       nothing unusually long" in list(activity_lines({"waits": {"longest": []}}))


def test_what_a_person_has_given_up_waits_no_more_and_is_no_reason_of_a_failure(acts: Acts) -> None:
    until = dt.datetime.now(dt.UTC) + dt.timedelta(days=30)
    acts.act("day30", NotYet("its day has not come", until=until), node_type="time.wait_until")
    with acts.database.service() as session:
        assert [wait.node for wait in waits.of_runs(session, [acts.run.run_id])[acts.run.run_id]] == ["day30"]
    with acts.database.tenant(acts.org.org_id) as session:
        error = {"code": refusals.SKIPPED, "message": "ana gave it up at 2026-03-02 12:00:00 UTC: she left"}
        given_up = refusals.Refused(run=acts.run, node="day30", type="time.wait_until", error=error)
        refusals.note(session, given_up, now=dt.datetime.now(dt.UTC))
    with acts.database.service() as session:
        line = listing.line_of(session, acts.run.run_id)
        [refused] = refusals.of_run(session, acts.run.run_id)
        assert (line.waits, line.refused, line.status) == ((), 0, "PENDING")
        assert refusals.reasons([refused]) == []
        assert shown.refusal_to_json(refused)["status"] == "SKIPPED"
        [node] = shown.nodes_to_json(corrections.acts_of(session, acts.run.run_id), [refused])
        assert (node["status"], node["error"]) == ("SKIPPED", None)


def test_a_node_that_waits_for_a_run_names_it_and_no_time_at_which_it_only_looks(
    acts: Acts, database: Database, org: Organization
) -> None:
    child = add_run(database, org, "hire", "E-1", status="RUNNING")
    look = dt.datetime.now(dt.UTC) + 6 * HOUR
    for node in ("call", "soon"):
        acts.act(node, RunNeeded("the workflow hire", until=look, call=None), node_type="flow.call")
        with database.tenant(org.org_id) as session:
            wanted = calls.Wanted(
                request_id=uuid.uuid4(), org_id=org.org_id, parent_run_id=acts.run.run_id, node_key=node,
                map_index=-1, generation=1, workflow="hire", version=None, input={}, sensitive=(),
            )  # fmt: skip
            request = calls.want(session, wanted)
            request.child_run_id = child.run_id if node == "call" else None
    call, soon = acts.wait_of("call"), acts.wait_of("soon")
    assert wait_text(call, None).startswith(
        f"waits for the workflow hire (run {child.dag_id}/{child.dag_run_id}) since "
    )
    assert "waits for the workflow hire (not begun yet) since " in wait_text(soon, None)
    assert " until " not in wait_text(call, None)
    assert (call.what, call.until) == ("run", None)


@pytest.mark.parametrize("days", [None, 3])
def test_a_node_that_waits_for_an_event_names_it_and_the_deadline_of_its_definition_alone(
    acts: Acts, database: Database, org: Organization, days: int | None
) -> None:
    now = dt.datetime.now(dt.UTC)
    deadline = now + dt.timedelta(days=days) if days else None
    acts.act(
        "wait",
        EventNeeded("employee.exit of E-1", until=now + 6 * HOUR, event=None),
        node_type="flow.wait_for_event",
    )
    with database.tenant(org.org_id) as session:
        wait = events.Wait(
            wait_id=uuid.uuid4(), org_id=org.org_id, run_id=acts.run.run_id, node_key="wait", map_index=-1,
            generation=1, kinds=["employee.exit", "employee.move"], employee="E-1", expression="",
            bindings={}, since=now, deadline=deadline,
        )  # fmt: skip
        events.note(session, wait)
    found = acts.wait_of("wait")
    until = f" until {deadline.isoformat(timespec='seconds')}" if deadline else ""
    text = wait_text(found, None)
    assert text.startswith("waits for an event employee.exit or employee.move of E-1 since ")
    assert text.partition(" since ")[2].partition("+00:00")[2] == until
    assert (found.what, found.until) == ("event", deadline)
