"""`run_node`: from a node's input to its result, with the database real and the node type the test's own."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import pytest
import structlog
from pydantic import Field
from sqlalchemy import select, text
from structlog.testing import capture_logs

from officeflow.audit.entry import AuditEntry
from officeflow.catalog.spec import Effect, NodeSpec
from officeflow.connectors.connection import Connection
from officeflow.database.engine import Database
from officeflow.database.tables import AuditRecord, NodeRun, Organization, OutboxMessage, WorkflowRun
from officeflow.errors import InvalidInput, NotKnown, NotYet, RateLimited, Rejected, Transient, Unavailable
from officeflow.nodes import runner
from officeflow.nodes.base import Act, Node, NodeInput, NodeOutput, NodeParams, NodeResult
from officeflow.nodes.fields import Sensitive, TextTemplate
from officeflow.nodes.services import Services
from officeflow.runs import corrections
from officeflow.runs.acts import lock_number
from officeflow.runs.lock import hold
from officeflow.tenants import employees
from tests.ledger.conftest import CONF, DAG, RUN

pytestmark = pytest.mark.integration
NOW = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)


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
        return [AuditEntry(actor="test", action="probed", subject=params.who, details={"pin": params.pin, "said": [output.said]})]


class Remote(Probe):
    spec = dataclasses.replace(Probe.spec, type="test.remote", family="identity")


@pytest.fixture
def probe(monkeypatch: pytest.MonkeyPatch) -> type[Probe]:
    known = {"test.probe": Probe, "test.remote": Remote}
    original = runner.node_type
    monkeypatch.setattr(runner, "node_type", lambda name: known.get(name) or original(name))
    monkeypatch.setattr(Probe, "seen", [], raising=False)
    monkeypatch.setattr(Probe, "script", staticmethod(lambda params, act: None))
    monkeypatch.setattr(Probe, "left", None)
    return Probe


@pytest.fixture
def services(database: Database, org: Organization, probe: type[Probe]) -> Services:
    def connect(name: str) -> Connection:
        raise NotKnown(f"there is no connection {name}")

    return Services(database, connect, random=lambda: 0.5, sleep=lambda _: None, lock_wait=0.1, settle=dt.timedelta(0))


def node(**changes: Any) -> NodeInput:
    given = {"node": "probe", "type": "test.probe", "org": "acme", "dag_id": DAG, "dag_run_id": RUN, "params": {}, "context": CONF}
    return NodeInput(**(given | changes))


def failing(probe: type[Probe], monkeypatch: pytest.MonkeyPatch, *errors: Exception) -> None:
    waiting = list(errors)

    def script(params: Params, act: Act) -> None:
        if waiting:
            raise waiting.pop(0)

    monkeypatch.setattr(probe, "script", staticmethod(script))


def run(services: Services, **changes: Any) -> NodeResult:
    return runner.run_node(node(**changes), services)


def test_a_node_is_done_once_and_then_answered_from_the_ledger(services: Services, probe: type[Probe], database: Database) -> None:
    with capture_logs() as logs:
        first, second = run(services), run(services, try_number=2)
    assert (first.status, first.output["said"], first.replayed) == ("success", "nobody", False)
    assert (second.status, second.output, second.replayed, second.key) == ("success", first.output, True, first.key)
    assert len(probe.seen) == 1
    assert any(
        line["event"].startswith("already done at 20") and "in try 1; returned the recorded result" in line["event"] for line in logs
    )
    with database.service() as session:
        assert session.scalars(select(WorkflowRun.status)).one() == "RUNNING"


def test_expressions_see_event_employee_nodes_run_and_org(
    services: Services, probe: type[Probe], database: Database, org: Organization
) -> None:
    with database.tenant(org.org_id) as session:
        employees.apply_event(
            session,
            org.org_id,
            kind="employee.onboard",
            external_id="E-1001",
            event_id="e",
            event_time=NOW,
            payload={"given_name": "Ana"},
            sensitive={"personal_email": "ana@home.example"},
        )
    run(services, node="first", params={"who": "${{ org.name }}"})
    who = "${{ event.payload.department + ' ' + employee.given_name + ' ' + nodes.first.output.said + ' ' + run.dag_id + ' ' + org.slug }}"
    result = run(services, params={"who": who, "greeting": "to {{ employee.personal_email }}"})
    assert result.output["said"] == f"Engineering Ana Acme {DAG} acme to ana@home.example"


def test_what_is_sensitive_is_nowhere_but_in_the_act(
    services: Services, probe: type[Probe], database: Database, org: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.tenant(org.org_id) as session:
        employees.apply_event(
            session,
            org.org_id,
            kind="employee.onboard",
            external_id="E-1001",
            event_id="e",
            event_time=NOW,
            payload={},
            sensitive={"personal_email": "ana@home.example"},
        )

    def script(params: Params, act: Act) -> None:
        act.changed(f"sent to {params.who} with pin {params.pin}")
        if act.attempt == 1:
            raise Rejected(f"{params.who} is not welcome, pin {params.pin}", hint=f"ask {params.who}")

    monkeypatch.setattr(probe, "script", staticmethod(script))
    given = {"who": "${{ employee.personal_email }}", "pin": "4711-pin"}
    with capture_logs() as logs:
        failed, done = run(services, params=given), run(services, params=given)
    assert failed.error is not None
    assert failed.error.message == "*** is not welcome, pin ***"
    assert done.story == [{"step": "changed", "text": "sent to *** with pin ***"}]
    with database.service() as session:
        row = session.scalars(select(NodeRun)).one()
        told = [str(message.payload) for message in session.scalars(select(OutboxMessage))]
        told += [f"{record.subject} {record.details}" for record in session.scalars(select(AuditRecord))]
    shown = f"{logs} {failed} {row.story} {row.error_details} {told}"
    assert not any(secret in shown for secret in ("ana@home.example", "4711-pin", "issued-token"))
    assert row.input["params"] == {"who": "ana@home.example", "pin": "4711-pin"}


PRIVATE = {"personal_email": "Ana@HOME.example", "salary": 52000}


@pytest.fixture
def person(database: Database, org: Organization) -> None:
    with database.tenant(org.org_id) as session:
        about = {"kind": "employee.onboard", "external_id": "E-1001", "event_id": "e", "event_time": NOW}
        employees.apply_event(session, org.org_id, payload={"given_name": "Ana"}, sensitive=PRIVATE, **about)


def stored(database: Database) -> str:
    """All that is written down of the nodes of the run, as anybody with the database alone reads it."""
    with database.service() as session:
        asked = [f"SELECT CAST(t AS text) FROM {table} t" for table in ("node_runs", "outbox_messages", "audit_records")]  # noqa: S608 - ours
        return str([session.execute(text(question)).scalars().all() for question in asked])


@pytest.mark.usefixtures("person")
def test_what_is_sensitive_in_an_output_is_kept_encrypted_and_later_nodes_read_it(
    services: Services, probe: type[Probe], database: Database
) -> None:
    values = {"to": "${{ employee.personal_email }}", "pay": "${{ employee.salary }}", "by": {"${{ 'x' }}": 1}, "open": "Room 1"}
    first = run(services, node="first", type="flow.set", params={"values": values})
    assert (first.output["to"], first.output["pay"]) == (PRIVATE["personal_email"], PRIVATE["salary"])
    assert (first.public["to"], first.public["pay"], first.public["open"]) == ("***", "***", "Room 1")
    again = run(services, node="first", type="flow.set", params={"values": values}, try_number=2)
    assert (again.replayed, again.output, again.public) == (True, first.output, first.public)

    copied = {"values": {"copy": "${{ nodes.first.output.to }}", "twice": "${{ nodes.first.output.pay * 2 }}"}}
    second = run(services, node="second", type="flow.set", params=copied)
    assert (second.output["copy"], second.output["twice"]) == (PRIVATE["personal_email"], 104000)
    assert second.public["copy"] == "***"
    third = run(services, node="third", params={"who": "${{ nodes.second.output.copy }}"})
    assert third.output["said"] == PRIVATE["personal_email"]

    seen = stored(database)
    assert "Room 1" in seen
    assert not any(secret in seen.casefold() for secret in ("ana@home.example", "52000", "issued-token"))
    with database.service() as session:
        rows = {row.node_key: row for row in session.scalars(select(NodeRun))}
    assert rows["first"].output == first.public
    assert rows["first"].whole_output == first.output
    assert rows["third"].output["token"] == "***"


@pytest.mark.usefixtures("person")
def test_an_output_is_masked_also_where_the_node_does_not_read_the_person(
    services: Services, probe: type[Probe], database: Database
) -> None:
    """A system may answer with what the platform knows to be private."""
    for name in ("first", "second"):
        result = run(services, node=name, params={"who": "ana@home.example"})
        assert (result.output["said"], result.public["said"]) == ("ana@home.example", "***")
    with database.service() as session:
        assert [row.output["said"] for row in session.scalars(select(NodeRun))] == ["***", "***"]


def test_an_output_without_anything_sensitive_is_kept_as_it_is(services: Services, database: Database) -> None:
    result = run(services, type="flow.set", params={"values": {"desk": "Room 1"}})
    with database.service() as session:
        row = session.scalars(select(NodeRun)).one()
    assert (row.output, row.output_sealed, result.public) == (result.output, None, result.output)


def test_what_a_person_says_an_act_gave_is_kept_encrypted_for_later_nodes(
    services: Services, probe: type[Probe], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(probe, monkeypatch, Transient("no answer", maybe_done=True))
    run(services)
    place, person = corrections.find_place(database, f"{DAG}/{RUN}", "probe"), corrections.Person(login="boss", why="looked")
    said = {"said": "ana@home.example", "days": 14, "late": True}
    corrections.resolve(database, services.clock, place, person, done=True, output=said)
    with database.service() as session:
        row = session.scalars(select(NodeRun)).one()
    assert (row.output, row.whole_output) == ({"changed": True, "said": "***", "days": "***", "late": True}, {"changed": True, **said})
    assert "ana@home.example" not in stored(database)
    assert run(services, node="later", params={"who": "${{ nodes.probe.output.said }}"}).output["said"] == "ana@home.example"


def test_what_an_act_in_parts_has_done_is_known_to_its_next_attempt_and_to_nobody_else(
    services: Services, probe: type[Probe], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    before: list[tuple[int, int]] = []
    errors: list[Exception] = [Transient("later"), NotYet("early", until=NOW), Rejected("no")]

    def script(params: Params, act: Act) -> None:
        before.append((len(act.progress.get("done", [])), act.retries))
        act.progress.setdefault("done", []).append(f"part{len(before)}@home.example")
        if errors:
            raise errors.pop(0)

    monkeypatch.setattr(probe, "script", staticmethod(script))
    states = []
    for number in (1, 2, 3, 4):
        run(services, try_number=number)
        with database.service() as session:
            row = session.scalars(select(NodeRun)).one()
        states.append((row.status, len((row.progress or {}).get("done", []))))
        assert "@home.example" not in stored(database)
    assert before == [(0, 0), (1, 1), (2, 2), (3, 3)]
    assert states == [("FAILED", 1), ("QUEUED", 2), ("FAILED", 3), ("SUCCEEDED", 0)]


def test_parameters_that_turn_out_wrong_fail_at_once_and_name_the_field(services: Services, probe: type[Probe], database: Database) -> None:
    for params in ({"who": "${{ [1, 2] }}"}, {"who": "${{ event.payload.missing }}"}):
        result = run(services, params=params)
        assert result.error is not None
        assert (result.status, result.error.code, result.retry_in) == ("failed", "invalid_parameters", None)
        assert [problem.path for problem in result.error.problems] == ["params.who"]
    assert probe.seen == []
    with database.service() as session:
        assert session.scalars(select(NodeRun)).all() == []


@pytest.mark.parametrize(
    ("error", "retry_in"), [(Transient("x"), 0.5), (RateLimited("x", retry_after=30.0), 30.0), (Unavailable("x"), 0.5)]
)
def test_what_may_pass_is_a_retry_after_a_delay_that_the_messages_tell_too(
    error: Exception, retry_in: float, services: Services, probe: type[Probe], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(probe, monkeypatch, error)
    result = run(services)
    assert (result.status, result.retry_in) == ("retry", retry_in)
    with database.service() as session:
        told = [message.payload["retry_in"] for message in session.scalars(select(OutboxMessage)) if message.topic == "node.execute.retry"]
    assert told == [retry_in]
    assert run(services, try_number=2).status == "success"


def test_after_the_last_retry_it_has_failed(services: Services, probe: type[Probe], monkeypatch: pytest.MonkeyPatch) -> None:
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
    assert "an earlier attempt left no end: first it looks for what that attempt may have left" in [line["event"] for line in logs]


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


def test_a_condition_that_cannot_be_computed_fails_the_node_after_its_act(services: Services, probe: type[Probe]) -> None:
    result = run(services, conditions={"next": "nodes.probe.output.nothing"})
    assert result.error is not None
    assert (result.status, result.error.code, len(probe.seen)) == ("failed", "invalid_expression", 1)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"org": "acne"}, "not_known"),
        ({"type": "test.prob"}, "not_known"),
        ({"type": "test.remote"}, "invalid_parameters"),
        ({"type": "test.remote", "connection": "okta"}, "not_known"),
    ],
)
def test_what_does_not_exist_fails_at_once_unless_airflow_has_to_say_it_again(
    changes: dict[str, Any], code: str, services: Services
) -> None:
    result = run(services, **changes)
    assert result.error is not None
    assert (result.status, result.error.code) == ("retry" if changes.get("connection") else "failed", code)


def test_without_a_database_it_looks_again_and_uses_up_no_try(services: Services) -> None:
    away = dataclasses.replace(services, database=Database("postgresql://nobody@127.0.0.1:1/nothing"))
    result = runner.run_node(node(), away)
    assert result.error is not None
    assert (result.status, result.error.code, result.retry_in) == ("retry", "unavailable", None)
    assert result.reschedule_at is not None


def test_every_line_of_the_log_says_where_it_belongs(services: Services, probe: type[Probe], monkeypatch: pytest.MonkeyPatch) -> None:
    bound: list[dict[str, Any]] = []
    monkeypatch.setattr(probe, "script", staticmethod(lambda params, act: bound.append(structlog.contextvars.get_contextvars())))
    run(services, workflow="preboarding")
    assert bound == [{"org": "acme", "workflow": "preboarding", "run_id": RUN, "node": "probe", "correlation_id": "c-1"}]
    assert structlog.contextvars.get_contextvars() == {}


def test_a_node_made_with_services_executes_as_the_platform_does(services: Services) -> None:
    assert Probe(services).execute(node(type="")).status == "success"
    with pytest.raises(InvalidInput, match="made without services"):
        Probe().execute(node())
