"""Delegations, escalations, reassignments and deadlines: by none of them anybody answers who may not."""

from __future__ import annotations

import datetime as dt

import pytest

from officeflow.errors import (
    AlreadyAnswered,
    ConcernedPerson,
    InvalidDelegation,
    NotAsked,
    NotKnown,
    StarterMayNot,
)
from officeflow.people import answers, delegations, due, holding, requests, shown
from officeflow.statuses import DecisionRule, RequestState
from tests.people.conftest import APPROVE, REJECT, Team

pytestmark = pytest.mark.integration

AL, BO = {"user": "al@acme.example"}, {"user": "bo@acme.example"}
HOUR = dt.timedelta(hours=1)


class TestDelegations:
    def test_who_stands_in_is_told_and_answers_in_the_others_place(self, team: Team) -> None:
        team.delegate("al", "eve")
        request = team.ask(AL)
        assert team.asked(request) == ["eve"]
        assert team.say(request, "eve").by == "eve for al"

    def test_it_holds_for_what_was_asked_before_and_only_on_its_days(self, team: Team) -> None:
        request = team.ask(AL)
        team.delegate("al", "eve", "2026-03-03", "2026-03-04")
        with pytest.raises(NotAsked):
            team.say(request, "eve")
        team.now += dt.timedelta(days=3)
        with pytest.raises(NotAsked):
            team.say(request, "eve")
        team.now -= dt.timedelta(days=2)
        assert team.say(request, "eve").by == "eve for al"

    def test_who_is_asked_may_answer_all_the_same(self, team: Team) -> None:
        team.delegate("al", "eve")
        request = team.ask(AL)
        assert team.say(request, "al").by == "al"
        with pytest.raises(AlreadyAnswered, match="already answered by al"):
            team.say(request, "eve")

    def test_a_chain_goes_to_its_end_and_names_each_hop(self, team: Team) -> None:
        team.delegate("al", "eve")
        team.delegate("eve", "dee")
        request = team.ask(AL)
        with pytest.raises(NotAsked):
            team.say(request, "eve")
        with team() as session:
            (holder,) = requests.holders(session, requests.find(session, request), now=team.now)
            words = shown.in_words(holding.of_request(session, requests.find(session, request), now=team.now))
        assert holder.why == (
            "asked by name; eve@acme.example stands in for al@acme.example;"
            " dee@acme.example stands in for eve@acme.example"
        )
        assert words == "dee@acme.example for al@acme.example"
        assert team.say(request, "dee").by == "dee for al"

    def test_one_that_is_taken_back_holds_no_more(self, team: Team) -> None:
        made = team.delegate("al", "eve")
        request = team.ask(AL)
        with team() as session:
            delegations.end(session, team.org.org_id, made.delegation_id, by="cli:al", now=team.now)
            delegations.end(session, team.org.org_id, made.delegation_id, by="cli:al", now=team.now)
            assert not delegations.every(session, team.org.org_id)
        with pytest.raises(NotAsked):
            team.say(request, "eve")

    @pytest.mark.parametrize(("taker", "error"), [("ana", ConcernedPerson), ("sam", StarterMayNot)])
    def test_nobody_comes_to_it_by_it_who_may_not(
        self, team: Team, taker: str, error: type[Exception]
    ) -> None:
        team.delegate("al", taker)
        request = team.ask(AL)
        assert team.asked(request) == ["al"]
        with pytest.raises(error):
            team.say(request, taker)

    def test_it_ends_before_somebody_who_is_no_active_user_any_more(self, team: Team) -> None:
        team.delegate("al", "eve")
        team.change("eve", is_active=False)
        assert team.asked(team.ask(AL)) == ["al"]

    def test_one_person_counts_once_however_many_they_stand_in_for(self, team: Team) -> None:
        team.delegate("al", "cy")
        request = team.ask(AL, BO, {"user": "cy@acme.example"}, rule=DecisionRule.N, needed=2)
        assert team.say(request, "cy").yes == 1
        with pytest.raises(AlreadyAnswered):
            team.say(request, "cy")
        assert team.say(request, "bo").decided

    def test_by_the_rule_all_they_answer_for_all_for_whom_they_stand(self, team: Team) -> None:
        team.delegate("al", "eve")
        team.delegate("bo", "eve")
        request = team.ask(AL, BO, rule=DecisionRule.ALL)
        assert team.say(request, "eve").decided

    def test_to_oneself_in_a_circle_and_over_is_refused(self, team: Team) -> None:
        team.delegate("al", "eve")
        team.delegate("eve", "dee", "2026-03-05", "2026-03-20")
        with pytest.raises(InvalidDelegation, match="cannot stand in for themselves"):
            team.delegate("bo", "bo")
        circle = "in a circle: dee@acme.example → al@acme.example → eve@acme.example → dee@acme.example"
        with pytest.raises(InvalidDelegation, match=circle):
            team.delegate("dee", "al")
        with pytest.raises(InvalidDelegation, match="is before its first"):
            team.delegate("bo", "al", "2026-03-08", "2026-03-07")
        with pytest.raises(InvalidDelegation, match="2026-03-01, is over"):
            team.delegate("bo", "al", "2026-02-01", "2026-03-01")
        with pytest.raises(InvalidDelegation, match=r"eve@acme.example stands in for al@"):
            team.delegate("al", "bo", "2026-03-08", "2026-03-09")

    def test_where_the_days_do_not_meet_there_is_no_circle(self, team: Team) -> None:
        team.delegate("al", "eve", "2026-03-02", "2026-03-03")
        team.delegate("eve", "al", "2026-03-04", "2026-03-05")

    def test_to_somebody_who_is_no_user_or_not_active_is_refused(self, team: Team) -> None:
        with pytest.raises(NotKnown, match=r"no user 'zoe@acme.example'"):
            team.delegate("al", "zoe")
        team.change("eve", is_active=False)
        with pytest.raises(InvalidDelegation, match=r"eve@acme.example is no active user any more"):
            team.delegate("al", "eve")


