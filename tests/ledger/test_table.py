"""The ledger's table, row by row, in one process."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import select, update

from officeflow.audit.actions import OwnWords
from officeflow.audit.entry import AuditEntry
from officeflow.database.engine import Database
from officeflow.database.tables import AuditRecord, NodeRun, OutboxMessage
from officeflow.errors import InvalidInput, NotYet, OutcomeUnknown, ParametersChanged, Rejected, Transient
from officeflow.runs.acts import ActRequest, Attempt, Done, RunRef, Verdict
from officeflow.runs.ledger import Ledger
from officeflow.sdk import Effect
from tests.ledger.conftest import Ask

pytestmark = pytest.mark.integration


class Gone(BaseException):
    """The worker is gone: nothing of what follows in it happens."""


class Counter:
    """An act that counts how often it has its effect, and fails as told."""

    def __init__(self, *errors: BaseException | None) -> None:
        self.attempts: list[Attempt] = []
        self._errors = list(errors)

    def __call__(self, attempt: Attempt) -> Done:
        self.attempts.append(attempt)
        attempt.story.append({"step": "changed", "text": f"time {len(self.attempts)}"})
        error = self._errors.pop(0) if self._errors else None
        if error is not None:
            raise error
        return Done(
            output={"changed": True, "time": len(self.attempts)},
            audit=[AuditEntry(actor="a", action=OwnWords("b"), subject="c")],
        )


def rows(database: Database, run: RunRef) -> Sequence[NodeRun]:
    with database.tenant(run.org_id) as session:
        return session.scalars(select(NodeRun).order_by(NodeRun.generation)).all()


def told(database: Database, run: RunRef) -> list[tuple[str, Any]]:
    with database.tenant(run.org_id) as session:
        return [
            (m.topic, m.payload.get("status"))
            for m in session.scalars(select(OutboxMessage).order_by(OutboxMessage.position))
        ]


def audited(database: Database, run: RunRef) -> list[str]:
    with database.tenant(run.org_id) as session:
        return list(session.scalars(select(AuditRecord.action).order_by(AuditRecord.position)))


def set_status(database: Database, run: RunRef, status: str) -> None:
    with database.tenant(run.org_id) as session:
        session.execute(update(NodeRun).values(status=status))


def test_an_act_without_a_row_is_done_and_recorded(
    ledger: Ledger, database: Database, run: RunRef, ask: Ask
) -> None:
    act = Counter()
    recorded = ledger.once(ask(try_number=3), act)
    (row,) = rows(database, run)
    assert (recorded.output, recorded.replayed) == ({"changed": True, "time": 1}, False)
    assert (row.status, row.output, row.attempt, row.try_number) == (
        "SUCCEEDED",
        {"changed": True, "time": 1},
        1,
        3,
    )
    assert row.story == [{"step": "changed", "text": "time 1"}]
    assert row.input == {
        "type": "identity.create_account",
        "connection": "identity",
        "params": {"login": "ana"},
    }
    assert row.idempotency_key == act.attempts[0].key
    assert audited(database, run) == ["act.done", "b"]
    assert told(database, run) == [
        ("node.execute.request", None),
        ("identity.provision.request", None),
        ("node.execute.result", "SUCCEEDED"),
        ("identity.provision.result", "SUCCEEDED"),
    ]


def test_an_act_that_is_done_is_answered_from_the_record_and_nobody_is_called(
    ledger: Ledger, database: Database, run: RunRef, ask: Ask
) -> None:
    act = Counter()
    first = ledger.once(ask(), act)
    messages = told(database, run)
    again = ledger.once(ask(try_number=2), act)
    assert len(act.attempts) == 1
    assert (again.output, again.replayed, again.try_number, again.ended_at) == (
        first.output,
        True,
        1,
        first.ended_at,
    )
    assert told(database, run) == messages


@pytest.mark.parametrize("effect", [Effect.PURE, Effect.IDEMPOTENT, Effect.KEYED, Effect.CHECK_THEN_ACT])
def test_an_attempt_that_left_no_end_is_resumed_under_the_same_key(
    effect: Effect, ledger: Ledger, database: Database, run: RunRef, ask: Ask
) -> None:
    act = Counter(Gone())
    with pytest.raises(Gone):
        ledger.once(ask(effect), act)
    assert rows(database, run)[0].status == "STARTED"
    ledger.once(ask(effect, try_number=2), act)
    first, second = act.attempts
    assert (first.resuming, second.resuming) == (False, True)
    assert (second.key, second.number, second.began_at) == (first.key, 2, first.began_at)
    assert rows(database, run)[0].status == "SUCCEEDED"


def test_an_at_most_once_act_that_left_no_end_is_asked_and_not_repeated(
    ledger: Ledger, database: Database, run: RunRef, ask: Ask
) -> None:
    act = Counter()
    ledger.once(ask(Effect.AT_MOST_ONCE), act)
    set_status(database, run, "STARTED")
    for _ in range(2):
        with pytest.raises(
            OutcomeUnknown, match=r"officeflow ledger resolve acme__preboarding/evt__.* create_account --done"
        ):
            ledger.once(ask(Effect.AT_MOST_ONCE), act)
    assert len(act.attempts) == 1
    assert rows(database, run)[0].status == "ASKED"
    assert audited(database, run)[2:] == ["act.asked"]


def test_an_at_most_once_act_that_says_it_may_have_happened_is_asked_at_once(
    ledger: Ledger, database: Database, run: RunRef, ask: Ask
) -> None:
    act = Counter(Transient("no answer", maybe_done=True))
    with pytest.raises(OutcomeUnknown):
        ledger.once(ask(Effect.AT_MOST_ONCE), act, lambda _: Verdict(retry_in=1.0))
    assert rows(database, run)[0].status == "ASKED"
    assert told(database, run)[-1] == ("identity.provision.result", "ASKED")


def test_an_error_that_may_have_come_after_the_effect_leaves_the_act_open(
    ledger: Ledger, database: Database, run: RunRef, ask: Ask
) -> None:
    act = Counter(Transient("no answer", maybe_done=True))
    with pytest.raises(Transient):
        ledger.once(ask(), act, lambda _: Verdict(retry_in=1.5))
    (row,) = rows(database, run)
    assert (row.status, row.ended_at) == ("STARTED", None)
    details = {"code": "transient", "type": "Transient", "message": "no answer", "maybe_done": True}
    assert row.error_details is not None
    when = {name: row.error_details[name] for name in ("again_at", "unsure_since")}
    assert row.error_details == details | when
    assert told(database, run)[-1] == ("node.execute.retry", "STARTED")


def test_an_error_that_nobody_foresaw_leaves_the_act_open(
    ledger: Ledger, database: Database, run: RunRef, ask: Ask
) -> None:
    with pytest.raises(ZeroDivisionError):
        ledger.once(ask(), Counter(ZeroDivisionError("a bug")))
    (row,) = rows(database, run)
    known = {"code": "unexpected", "type": "ZeroDivisionError", "message": "a bug"}
    assert row.error_details is not None
    assert (row.status, row.error_details) == (
        "STARTED",
        known | {"unsure_since": row.error_details["unsure_since"]},
    )


def test_a_resumed_attempt_that_is_refused_says_nothing_about_the_one_before(
    ledger: Ledger, database: Database, run: RunRef, ask: Ask
) -> None:
    act = Counter(Gone(), Rejected("not now"))
    for error in (Gone, Rejected):
        with pytest.raises(error):
            ledger.once(ask(Effect.CHECK_THEN_ACT), act)
    assert rows(database, run)[0].status == "STARTED"
    ledger.once(ask(Effect.CHECK_THEN_ACT), act)
    assert [attempt.resuming for attempt in act.attempts] == [False, True, True]


def test_a_resumed_attempt_that_has_looked_and_found_nothing_fails_for_certain(
    ledger: Ledger, database: Database, run: RunRef, ask: Ask
) -> None:
    def refused(attempt: Attempt) -> Done:
        attempt.nothing_found()
        raise Rejected("no such group")

    with pytest.raises(Gone):
        ledger.once(ask(Effect.CHECK_THEN_ACT), Counter(Gone()))
    with pytest.raises(Rejected):
        ledger.once(ask(Effect.CHECK_THEN_ACT), refused)
    assert rows(database, run)[0].status == "FAILED"


def test_a_failed_act_acts_again_also_with_corrected_parameters(
    ledger: Ledger, database: Database, run: RunRef, ask: Ask
) -> None:
    act = Counter(Rejected("no such group"))
    with pytest.raises(Rejected):
        ledger.once(ask(), act)
    assert rows(database, run)[0].status == "FAILED"
    ledger.once(ask(params={"login": "ana2"}), act)
    (row,) = rows(database, run)
    assert (row.status, row.attempt, row.error_details) == ("SUCCEEDED", 2, None)
    assert row.input is not None
    assert row.input["params"] == {"login": "ana2"}
    assert act.attempts[1].resuming is False


def test_what_was_undone_is_done_again_under_a_new_key(
    ledger: Ledger, database: Database, run: RunRef, ask: Ask
) -> None:
    act = Counter()
    ledger.once(ask(), act)
    set_status(database, run, "COMPENSATED")
    ledger.once(ask(), act)
    assert [(r.generation, r.status) for r in rows(database, run)] == [(1, "COMPENSATED"), (2, "SUCCEEDED")]
    assert act.attempts[0].key != act.attempts[1].key


@pytest.mark.parametrize("status", ["STARTED", "SUCCEEDED"])
def test_an_act_that_is_or_may_be_done_with_other_parameters_is_refused(
    status: str, ledger: Ledger, database: Database, run: RunRef, ask: Ask
) -> None:
    act = Counter()
    ledger.once(ask(), act)
    set_status(database, run, status)
    for changed in ({"params": {"login": "eve"}}, {"connection": "other"}):
        with pytest.raises(ParametersChanged, match="officeflow ledger redo"):
            ledger.once(ask(**changed), act)
    assert len(act.attempts) == 1
    assert rows(database, run)[0].status == status


def test_parameters_that_are_not_json_are_refused_before_anything_is_written_or_called(
    ledger: Ledger, database: Database, run: RunRef, ask: Ask
) -> None:
    act = Counter()
    with pytest.raises(InvalidInput, match="what create_account is given holds what is not JSON"):
        ledger.once(ask(params={"quota": math.nan}), act)
    assert (act.attempts, rows(database, run), told(database, run)) == ([], [], [])


def test_an_act_that_waits_goes_on_as_the_same_attempt_and_tells_it_once(
    ledger: Ledger, database: Database, run: RunRef, ask: Ask
) -> None:
    until = dt.datetime(2030, 1, 1, tzinfo=dt.UTC)
    act = Counter(NotYet("too early", until=until), NotYet("too early", until=until))
    for _ in range(2):
        with pytest.raises(NotYet):
            ledger.once(ask(Effect.PURE, type="flow.delay"), act)
    assert rows(database, run)[0].status == "QUEUED"
    ledger.once(ask(Effect.PURE, type="flow.delay"), act)
    assert {(a.number, a.resuming, a.began_at) for a in act.attempts} == {
        (1, False, act.attempts[0].began_at)
    }
    assert told(database, run) == [("node.execute.request", None), ("node.execute.result", "SUCCEEDED")]


def test_what_an_act_tells_before_it_waits_is_kept_and_the_same_at_every_look_once(
    ledger: Ledger, database: Database, run: RunRef, ask: Ask
) -> None:
    looks = itertools.count(1)

    def act(attempt: Attempt) -> Done:
        attempt.story.append({"step": "found", "text": "it is there"})
        look = next(looks)
        if look == 3:
            return Done(output={})
        attempt.story.append({"step": "changed", "text": f"a part\0{look // 2}"})
        raise NotYet("too early", until=dt.datetime(2030, 1, 1, tzinfo=dt.UTC))

    for _ in range(2):
        with pytest.raises(NotYet):
            ledger.once(ask(Effect.IDEMPOTENT), act)
    kept = [
        {"step": "found", "text": "it is there"},
        {"step": "changed", "text": "a part\ufffd0"},
        {"step": "changed", "text": "a part\ufffd1"},
    ]
    assert rows(database, run)[0].story == kept
    assert ledger.once(ask(Effect.IDEMPOTENT), act).story == kept


def test_mapped_acts_are_acts_of_their_own(ledger: Ledger, database: Database, run: RunRef, ask: Ask) -> None:
    act = Counter()
    for index in range(2):
        ledger.once(ask(map_index=index), act)
    assert len({a.key for a in act.attempts}) == 2


def test_the_record_its_audit_entries_and_its_messages_stand_or_fall_together(
    ledger: Ledger, database: Database, run: RunRef, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(session: Any, org_id: Any, entry: AuditEntry) -> None:
        if entry.action == "b":
            raise LookupError("the last row of the transaction")
        original(session, org_id, entry)

    from officeflow.audit import store as audit

    original = audit.append
    monkeypatch.setattr(audit, "append", broken)
    with pytest.raises(LookupError):
        ledger.once(ask(), Counter())
    assert rows(database, run)[0].status == "STARTED"
    assert audited(database, run) == []
    assert told(database, run) == [("node.execute.request", None), ("identity.provision.request", None)]


def test_parameters_are_unreadable_in_the_database(
    ledger: Ledger, database: Database, run: RunRef, ask: Ask
) -> None:
    request: ActRequest = ask(params={"iban": "DE89370400440532013000"})
    ledger.once(request, Counter())
    with database.tenant(run.org_id) as session:
        stored = session.connection().exec_driver_sql("SELECT node_runs::text FROM node_runs").scalar_one()
    assert "DE89370400440532013000" not in stored
    assert b"DE89370400440532013000".hex() not in stored
