"""Who is asked, and who may answer now: of many requests in as many statements as of one."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, Select, Uuid, any_, bindparam, select
from sqlalchemy.orm import Session

from officeflow.database.reading import rows
from officeflow.database.tables import HumanAssignment, HumanRequest, User
from officeflow.people import barred, delegations
from officeflow.people.rows import AnyRequest, Person, Seat, columns
from officeflow.statuses import AssignmentState


class Holder(NamedTuple):
    """Somebody who may answer now: who is asked, or who stands in for them by way of `hops`."""

    seat: Seat
    asked: Person
    hops: Sequence[Person] = ()

    @property
    def user(self) -> Person:
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
    """A request with who is asked (in the order in which they were), and the users whom its seats name, by
    their ids. `holders`: who may answer now and has not, whom to tell of it.
    """

    request: AnyRequest
    seats: Sequence[Seat]
    people: Mapping[uuid.UUID, Person]
    holders: Sequence[Holder] = ()

    def may_answer(self, user_id: uuid.UUID) -> bool:
        """In their own place, or as the last of those who stand in."""
        return any(user_id in (each.asked.user_id, each.user.user_id) for each in self.holders)


def of_request(session: Session, request: HumanRequest, *, now: dt.datetime) -> Held:
    return of_requests(session, [request], now=now)[request.request_id]


def of_requests(
    session: Session, requests: Collection[AnyRequest], *, now: dt.datetime
) -> Mapping[uuid.UUID, Held]:
    """By their ids. What was filled in is not read; who is barred is looked for only where somebody stands in
    for one who is asked.
    """
    seats, people = _seats(session, [each.request_id for each in requests])
    waiting = {key: _open(there) for key, there in seats.items()}
    asked = set().union(*waiting.values())
    takers = delegations.stand_ins(session, asked, now.astimezone(dt.UTC).date())
    passed_on = {each.run_id for each in requests if not takers.keys().isdisjoint(waiting[each.request_id])}
    not_allowed = barred.of_runs(session, passed_on)

    def holder(request: AnyRequest, seat: Seat, user: Person) -> Holder:
        hops = delegations.chain(user, takers, not_allowed[request.run_id]) if user.user_id in takers else ()
        return Holder(seat, user, hops)

    def held(request: AnyRequest) -> Held:
        there = waiting[request.request_id]
        holders = [holder(request, seat, people[user_id]) for user_id, seat in there.items()]
        return Held(request, seats[request.request_id], people, holders)

    return {each.request_id: held(each) for each in requests}


def of_ended(session: Session, request: HumanRequest) -> Held:
    """Of a request that is over, which nobody may answer any more."""
    seats, people = _seats(session, [request.request_id])
    return Held(request, seats[request.request_id], people)


def _open(seats: Sequence[Seat]) -> dict[uuid.UUID, Seat]:
    """By who is asked. An answer of nobody in particular has a row, but is no seat of anybody's."""
    return {each.user_id: each for each in seats if each.state == AssignmentState.OPEN and each.user_id}


def _seats(
    session: Session, request_ids: Collection[uuid.UUID]
) -> tuple[Mapping[uuid.UUID, Sequence[Seat]], Mapping[uuid.UUID, Person]]:
    """Of each of these requests, and the users whom they name. Most answer themselves: only others who
    answered are looked for.
    """
    seats: dict[uuid.UUID, list[Seat]] = {each: [] for each in request_ids}
    people: dict[uuid.UUID, Person] = {}
    others: set[uuid.UUID] = set()
    width = len(Seat._fields)
    for row in rows(session, _with_users(), {"request_ids": list(seats)}) if seats else ():
        seat = Seat._make(row[:width])
        seats[seat.request_id].append(seat)
        if seat.user_id is not None and seat.user_id not in people:
            people[seat.user_id] = Person(seat.user_id, *row[width:])
        if seat.answered_by is not None:
            others.add(seat.answered_by)
    if others := others - people.keys():
        found = rows(session, _users(), {"user_ids": list(others)})
        people |= {row[0]: Person._make(row) for row in found}
    return seats, people


@cache
def _with_users() -> Select[*tuple[Any, ...]]:
    return (
        select(*columns(HumanAssignment, Seat), *columns(User, Person)[1:])
        .outerjoin(User, User.user_id == HumanAssignment.user_id)
        .where(HumanAssignment.request_id == any_(bindparam("request_ids", type_=ARRAY(Uuid))))
        .order_by(HumanAssignment.created_at, HumanAssignment.assignment_id)
    )


@cache
def _users() -> Select[*tuple[Any, ...]]:
    return select(*columns(User, Person)).where(
        User.user_id == any_(bindparam("user_ids", type_=ARRAY(Uuid)))
    )
