"""`officeflow run list` and `show`, on a database alone."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select, update

from officeflow.cli.runs import moment_of
from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.database.tables import NodeRun, Organization, WorkflowRun
from officeflow.errors import InvalidInput, Rejected, Transient
from officeflow.runs import listing, refusals, store
from officeflow.runs.acts import ActRequest, Attempt, Done, RunRef
from officeflow.runs.ledger import Ledger
from officeflow.sdk import Effect
from officeflow.tenants import organizations
from tests.command import Command, officeflow

__all__ = ["officeflow"]

pytestmark = pytest.mark.integration

NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
STARTED = {"preboarding": NOW - dt.timedelta(hours=1), "exit": NOW - dt.timedelta(days=2)}


def add_run(database: Database, org: Organization, workflow: str, employee: str, **values: object) -> RunRef:
    dag_id, dag_run_id = f"{org.slug}__{workflow}", f"evt__{workflow}-{employee}"
    event = {
        "id": f"e-{employee}",
        "source": "hr",
        "kind": "employee.onboard",
        "employee": employee,
        "time": "2026-03-02T08:00:00Z",
    }
    with database.tenant(org.org_id) as session:
        conf = {"event": event, "correlation_id": f"c-{employee}"}
        row = store.ensure_run(session, org_id=org.org_id, dag_id=dag_id, dag_run_id=dag_run_id, conf=conf)
        session.execute(update(WorkflowRun).where(WorkflowRun.run_id == row.run_id).values(**values))
    return RunRef(
        run_id=row.run_id,
        org_id=org.org_id,
        org=org.slug,
        dag_id=dag_id,
        dag_run_id=dag_run_id,
        correlation_id=row.correlation_id,
        employee=employee,
    )


def act(
    database: Database,
    run: RunRef,
    node: str,
    *,
    fails: Exception | None = None,
    effect: Effect = Effect.IDEMPOTENT,
) -> None:
    def perform(attempt: Attempt) -> Done:
        attempt.story.append({"step": "changed", "text": f"{node} for {run.employee}"})
        if fails:
            raise fails
        return Done(output={"changed": True})

    request = ActRequest(
        run=run, node=node, type="identity.create_account", effect=effect, params={"login": "ana"}
    )
    if fails:
        with pytest.raises(Exception, match=r"."):
            Ledger(database, SystemClock()).once(request, perform)
    else:
        Ledger(database, SystemClock()).once(request, perform)


@pytest.fixture
def hired(database: Database, org: Organization) -> RunRef:
    """A run of `acme__preboarding` for E-1 that failed at its second node."""
    error = {"code": "run_failed", "nodes": ["add_groups"]}
    ended = STARTED["preboarding"] + dt.timedelta(seconds=90)
    run = add_run(
        database,
        org,
        "preboarding",
        "E-1",
        started_at=STARTED["preboarding"],
        ended_at=ended,
        status="FAILED",
        error_details=error,
    )
    act(database, run, "create_account")
    act(database, run, "add_groups", fails=Rejected("no such group"))
    return run


@pytest.fixture
def left(database: Database, org: Organization) -> RunRef:
    """A run of `acme__exit` for E-2 that still runs."""
    return add_run(database, org, "exit", "E-2", started_at=STARTED["exit"], status="RUNNING")


@pytest.fixture
def elsewhere(database: Database) -> RunRef:
    """A run of another organization."""
    with database.service() as session:
        other = organizations.create(session, slug="globex", name="Globex", domain="globex.example")
    return add_run(database, other, "preboarding", "E-1", started_at=NOW, status="RUNNING")


@pytest.mark.usefixtures("hired", "left", "elsewhere")
@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ([], ["globex__preboarding", "acme__preboarding", "acme__exit"]),
        (["--org", "acme"], ["acme__preboarding", "acme__exit"]),
        (["--status", "running"], ["globex__preboarding", "acme__exit"]),
        (["--status", "failed", "--status", "cancelled"], ["acme__preboarding"]),
        (["--workflow", "acme__exit"], ["acme__exit"]),
        (["--employee", "E-1"], ["globex__preboarding", "acme__preboarding"]),
        (["--org", "acme", "--employee", "E-1"], ["acme__preboarding"]),
        (["--since", "2026-03-02"], ["globex__preboarding", "acme__preboarding"]),
        (["--limit", "1"], ["globex__preboarding"]),
    ],
)
def test_runs_are_listed_newest_first_and_every_filter_narrows(
    officeflow: Command, filters: list[str], found: list[str]
) -> None:
    listed = officeflow("run", "list", *filters, "--json")
    assert [line["dag_id"] for line in listed.json] == found


@pytest.mark.usefixtures("hired", "left")
def test_the_list_for_people_names_run_status_person_and_what_failed(
    officeflow: Command, hired: RunRef
) -> None:
    shown = officeflow("run", "list")
    assert shown.status == 0
    line = next(line for line in shown.out.splitlines() if "acme__preboarding" in line)
    for text in (
        str(hired.run_id)[:8],
        "2026-03-02 11:00:00",
        "FAILED",
        "90.0 s",
        "E-1",
        "employee.onboard",
        "1 failed",
    ):
        assert text in line, text


def test_an_unknown_workflow_is_said_with_the_nearest(officeflow: Command, hired: RunRef) -> None:
    ended = officeflow("run", "list", "--workflow", "acme__preboardin")
    assert ended.status == 2
    assert "did you mean acme__preboarding?" in ended.err


def test_nothing_found_is_a_sentence(officeflow: Command, org: Organization) -> None:
    assert officeflow("run", "list").out.strip() == "no such runs"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("90s", NOW - dt.timedelta(seconds=90)),
        ("30m", NOW - dt.timedelta(minutes=30)),
        ("2h", NOW - dt.timedelta(hours=2)),
        ("7d", NOW - dt.timedelta(days=7)),
        ("2026-03-01", dt.datetime(2026, 3, 1, tzinfo=dt.UTC)),
        ("2026-03-01T09:00+02:00", dt.datetime(2026, 3, 1, 7, tzinfo=dt.UTC)),
    ],
)
def test_since_is_an_age_or_a_moment(text: str, moment: dt.datetime) -> None:
    assert moment_of(text, now=NOW) == moment


@pytest.mark.parametrize("text", ["", "yesterday", "3 hours", "-2h", "2026-13-01"])
def test_what_is_no_time_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InvalidInput, match="30m, 2h, 7d"):
        moment_of(text, now=NOW)


def test_show_tells_the_event_each_node_what_it_did_and_where_to_look(
    officeflow: Command, hired: RunRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OFFICEFLOW_AIRFLOW_URL", "http://airflow.example:8080")
    shown = officeflow("run", "show", str(hired.run_id)[:8])
    assert (shown.status, shown.err) == (0, "")
    for text in (
        f"acme__preboarding/{hired.dag_run_id}",
        f"http://airflow.example:8080/dags/acme__preboarding/runs/{hired.dag_run_id}",
        "Event e-E-1: employee.onboard of E-1, 2026-03-02T08:00:00Z, from hr",
        "create_account for E-1",
        "add_groups  rejected: no such group",
        "run_failed at add_groups",
    ):
        assert text in shown.out, text
    assert "login" not in shown.out


def test_show_gives_programs_the_same_as_json(officeflow: Command, hired: RunRef) -> None:
    told = officeflow("run", "show", f"{hired.dag_id}/{hired.dag_run_id}", "--json").json
    assert (told["run_id"], told["status"], told["org"], told["failed"]) == (
        str(hired.run_id),
        "FAILED",
        "acme",
        1,
    )
    assert told["event"]["id"] == "e-E-1"
    assert [(node["node"], node["status"], node["try_number"]) for node in told["nodes"]] == [
        ("create_account", "SUCCEEDED", 1),
        ("add_groups", "FAILED", 1),
    ]
    assert told["nodes"][1]["error"]["code"] == "rejected"


def test_show_gives_the_command_that_answers_what_a_node_asks(
    officeflow: Command, database: Database, left: RunRef
) -> None:
    act(database, left, "welcome", fails=Transient("no answer", maybe_done=True), effect=Effect.AT_MOST_ONCE)
    shown = officeflow("run", "show", str(left.run_id))
    assert f"officeflow ledger resolve {left.dag_id}/{left.dag_run_id} welcome --done" in shown.out


def test_ctrl_c_ends_watching_and_says_that_the_run_goes_on(
    officeflow: Command, left: RunRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    def press(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("officeflow.cli.runs.follow", press)
    ended = officeflow("run", "watch", str(left.run_id))
    assert ended.status == 130
    assert (
        f"the run goes on without being watched; `./officeflow run watch {left.run_id}` follows it again"
        in ended.err
    )


def test_an_unknown_run_is_said_with_the_newest(officeflow: Command, left: RunRef) -> None:
    for command in ("show", "watch"):
        ended = officeflow("run", command, "deadbeef")
        assert ended.status == 2
        assert f"{left.dag_id}/{left.dag_run_id}" in ended.err


def test_attention_counts_what_is_open_and_asked_and_names_the_newest_failures(
    database: Database, hired: RunRef, left: RunRef
) -> None:
    act(database, left, "welcome", fails=Transient("no answer", maybe_done=True), effect=Effect.AT_MOST_ONCE)
    act(database, left, "suspend", fails=Transient("no answer", maybe_done=True))
    with database.service() as session:
        found = listing.attention(session)
    assert (found.open, found.asked) == (1, 1)
    assert found.oldest_open is not None
    assert [(ask.dag_id, ask.node) for ask in found.asks] == [("acme__exit", "welcome")]
    assert [
        (failed.dag_id, failed.node, failed.error and failed.error["code"]) for failed in found.failures
    ] == [("acme__preboarding", "add_groups", "rejected")]


def refuse(database: Database, run: RunRef, node: str, **changes: Any) -> None:
    problem = {"path": "params.to", "reason": "there is no field 'manager_email'", "suggestion": ""}
    error = {
        "code": "invalid_parameters",
        "message": "the parameters cannot be computed",
        "problems": [problem],
    }
    refused = refusals.Refused(run=run, node=node, type="email.send", error=error)
    with database.tenant(run.org_id) as session:
        refusals.note(session, dataclasses.replace(refused, **changes), now=NOW)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            {"again_at": "2099-01-01T00:00:00+00:00"},
            "tried again at 2099-01-01T00:00:00+00:00; a long wait is a question",
        ),
        ({}, "may have been done: clear its task, and it looks before it acts"),
    ],
)
def test_show_tells_what_follows_an_end_that_nobody_knows(
    error: dict[str, str], told: str, officeflow: Command, database: Database, left: RunRef
) -> None:
    act(database, left, "welcome", fails=Transient("no answer", maybe_done=True))
    with database.service() as session:
        row = session.scalars(select(NodeRun).where(NodeRun.run_id == left.run_id)).one()
        row.status, row.error_details = "STARTED", {"code": "rate_limited", "message": "503", **error}
    assert told in " ".join(officeflow("run", "show", str(left.run_id)).out.split())


def test_show_names_the_node_the_field_and_the_reason_where_nothing_has_begun(
    officeflow: Command, database: Database, left: RunRef
) -> None:
    refuse(database, left, "tell")
    shown = officeflow("run", "show", "acme__exit/evt__exit-E-2").out
    assert "no node of it has begun" not in shown
    assert "REFUSED" in shown
    assert (
        "tell  invalid_parameters: the parameters cannot be computed\n  params.to: there is no field"
        " 'manager_email'" in shown
    )
    [told] = officeflow("run", "show", "acme__exit/evt__exit-E-2", "--json").json["refused"]
    assert (told["node"], told["status"], told["error"]["problems"][0]["path"]) == (
        "tell",
        "REFUSED",
        "params.to",
    )


def test_show_says_what_a_node_waits_for(officeflow: Command, database: Database, left: RunRef) -> None:
    refuse(
        database,
        left,
        "tell",
        waits=True,
        error={"code": "unavailable", "message": "the database did not answer"},
    )
    assert (
        "tell  waits for what is away since 2026-03-02T12:00:00+00:00: unavailable: the database did not"
        " answer (it looks again by itself)" in officeflow("run", "show", "acme__exit/evt__exit-E-2").out
    )


@pytest.mark.usefixtures("left")
def test_show_says_where_to_look_when_nothing_has_begun_and_nothing_is_wrong(officeflow: Command) -> None:
    assert (
        "no node of it has begun yet; Airflow may not have come to it, or cannot: `./officeflow doctor`"
        in officeflow("run", "show", "acme__exit/evt__exit-E-2").out
    )


def test_show_tells_the_reasons_that_a_run_ended_with(
    officeflow: Command, database: Database, left: RunRef
) -> None:
    reason = {
        "node": "tell",
        "code": "invalid_parameters",
        "message": "the parameters cannot be computed",
        "fields": ["params.to"],
    }
    error = {"code": "run_failed", "nodes": ["tell"], "reasons": [reason]}
    with database.tenant(left.org_id) as session:
        session.execute(
            update(WorkflowRun)
            .where(WorkflowRun.run_id == left.run_id)
            .values(status="FAILED", error_details=error)
        )
    shown = officeflow("run", "show", "acme__exit/evt__exit-E-2").out
    assert (
        "run_failed at tell\n  tell: invalid_parameters: the parameters cannot be computed (params.to)"
        in shown
    )


def test_a_dag_names_its_run_and_a_command_that_acts_asks_which(
    officeflow: Command, database: Database, org: Organization
) -> None:
    add_run(database, org, "exit", "E1", status="RUNNING")
    assert officeflow("run", "show", "acme__exit", "--json").json["dag_run_id"] == "evt__exit-E1"
    add_run(database, org, "exit", "E2", status="RUNNING")
    several = officeflow("ledger", "redo", "acme__exit", "suspend", "--why", "w", "--login", "l")
    assert (several.status, "there are several runs of 'acme__exit'" in several.err) == (2, True)
    assert all(f"acme__exit/evt__exit-{person}" in several.err for person in ("E1", "E2"))


def test_a_dag_names_its_newest_run_for_those_who_look(
    officeflow: Command, database: Database, org: Organization
) -> None:
    for dag_id in ("w3", "suspend_leavers"):
        with database.service() as session:
            for age in (2, 1):
                began = NOW - dt.timedelta(hours=age)
                conf = {"event": {"employee": "NOPE"}}
                ids = {"dag_id": dag_id, "dag_run_id": f"manual__{age}"}
                store.ensure_run(
                    session, org_id=org.org_id, conf=conf, started_at=began, status="SUCCEEDED", **ids
                )
        for command in ("run", "ledger"):
            assert f"{dag_id}/manual__1" in officeflow(command, "show", dag_id).out


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ({"employee": "NOPE"}, "Event: about NOPE"),
        ({"id": "e-1", "kind": "employee.exit"}, "Event e-1: employee.exit"),
        ({"id": "e-1"}, "Event e-1"),
    ],
)
def test_show_tells_of_an_event_what_there_is(
    officeflow: Command, database: Database, org: Organization, event: dict[str, str], told: str
) -> None:
    with database.service() as session:
        conf = {"logins": ["a@b.c"], "event": event}
        store.ensure_run(
            session, org_id=org.org_id, dag_id="w3", dag_run_id="manual__1", conf=conf, status="SUCCEEDED"
        )
    shown = officeflow("run", "show", "w3")
    assert told in shown.out.splitlines()
    assert "None" not in shown.out


def test_a_trial_is_shown_as_one_and_nobody_is_sent_to_airflow_for_it(
    officeflow: Command, database: Database, org: Organization
) -> None:
    with database.service() as session:
        ids = {"org_id": org.org_id, "dag_id": "tried", "dag_run_id": "manual__1"}
        store.ensure_run(
            session, conf={"event": {"kind": "employee.exit"}}, status="FAILED", trial=True, **ids
        )
    shown = officeflow("run", "show", "tried")
    assert "A trial: it ran outside of this Airflow (dag.test)." in shown.out
    assert "in Airflow" not in shown.out
    assert "dag.test" in officeflow("run", "list").out
