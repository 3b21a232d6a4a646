"""An answer counts once, from who is asked, whatever door it comes through."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from typing import Any

import pytest
from sqlalchemy import text

from officeflow.audit import store as audit
from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.errors import (
    AlreadyAnswered,
    AnswersDoNotFit,
    ConcernedPerson,
    NotAsked,
    NotKnown,
    OfficeFlowError,
    PastDeadline,
    ReasonMissing,
    RequestWithdrawn,
    StarterMayNot,
    UnknownChoice,
)
from officeflow.people import answers, requests
from officeflow.sdk import Decision
from officeflow.statuses import DecisionRule, RequestKind
from tests.people.conftest import APPROVE, NOW, REJECT, RUN_ID, Team

pytestmark = pytest.mark.integration

THREE = ({"user": "al@acme.example"}, {"user": "bo@acme.example"}, {"user": "cy@acme.example"})
FORM = {
    "properties": {
        "desk": {"type": "integer", "minimum": 1},
        "iban": {"type": "string", "minLength": 5, "x-sensitive": True},
    },
    "required": ["desk"],
}


def decision(team: Team, request: uuid.UUID) -> Decision:
    with team() as session:
        found = answers.decision(session, requests.find(session, request))
    assert found is not None
    return found


class TestRules:
    def test_any_the_first_answer_decides(self, team: Team) -> None:
        request = team.ask(*THREE)
        assert team.say(request, "bo", REJECT, reason="too early").decided
        found = decision(team, request)
        assert (found.chosen, found.by, found.said[0].reason) == (REJECT, "bo", "too early")

    def test_all_have_to_say_yes(self, team: Team) -> None:
        request = team.ask(*THREE, rule=DecisionRule.ALL)
        said = [team.say(request, name) for name in ("al", "bo", "cy")]
        assert [(each.decided, each.yes, each.needed) for each in said] == [
            (False, 1, 3),
            (False, 2, 3),
            (True, 3, 3),
        ]
        assert decision(team, request).by == "al, bo, cy"

    def test_all_one_no_decides(self, team: Team) -> None:
        request = team.ask(*THREE, rule=DecisionRule.ALL)
        assert not team.say(request, "al").decided
        assert team.say(request, "bo", REJECT).decided
        assert decision(team, request).chosen == REJECT

    def test_n_of_m_is_a_yes_at_n(self, team: Team) -> None:
        request = team.ask(*THREE, rule=DecisionRule.N, needed=2)
        assert not team.say(request, "al").decided
        assert not team.say(request, "bo", REJECT).decided
        assert team.say(request, "cy").decided
        assert decision(team, request).chosen == APPROVE

    def test_n_of_m_is_a_no_when_n_cannot_be_reached_any_more(self, team: Team) -> None:
        request = team.ask(*THREE, rule=DecisionRule.N, needed=2)
        assert not team.say(request, "al", REJECT).decided
        assert team.say(request, "bo", REJECT).decided
        assert decision(team, request).chosen == REJECT

    def test_where_nobody_is_named_whoever_may_change_the_run_answers(self, team: Team) -> None:
        request = team.ask()
        assert team.say(request, "somebody-of-airflow").decided
        assert decision(team, request).by == "somebody-of-airflow"


class TestRefused:
    @pytest.mark.parametrize("asked", [(), ({"role": "operator"},)])
    @pytest.mark.parametrize("login", ["ana", "ANA@acme.example", "E-1"])
    def test_the_person_concerned(self, team: Team, asked: Any, login: str) -> None:
        request = team.ask(*asked)
        with pytest.raises(ConcernedPerson, match="it is about you"):
            team.say(request, login)
        assert team.request(request).state == "OPEN"

    @pytest.mark.parametrize("asked", [(), ({"role": "operator"},)])
    def test_who_has_started_the_run(self, team: Team, asked: Any) -> None:
        request = team.ask(*asked)
        with pytest.raises(StarterMayNot, match="you have started this run"):
            team.say(request, "sam")

    def test_somebody_who_is_not_asked(self, team: Team) -> None:
        request = team.ask(*THREE)
        with pytest.raises(NotAsked, match=r"eve@acme.example is not asked \(asked: al@acme.example, bo@"):
            team.say(request, "eve")
        with pytest.raises(NotAsked, match="stranger is no user of the organization"):
            team.say(request, "stranger")

    def test_somebody_who_is_no_active_user_any_more(self, team: Team) -> None:
        request = team.ask(*THREE)
        team.change("al", is_active=False)
        with pytest.raises(NotAsked, match="no active user any more"):
            team.say(request, "al")

    def test_a_second_answer_says_who_was_first_and_when(self, team: Team) -> None:
        request = team.ask(*THREE)
        team.say(request, "al")
        for login in ("al", "bo"):
            with pytest.raises(AlreadyAnswered, match=f"already answered by al at {NOW.isoformat()[:16]}"):
                team.say(request, login, REJECT)
        assert decision(team, request).chosen == APPROVE

    def test_a_second_answer_of_one_person_while_others_are_asked(self, team: Team) -> None:
        request = team.ask(*THREE, rule=DecisionRule.N, needed=2)
        team.say(request, "al")
        with pytest.raises(AlreadyAnswered, match="already answered by al"):
            team.say(request, "al")
        assert team.request(request).state == "OPEN"

    def test_after_the_deadline(self, team: Team) -> None:
        request = team.ask(*THREE, timeout=dt.timedelta(hours=1))
        team.now += dt.timedelta(hours=1)
        with pytest.raises(PastDeadline, match="its time was over at 2026-03-02T10:00:00"):
            team.say(request, "al")

    def test_an_option_that_there_is_not_and_a_no_without_a_reason(self, team: Team) -> None:
        request = team.ask(*THREE, reasons=(REJECT,))
        with pytest.raises(UnknownChoice, match="one of Approve, Reject"):
            team.say(request, "al", "Perhaps")
        with pytest.raises(ReasonMissing, match="Reject needs a reason"):
            team.say(request, "al", REJECT, reason="  ")
        assert team.say(request, "al", reason="").decided

    def test_a_run_that_has_ended_needs_no_answer(self, team: Team) -> None:
        request = team.ask(*THREE)
        with team() as session:
            assert requests.withdraw_of_run(session, RUN_ID, "its run was cancelled", now=team.now) == 1
            assert requests.withdraw_of_run(session, RUN_ID, "its run was cancelled", now=team.now) == 0
        with pytest.raises(RequestWithdrawn, match="needs no answer any more"):
            team.say(request, "al")

    def test_a_request_of_another_organization_is_not_there(
        self, team: Team, database: Database, other: Organization
    ) -> None:
        request = team.ask(*THREE)
        with database.tenant(other.org_id) as session, pytest.raises(NotKnown):
            answers.answer(session, request, choice=APPROVE, login="al", door="command", now=NOW)


def test_of_many_answers_at_once_exactly_one_decides(team: Team) -> None:
    """Each in a transaction of its own, let go together."""
    request = team.ask(*THREE)
    gate = threading.Barrier(6)
    came: list[object] = []

    def say(login: str) -> None:
        gate.wait()
        try:
            came.append(team.say(request, login).decided)
        except OfficeFlowError as error:
            came.append(type(error))

    threads = [threading.Thread(target=say, args=(name,)) for name in ("al", "bo", "cy") * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, came)) == sorted([*["True"], *[str(AlreadyAnswered)] * 5])


def test_of_many_answers_at_once_n_are_counted_and_one_decides(team: Team) -> None:
    request = team.ask(*THREE, rule=DecisionRule.N, needed=3)
    gate = threading.Barrier(3)
    came: list[bool] = []

    def say(login: str) -> None:
        gate.wait()
        came.append(team.say(request, login).decided)

    threads = [threading.Thread(target=say, args=(name,)) for name in ("al", "bo", "cy")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(came) == [False, False, True]
    assert decision(team, request).chosen == APPROVE


class TestForms:
    def ask(self, team: Team) -> uuid.UUID:
        return team.ask(*THREE, kind=RequestKind.FORM, form=FORM, options=("Submit",))

    def test_what_was_filled_in_is_kept_encrypted(self, team: Team, database: Database) -> None:
        request = self.ask(team)
        team.say(request, "al", "Submit", values={"desk": 4, "iban": "ES7921000813"})
        assert decision(team, request).values == {"desk": 4, "iban": "ES7921000813"}
        with database.service() as session:
            (stored,) = session.scalars(text("SELECT answer FROM human_assignments WHERE answer IS NOT NULL"))
            records = audit.newest(session, team.org.org_id)
        assert b"ES7921000813" not in bytes(stored)
        assert "ES7921000813" not in str([record.details for record in records])

    def test_what_does_not_fit_is_refused_with_every_field_and_no_value(self, team: Team) -> None:
        request = self.ask(team)
        with pytest.raises(AnswersDoNotFit) as refused:
            team.say(request, "al", "Submit", values={"desk": 0, "iban": "geh1", "chair": 1})
        assert [str(problem) for problem in refused.value.problems] == [
            "form.chair: there is no such field (there are desk, iban)",
            "form.desk: is less than 1",
            "form.iban: has fewer than 5 characters",
        ]
        with pytest.raises(AnswersDoNotFit, match=r"form.desk: is missing"):
            team.say(request, "al", "Submit", values={})
        assert team.request(request).state == "OPEN"

    def test_private_fields_are_not_taken_where_others_could_read_them(self, team: Team) -> None:
        request = self.ask(team)
        with pytest.raises(AnswersDoNotFit, match="iban: private matters are not filled in here"):
            team.say(request, "al", "Submit", values={"desk": 1}, door="airflow")


def test_everything_is_audited_with_who_and_why(team: Team) -> None:
    request = team.ask(*THREE)
    team.say(request, "al", REJECT, reason="too early")
    with team() as session:
        records = [
            record
            for record in audit.newest(session, team.org.org_id)
            if record.action.startswith("request.")
        ]
    assert [record.action for record in records] == [
        "request.opened",
        "request.answered",
        "request.decided",
    ]
    assert {record.subject for record in records} == {"employee:E-1"}
    assert records[1].actor == "airflow:al"
    assert records[1].details["reason"] == "too early"
