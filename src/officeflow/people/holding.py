"""Who is asked, and who may answer now: of many requests in as many statements as of one."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from sqlalchemy import ARRAY, Select, Uuid, any_, bindparam, select
from sqlalchemy.orm import Session, defer

from officeflow.database.tables import HumanAssignment, HumanRequest, User, WorkflowRun
from officeflow.people import barred, delegations
from officeflow.people.barred import Barred
from officeflow.statuses import AssignmentState
from officeflow.tenants import users


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who may answer now: who is asked, or who stands in for them by way of `hops`."""

    seat: HumanAssignment
    asked: User
    hops: tuple[User, ...] = ()

    @property
    def user(self) -> User:
        """Who is to be told."""
        return self.hops[-1] if self.hops else self.asked

    @property
    def why(self) -> str:
        """For people, with each hop: `role operator; bo@a.example stands in for al@a.example`."""
        path = [self.asked, *self.hops]
        steps = [f"{after.email} stands in for {before.email}" for before, after in itertools.pairwise(path)]
        return "; ".join([self.seat.why, *steps])


@dataclass(frozen=True, slots=True)
class Held:
    """A request with its run, who is asked (in the order in which they were), and the users whom its seats
    name, by their ids. `holders`: who may answer now and has not, whom to tell of it.
    """

    request: HumanRequest
    run: WorkflowRun
    seats: Sequence[HumanAssignment]
    people: Mapping[uuid.UUID, User]
    holders: Sequence[Holder] = ()

    def may_answer(self, user_id: uuid.UUID) -> bool:
        """In their own place, or as the last of those who stand in."""
        return any(user_id in {each.asked.user_id, each.user.user_id} for each in self.holders)


def of_request(session: Session, request: HumanRequest, *, now: dt.datetime) -> Held:
    return of_requests(session, [request], now=now)[request.request_id]


def of_requests(
    session: Session, requests: Collection[HumanRequest], *, now: dt.datetime
) -> Mapping[uuid.UUID, Held]:
    """By their ids. What was filled in is not read."""
    runs = barred.with_callers(session, {each.run_id for each in requests})
    found = _without_holders(session, requests, runs)
    waiting = [held for held in found.values() if any(map(_is_open, held.seats))]
    asked = {seat.user_id for held in waiting for seat in held.seats if seat.user_id and _is_open(seat)}
    takers = delegations.stand_ins(session, asked, now.astimezone(dt.UTC).date())
    not_allowed = barred.of_runs(session, runs, {held.run.run_id for held in waiting})
    holders = {
        held.request.request_id: _holders(held, takers, not_allowed[held.run.run_id]) for held in waiting
    }
    return {key: replace(held, holders=holders.get(key, ())) for key, held in found.items()}


def of_ended(session: Session, request: HumanRequest) -> Held:
    """Of a request that is over, which nobody may answer any more."""
    runs = barred.with_callers(session, [request.run_id])
    return _without_holders(session, [request], runs)[request.request_id]


def _without_holders(
    session: Session, requests: Collection[HumanRequest], runs: barred.Runs
) -> dict[uuid.UUID, Held]:
    seats: dict[uuid.UUID, list[HumanAssignment]] = {each.request_id: [] for each in requests}
    there = session.scalars(_seats(), {"request_ids": list(seats)}).all() if seats else []
    for seat in there:
        seats[seat.request_id].append(seat)
    named = {user_id for seat in there for user_id in (seat.user_id, seat.answered_by) if user_id}
    people = users.by_id(session, named)
    return {
        each.request_id: Held(each, runs[each.run_id].run, seats[each.request_id], people)
        for each in requests
    }


def _is_open(seat: HumanAssignment) -> bool:
    """An answer of nobody in particular has a row, but is no seat of anybody's."""
    return seat.state == AssignmentState.OPEN and seat.user_id is not None


def _holders(held: Held, takers: Mapping[uuid.UUID, User], not_allowed: Barred) -> list[Holder]:
    found = []
    for seat in held.seats:
        if _is_open(seat) and seat.user_id is not None:
            asked = held.people[seat.user_id]
            found.append(Holder(seat, asked, tuple(delegations.chain(asked, takers, not_allowed))))
    return found


@cache
def _seats() -> Select[HumanAssignment]:
    return (
        select(HumanAssignment)
        .where(HumanAssignment.request_id == any_(bindparam("request_ids", type_=ARRAY(Uuid))))
        .order_by(HumanAssignment.created_at, HumanAssignment.assignment_id)
        .options(defer(HumanAssignment.answer))
    )