class TestEscalations:
    def test_others_are_asked_too(self, team: Team) -> None:
        request = team.ask(AL, escalate_after=HOUR, escalate_to=({"role": "admin"},))
        with team.database.service() as session:
            assert not due.to_escalate(session, team.now)
            assert [found.request_id for found in due.to_escalate(session, team.now + HOUR)] == [request]
        with team() as session:
            requests.escalate(session, requests.find(session, request), now=team.now + HOUR)
            again = requests.escalate(session, requests.find(session, request), now=team.now + HOUR)
            assert not again.seats
        assert team.asked(request) == ["al", "dee"]
        assert team.say(request, "dee").by == "dee"

    def test_by_the_rule_all_they_take_the_place_of_those_who_have_not_answered(self, team: Team) -> None:
        request = team.ask(AL, BO, rule=DecisionRule.ALL, escalate_to=({"role": "admin"},))
        team.say(request, "al")
        with team() as session:
            requests.escalate(session, requests.find(session, request), now=team.now)
        assert team.asked(request) == ["dee"]
        assert team.say(request, "dee").decided

    def test_it_asks_nobody_who_may_not(self, team: Team) -> None:
        people = ({"user": "ana@acme.example"}, {"user": "sam@acme.example"})
        request = team.ask(AL, escalate_to=people)
        with team() as session:
            found = requests.escalate(session, requests.find(session, request), now=team.now)
        assert len(found.unasked) == 2
        assert team.asked(request) == ["al"]


