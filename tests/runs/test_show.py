"""`run show`: the event, each node, what it waits for, and where to look."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select, update

from officeflow.database.engine import Database
from officeflow.database.tables import NodeRun, Organization, WorkflowRun
from officeflow.errors import Transient
from officeflow.runs import store
from officeflow.runs.acts import RunRef
from officeflow.sdk import Effect
from officeflow.statuses import ActStatus, RunStatus
from tests.command import Command, officeflow
from tests.runs.conftest import NOW, act, add_run, refuse

pytestmark = pytest.mark.integration
__all__ = ["officeflow"]


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
        row.status, row.error_details = ActStatus.STARTED, {"code": "rate_limited", "message": "503", **error}
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
                ids: dict[str, Any] = {"dag_id": dag_id, "dag_run_id": f"manual__{age}"}
                store.ensure_run(
                    session, org_id=org.org_id, conf=conf, started_at=began, status=RunStatus.SUCCEEDED, **ids
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
            session,
            org_id=org.org_id,
            dag_id="w3",
            dag_run_id="manual__1",
            conf=conf,
            status=RunStatus.SUCCEEDED,
        )
    shown = officeflow("run", "show", "w3")
    assert told in shown.out.splitlines()
    assert "None" not in shown.out


def test_a_trial_is_shown_as_one_and_nobody_is_sent_to_airflow_for_it(
    officeflow: Command, database: Database, org: Organization
) -> None:
    with database.service() as session:
        ids: dict[str, Any] = {"org_id": org.org_id, "dag_id": "tried", "dag_run_id": "manual__1"}
        store.ensure_run(
            session, conf={"event": {"kind": "employee.exit"}}, status=RunStatus.FAILED, trial=True, **ids
        )
    shown = officeflow("run", "show", "tried")
    assert "A trial: it ran outside of this Airflow (dag.test)." in shown.out
    assert "in Airflow" not in shown.out
    assert "dag.test" in officeflow("run", "list").out
