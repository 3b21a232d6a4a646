"""`run_node`: what is sensitive is read by those who need it, and is nowhere else."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text, update
from structlog.testing import capture_logs

from officeflow.database.engine import Database
from officeflow.database.tables import AuditRecord, NodeRun, Organization, OutboxMessage
from officeflow.errors import NotYet, Rejected, Transient
from officeflow.runner.services import Services
from officeflow.runs import corrections
from officeflow.sdk import Act
from tests.ledger.conftest import DAG, NOW, RUN, employ
from tests.ledger.test_runner import Params, Probe, failing, probe, run, services

__all__ = ["probe", "services"]

pytestmark = pytest.mark.integration


def test_what_is_sensitive_is_nowhere_but_in_the_act(
    services: Services,
    probe: type[Probe],
    database: Database,
    org: Organization,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    employ(database, org, payload={}, sensitive={"personal_email": "ana@home.example"})

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
    assert row.input is not None
    assert row.input["params"] == {"who": "ana@home.example", "pin": "4711-pin"}


PRIVATE = {"personal_email": "Ana@HOME.example", "salary": 52000}


@pytest.fixture
def person(database: Database, org: Organization) -> None:
    employ(database, org, payload={"given_name": "Ana"}, sensitive=PRIVATE)


def stored(database: Database) -> str:
    """All that is written down of the nodes of the run, as anybody with the database alone reads it."""
    with database.service() as session:
        asked = [
            f"SELECT CAST(t AS text) FROM {table} t"  # noqa: S608 - ours
            for table in ("node_runs", "outbox_messages", "audit_records")
        ]
        return str([session.execute(text(question)).scalars().all() for question in asked])


@pytest.mark.usefixtures("person")
def test_what_is_sensitive_in_an_output_is_kept_encrypted_and_later_nodes_read_it(
    services: Services, probe: type[Probe], database: Database
) -> None:
    values = {
        "to": "${{ employee.personal_email }}",
        "pay": "${{ employee.salary }}",
        "by": {"${{ 'x' }}": 1},
        "open": "Room 1",
    }
    first = run(services, node="first", type="flow.set", params={"values": values})
    assert (first.output["to"], first.output["pay"]) == (PRIVATE["personal_email"], PRIVATE["salary"])
    assert (first.public["to"], first.public["pay"], first.public["open"]) == ("***", "***", "Room 1")
    again = run(services, node="first", type="flow.set", params={"values": values}, try_number=2)
    assert (again.replayed, again.output, again.public) == (True, first.output, first.public)

    copied = {
        "values": {"copy": "${{ nodes.first.output.to }}", "twice": "${{ nodes.first.output.pay * 2 }}"}
    }
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
    assert rows["third"].output is not None
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
        outputs = session.scalars(select(NodeRun.output)).all()
    assert [output and output["said"] for output in outputs] == ["***", "***"]


def test_an_output_without_anything_sensitive_is_kept_as_it_is(
    services: Services, database: Database
) -> None:
    result = run(services, type="flow.set", params={"values": {"desk": "Room 1"}})
    with database.service() as session:
        row = session.scalars(select(NodeRun)).one()
    assert (row.output, row.output_sealed, result.public) == (result.output, None, result.output)


def test_what_a_person_says_an_act_gave_is_kept_encrypted_for_later_nodes(
    services: Services, probe: type[Probe], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(probe, monkeypatch, Transient("no answer", maybe_done=True))
    run(services)
    place, person = (
        corrections.find_place(database, f"{DAG}/{RUN}", "probe"),
        corrections.Person(login="boss", why="looked"),
    )
    said = {"said": "ana@home.example", "days": 14, "late": True}
    corrections.resolve(database, services.clock, place, person, done=True, output=said)
    with database.service() as session:
        row = session.scalars(select(NodeRun)).one()
    assert (row.output, row.whole_output) == (
        {"changed": True, "said": "***", "days": "***", "late": True},
        {"changed": True, **said},
    )
    assert "ana@home.example" not in stored(database)
    assert (
        run(services, node="later", params={"who": "${{ nodes.probe.output.said }}"}).output["said"]
        == "ana@home.example"
    )


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


def test_what_an_act_writes_down_before_its_end_outlives_its_process_and_is_encrypted(
    services: Services, probe: type[Probe], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """Ends an attempt as SIGKILL does."""

    before: list[object] = []

    def script(params: Params, act: Act) -> None:
        before.append(act.progress.get("had"))
        if not act.progress:
            act.progress["had"] = "part@home.example"
            act.keep_progress()
            raise Killed

    monkeypatch.setattr(probe, "script", staticmethod(script))
    with pytest.raises(Killed):
        run(services)
    assert "part@home.example" not in stored(database)
    assert run(services, try_number=2).status == "success"
    assert before == [None, "part@home.example"]
    with database.service() as session:
        assert session.scalars(select(NodeRun)).one().progress is None


def test_a_worker_that_was_taken_for_dead_writes_nothing_down_any_more(
    services: Services, probe: type[Probe], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def script(params: Params, act: Act) -> None:
        with database.service() as session:
            session.execute(update(NodeRun).values(attempt=NodeRun.attempt + 1))
        act.progress["had"] = "nothing"
        act.keep_progress()

    monkeypatch.setattr(probe, "script", staticmethod(script))
    result = run(services)
    assert result.error is not None
    assert (result.status, result.error.code) == ("retry", "act_in_progress")
    with database.service() as session:
        assert session.scalars(select(NodeRun)).one().progress is None