class TestReassignments:
    def give(self, team: Team, request: object, to: str, giver: str = "al") -> None:
        with team() as session:
            requests.reassign(
                session,
                request,  # type: ignore[arg-type]  # a UUID, whatever pytest thinks of it
                to_email=f"{to}@acme.example",
                from_email=f"{giver}@acme.example" if giver else "",
                by="cli:dee",
                why="al is ill",
                now=team.now,
            )

    def test_it_is_the_others_from_then_on(self, team: Team) -> None:
        request = team.ask(AL)
        self.give(team, request, "eve")
        with pytest.raises(NotAsked, match="it was given to somebody else"):
            team.say(request, "al")
        assert team.say(request, "eve").by == "eve"

    def test_it_helps_where_nobody_could_be_asked(self, team: Team) -> None:
        request = team.ask({"group": "nobody"})
        self.give(team, request, "eve", giver="")
        assert team.asked(request) == ["eve"]

    @pytest.mark.parametrize(("taker", "error"), [("ana", ConcernedPerson), ("sam", StarterMayNot)])
    def test_not_to_somebody_who_may_not(self, team: Team, taker: str, error: type[Exception]) -> None:
        request = team.ask(AL)
        with pytest.raises(error):
            self.give(team, request, taker)

    def test_not_from_somebody_who_is_not_asked_or_has_answered(self, team: Team) -> None:
        request = team.ask(AL, BO, rule=DecisionRule.ALL)
        team.say(request, "al")
        with pytest.raises(AlreadyAnswered):
            self.give(team, request, "eve")
        with pytest.raises(NotAsked):
            self.give(team, request, "eve", giver="cy")
        with pytest.raises(NotAsked, match=r"bo@acme.example is asked already"):
            self.give(team, request, "bo", giver="")


class TestDeadlines:
    def test_after_it_the_default_is_the_decision_and_an_answer_is_too_late(self, team: Team) -> None:
        request = team.ask(AL, timeout=HOUR, default=REJECT)
        with team() as session:
            early = requests.expire(session, requests.find(session, request), now=team.now)
            assert early.state == RequestState.OPEN
        team.now += HOUR
        with team.database.service() as session:
            assert [found.request_id for found in due.to_expire(session, team.now)] == [request]
        with team() as session:
            ended = requests.expire(session, requests.find(session, request), now=team.now)
            assert (ended.state, ended.decision) == (RequestState.EXPIRED, REJECT)
            found = answers.decision(session, ended)
        assert found is not None
        assert (found.chosen, found.in_time, found.by) == (REJECT, False, "")
        with pytest.raises(AlreadyAnswered, match=r"its time was over at .*, taken as Reject"):
            team.say(request, "al")

    def test_nothing_is_approved_by_default_where_nobody_could_be_asked(self, team: Team) -> None:
        request = team.ask({"group": "nobody"}, timeout=HOUR, default=APPROVE)
        with team() as session:
            ended = requests.expire(session, requests.find(session, request), now=team.now + HOUR)
        assert (ended.state, ended.decision) == (RequestState.EXPIRED, "")

    def test_those_who_have_not_answered_are_reminded_before(self, team: Team) -> None:
        request = team.ask(AL, timeout=2 * HOUR, remind_before=HOUR)
        with team.database.service() as session:
            assert not due.to_remind(session, team.now)
            assert [found.request_id for found in due.to_remind(session, team.now + HOUR)] == [request]


class TestOpening:
    def test_it_is_asked_once_however_often_its_task_is_tried(self, team: Team) -> None:
        assert team.ask(AL) == team.ask(AL)

    def test_a_task_that_failed_by_the_answer_asks_anew_when_it_is_cleared(self, team: Team) -> None:
        first = team.ask(AL)
        team.say(first, "al", REJECT)
        second = team.ask(AL, attempt=2)
        assert first != second
        assert team.say(second, "al").decided

    def test_a_run_that_goes_on_after_all_asks_the_same_again(self, team: Team) -> None:
        request = team.ask(AL)
        with team() as session:
            run_id = requests.find(session, request).run_id
            requests.withdraw_of_run(session, run_id, "it was cancelled", now=team.now)
        assert team.ask(AL) == request
        assert team.say(request, "al").decided
