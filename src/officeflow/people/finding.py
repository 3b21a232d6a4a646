"""Which requests there are, in pages."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from enum import Enum
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

from sqlalchemy import ARRAY, Select, Uuid, any_, bindparam, func, literal, or_, select, true
from sqlalchemy.orm import Session

from officeflow.database import reading
from officeflow.database.pages import Conditions, Listing, Page, Wanted, conditions, values_of
from officeflow.database.tables import HumanAssignment, HumanRequest, User
from officeflow.people import delegations, holding, rows, shown
from officeflow.people.holding import Held
from officeflow.people.rows import Request
from officeflow.statuses import AssignmentState, RequestKind, RequestState


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Which requests; None says nothing. `asked` are users one of whom is asked, or was; with `answerer` only
    what that user may answer now.
    """

    state: RequestState | None = RequestState.OPEN
    kind: RequestKind | None = None
    run_id: uuid.UUID | None = None
    asked: frozenset[uuid.UUID] | None = None
    answerer: uuid.UUID | None = None
    newest_first: bool = False


class RequestLine(NamedTuple):
    """A request in a list. `waits_for` says, of an open one, whom it waits for and how far it is."""

    request_id: uuid.UUID
    run_id: uuid.UUID
    dag_id: str
    dag_run_id: str
    node: str
    map_index: int
    kind: RequestKind
    subject: str
    state: RequestState
    decision: str
    created_at: dt.datetime
    deadline: dt.datetime | None
    due_at: dt.datetime | None
    decided_at: dt.datetime | None
    waits_for: str


def page(
    session: Session, org_id: uuid.UUID, sought: Sought, wanted: Wanted, *, now: dt.datetime
) -> Page[RequestLine]:
    """The oldest first, or the newest. It takes as many statements however many there are."""
    values = values_of(sought, _BY)
    by, seats = frozenset(values), _Seats.ANY
    if sought.asked is not None:
        is_now = sought.answerer is not None and sought.state == RequestState.OPEN
        seats = _Seats.OPEN_OF_THEM if is_now else _Seats.OF_THEM
        values["asked"] = list(sought.asked)
    listing = _listing(sought.state, by, seats, newest_first=sought.newest_first)
    found = listing.page(session, wanted, {"org_id": org_id, **values})
    there = [Request._make(row) for row in found.rows]
    held = holding.of_requests(session, [each for each in there if each.state == RequestState.OPEN], now=now)
    lines = [(each, held.get(each.request_id)) for each in there]
    return Page([_line(*each) for each in lines if _may_answer(each[1], sought.answerer)], found.next)


_BY: Conditions = MappingProxyType(
    {
        "kind": lambda value: HumanRequest.kind == value,
        "run_id": lambda value: HumanRequest.run_id == value,
    }
)


class _Seats(Enum):
    """Which seats a request has to have: the users are the parameter `asked`."""

    ANY = "any"
    OF_THEM = "of them"
    OPEN_OF_THEM = "open, of them"


@cache
def _listing(state: RequestState | None, by: frozenset[str], seats: _Seats, *, newest_first: bool) -> Listing:
    """The state is written out, as the index of open ones has it: a plan that is kept does not know
    parameters.
    """
    query = rows.requests().where(HumanRequest.org_id == bindparam("org_id"))
    query = query.where(*conditions(_BY, by))
    if state is not None:
        query = query.where(HumanRequest.state == literal(state, literal_execute=True))
    if seats is not _Seats.ANY:
        asked = HumanAssignment.user_id == any_(bindparam("asked", type_=ARRAY(Uuid)))
        theirs = select(HumanAssignment.request_id).where(asked)
        if seats is _Seats.OPEN_OF_THEM:
            theirs = theirs.where(HumanAssignment.state == AssignmentState.OPEN)
        query = query.where(HumanRequest.request_id.in_(theirs))
    order = (HumanRequest.created_at, HumanRequest.request_id)
    return Listing(query.order_by(*(each.desc() for each in order) if newest_first else order))


@dataclass(frozen=True, slots=True)
class Theirs:
    """Somebody's part in requests: who they are, None where no user, and for whom they answer, themselves
    too.
    """

    user_id: uuid.UUID | None = None
    users: frozenset[uuid.UUID] = frozenset()


def theirs(session: Session, org_id: uuid.UUID, login: str, day: dt.date) -> Theirs:
    """Of the active user of the organization whose Airflow login, or address, this is."""
    if not login:
        return Theirs()
    given = {"org_id": org_id, "login": login, "email": login.lower(), "day": day}
    found = reading.rows(session, _user_and_givers(), given)
    named = {each for row in found for each in row if each is not None}
    return Theirs(found[0][0], frozenset(named)) if found else Theirs()


@cache
def _user_and_givers() -> Select[uuid.UUID, uuid.UUID | None]:
    named = or_(User.airflow_login == bindparam("login"), func.lower(User.email) == bindparam("email"))
    query = select(User.user_id).where(User.org_id == bindparam("org_id"), named, User.is_active)
    user = query.order_by(User.airflow_login.nulls_last()).limit(1).cte("found")
    held = delegations.held_by(select(user.c.user_id).scalar_subquery())
    return select(user.c.user_id, held.c.from_user_id).outerjoin(held, true())


def _may_answer(held: Held | None, user_id: uuid.UUID | None) -> bool:
    """Of what is over that is not asked."""
    return held is None or user_id is None or held.may_answer(user_id)


def _line(request: Request, held: Held | None) -> RequestLine:
    return RequestLine(
        request_id=request.request_id,
        run_id=request.run_id,
        dag_id=request.dag_id,
        dag_run_id=request.dag_run_id,
        node=request.node_key,
        map_index=request.map_index,
        kind=request.kind,
        subject=request.subject,
        state=request.state,
        decision=request.decision,
        created_at=request.created_at,
        deadline=request.deadline,
        due_at=request.due_at,
        decided_at=request.decided_at,
        waits_for=shown.in_words(held) if held is not None else "",
    )
