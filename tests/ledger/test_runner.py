"""`run_node`: from a node's input to its result, with the database real and the node type the test's own."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import pytest
import structlog
from pydantic import Field
from sqlalchemy import select
from structlog.testing import capture_logs

from officeflow.audit.actions import OwnWords
from officeflow.audit.entry import AuditEntry
from officeflow.connectors.connection import Connection
from officeflow.database.engine import Database
from officeflow.database.tables import NodeRun, Organization, OutboxMessage, WorkflowRun
from officeflow.errors import InvalidInput, NotKnown, NotYet, RateLimited, Rejected, Transient, Unavailable
from officeflow.runner import prepare
from officeflow.runner.run import run_node
from officeflow.runner.services import Services
from officeflow.runs.acts import lock_number
from officeflow.runs.lock import hold
from officeflow.sdk import (
    Act,
    Effect,
    Node,
    NodeInput,
    NodeOutput,
    NodeParams,
    NodeResult,
    NodeSpec,
    Sensitive,
    TextTemplate,
)
from tests.ledger.conftest import CONF, DAG, NOW, RUN, employ

pytestmark = pytest.mark.integration


class Params(NodeParams):
    who: str = "nobody"
    greeting: TextTemplate = ""
    pin: Annotated[str, Sensitive] = ""
    count: int = 0


class Result(NodeOutput):
    said: str
    token: Annotated[str, Field(), Sensitive] = "issued-token"


class Probe(Node[Params, None, Result]):
    """Does what the test says, and keeps what it was given."""

    spec = NodeSpec(type="test.probe", title="Probe", group="Test", effect=Effect.CHECK_THEN_ACT)
    script: Callable[[Params, Act], None] = staticmethod(lambda params, act: None)
    left: Result | None = None
    seen: list[tuple[Params, Act]]

    def perform(self, params: Params, provider: None, act: Act) -> Result:
        type(self).seen.append((params, act))
        type(self).script(params, act)
        return Result(said=f"{params.who} {params.greeting}".strip())

    def find(self, params: Params, provider: None, act: Act) -> Result | None:
        return type(self).left

    def audit(self, params: Params, output: Result) -> Sequence[AuditEntry]:
        return [
            AuditEntry(
                actor="test",
                action=OwnWords("probed"),
                subject=params.who,
                details={"pin": params.pin, "said": [output.said]},
            )
        ]


class Remote(Probe):
    spec = dataclasses.replace(Probe.spec, type="test.remote", family="identity")


@pytest.fixture
def probe(monkeypatch: pytest.MonkeyPatch) -> type[Probe]:
    known = {"test.probe": Probe, "test.remote": Remote}
    original = prepare.node_type
    monkeypatch.setattr(prepare, "node_type", lambda name: known.get(name) or original(name))
    monkeypatch.setattr(Probe, "seen", [], raising=False)
    monkeypatch.setattr(Probe, "script", staticmethod(lambda params, act: None))
    monkeypatch.setattr(Probe, "left", None)
    return Probe


@pytest.fixture
def services(database: Database, org: Organization, probe: type[Probe]) -> Services:
    def connect(name: str) -> Connection:
        raise NotKnown(f"there is no connection {name}")

    return Services(
        database, connect, random=lambda: 0.5, sleep=lambda _: None, lock_wait=0.1, settle=dt.timedelta(0)
    )


def node(**changes: Any) -> NodeInput:
    given = {
        "node": "probe",
        "type": "test.probe",
        "org": "acme",
        "dag_id": DAG,
        "dag_run_id": RUN,
        "params": {},
        "context": CONF,
    }
    return NodeInput(**(given | changes))


def failing(probe: type[Probe], monkeypatch: pytest.MonkeyPatch, *errors: Exception) -> None:
    waiting = list(errors)

    def script(params: Params, act: Act) -> None:
        if waiting:
            raise waiting.pop(0)

    monkeypatch.setattr(probe, "script", staticmethod(script))


def run(services: Services, **changes: Any) -> NodeResult:
    return run_node(node(**changes), services)


def test_a_node_is_done_once_and_then_answered_from_the_ledger(
    services: Services, probe: type[Probe], database: Database
) -> None:
    with capture_logs() as logs:
        first, second = run(services), run(services, try_number=2)
    assert (first.status, first.output["said"], first.replayed) == ("success", "nobody", False)
    assert (second.status, second.output, second.replayed, second.key) == (
        "success",
        first.output,
        True,
        first.key,
    )
    assert len(probe.seen) == 1
    assert any(
        line["event"].startswith("already done at 20")
        and "in try 1; returned the recorded result" in line["event"]
        for line in logs
    )
    with database.service() as session:
        assert session.scalars(select(WorkflowRun.status)).one() == "RUNNING"


def test_expressions_see_event_employee_nodes_run_and_org(
    services: Services, probe: type[Probe], database: Database, org: Organization
) -> None:
    employ(database, org, payload={"given_name": "Ana"}, sensitive={"personal_email": "ana@home.example"})
    run(services, node="first", params={"who": "${{ org.name }}"})
    who = (
        "${{ event.payload.department + ' ' + employee.given_name + ' ' + nodes.first.output.said + ' ' +"
        " run.dag_id + ' ' + org.slug }}"
    )
    result = run(services, params={"who": who, "greeting": "to {{ employee.personal_email }}"})
    assert result.output["said"] == f"Engineering Ana Acme {DAG} acme to ana@home.example"


def test_parameters_that_turn_out_wrong_fail_at_once_and_name_the_field(
    services: Services, probe: type[Probe], database: Database
) -> None:
    for params in ({"who": "${{ [1, 2] }}"}, {"who": "${{ event.payload.missing }}"}):
        result = run(services, params=params)
        assert result.error is not None
        assert (result.status, result.error.code, result.retry_in) == ("failed", "invalid_parameters", None)
        assert [problem.path for problem in result.error.problems] == ["params.who"]
    assert probe.seen == []
    with database.service() as session:
        assert session.scalars(select(NodeRun)).all() == []


@pytest.mark.parametrize(
    ("error", "retry_in"),
    [(Transient("x"), 0.5), (RateLimited("x", retry_after=30.0), 30.0), (Unavailable("x"), 0.5)],
)
def test_what_may_pass_is_a_retry_after_a_delay_that_the_messages_tell_too(
    error: Exception,
    retry_in: float,
    services: Services,
    probe: type[Probe],
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    failing(probe, monkeypatch, error)
    result = run(services)
    assert (result.status, result.retry_in) == ("retry", retry_in)
    with database.service() as session:
        told = [
            message.payload["retry_in"]
            for message in session.scalars(select(OutboxMessage))
            if message.topic == "node.execute.retry"
        ]
    assert told == [retry_in]
    assert run(services, try_number=2).status == "success"


def test_after_the_last_retry_it_has_failed(
    services: Services, probe: type[Probe], monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(probe, monkeypatch, Transient("x"))
    result = run(services, try_number=4)
    assert (result.status, result.retry_in) == ("failed", None)


def test_what_waits_is_looked_at_again_at_its_time_without_using_a_try(
    services: Services, probe: type[Probe], monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(probe, monkeypatch, NotYet("too early", until=NOW))
    result = run(services)
    assert (result.status, result.reschedule_at, result.retry_in) == ("retry", NOW, None)


def test_an_act_that_another_worker_does_is_looked_at_again_without_using_a_try(
    services: Services, run_id: Any, database: Database
) -> None:
    with hold(database, lock_number(run_id, "probe", -1), wait_seconds=1):
        result = run(services)
    assert result.error is not None
    assert (result.status, result.error.code) == ("retry", "act_in_progress")
    assert result.reschedule_at is not None


@pytest.fixture
def run_id() -> Any:
    from officeflow.ids import workflow_run_id

    return workflow_run_id(DAG, RUN)


def test_an_error_that_nobody_foresaw_fails_with_its_traceback_in_the_log_alone(
    services: Services, probe: type[Probe], monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(probe, monkeypatch, ZeroDivisionError("pin 4711-pin"))
    with capture_logs() as logs:
        result = run(services, params={"pin": "4711-pin"})
    assert result.error is not None
    assert (result.status, result.error.code, result.error.message) == (
        "failed",
        "unexpected",
        "ZeroDivisionError: the task's log has the traceback",
    )
    (told,) = [line["event"] for line in logs if line["log_level"] == "error"]
    assert "Traceback (most recent call last)" in told
    assert "ZeroDivisionError: pin ***" in told


def test_what_an_interrupted_attempt_left_is_found_and_not_done_again(
    services: Services, probe: type[Probe], monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(probe, monkeypatch, Transient("no answer", maybe_done=True))
    assert run(services).status == "retry"
    monkeypatch.setattr(probe, "left", Result(said="found"))
    with capture_logs() as logs:
        result = run(services, try_number=2)
    assert (result.status, result.output["said"], len(probe.seen)) == ("success", "found", 1)
    assert "an earlier attempt left no end: first it looks for what that attempt may have left" in [
        line["event"] for line in logs
    ]


def test_an_act_that_looked_and_found_nothing_fails_for_certain(
    services: Services, probe: type[Probe], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(probe, monkeypatch, Transient("no answer", maybe_done=True), Rejected("no"))
    run(services)
    assert run(services, try_number=2).status == "failed"
    with database.service() as session:
        assert session.scalars(select(NodeRun.status)).one() == "FAILED"


def test_conditions_that_are_false_name_the_tasks_to_skip_also_when_replayed(services: Services) -> None:
    conditions = {"yes": "nodes.probe.output.said == 'Ana'", "no": "event.payload.department == 'Sales'"}
    for replayed in (False, True):
        result = run(services, params={"who": "Ana"}, conditions=conditions)
        assert (result.replayed, result.skip) == (replayed, ["no"])


def test_a_condition_that_cannot_be_computed_fails_the_node_after_its_act(
    services: Services, probe: type[Probe]
) -> None:
    result = run(services, conditions={"next": "nodes.probe.output.nothing"})
    assert result.error is not None
    assert (result.status, result.error.code, len(probe.seen)) == ("failed", "invalid_expression", 1)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"org": "acne"}, "not_known"),
        ({"type": "test.prob"}, "node_type_missing"),
        ({"type": "test.remote"}, "invalid_parameters"),
        ({"type": "test.remote", "connection": "okta"}, "not_known"),
    ],
)
def test_what_does_not_exist_fails_at_once_unless_it_may_be_there_at_the_next_look(
    changes: dict[str, Any], code: str, services: Services
) -> None:
    result = run(services, **changes)
    assert result.error is not None
    waits = "connection" in changes or code == "node_type_missing"
    assert (result.status, result.error.code) == ("retry" if waits else "failed", code)


def test_without_a_database_it_looks_again_and_uses_up_no_try(services: Services) -> None:
    away = dataclasses.replace(services, database=Database("postgresql://nobody@127.0.0.1:1/nothing"))
    result = run_node(node(), away)
    assert result.error is not None
    assert (result.status, result.error.code, result.retry_in) == ("retry", "unavailable", None)
    assert result.reschedule_at is not None


def test_every_line_of_the_log_says_where_it_belongs(
    services: Services, probe: type[Probe], monkeypatch: pytest.MonkeyPatch
) -> None:
    bound: list[dict[str, Any]] = []
    monkeypatch.setattr(
        probe,
        "script",
        staticmethod(lambda params, act: bound.append(structlog.contextvars.get_contextvars())),
    )
    run(services, workflow="preboarding")
    assert bound == [
        {"org": "acme", "workflow": "preboarding", "run_id": RUN, "node": "probe", "correlation_id": "c-1"}
    ]
    assert structlog.contextvars.get_contextvars() == {}


def test_a_node_made_with_what_runs_it_executes_as_the_platform_does(services: Services) -> None:
    made = Probe(functools.partial(run_node, services=services))
    assert made.execute(node(type="")).status == "success"
    with pytest.raises(InvalidInput, match="made without what runs it"):
        Probe().execute(node())
