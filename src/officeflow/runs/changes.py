"""Which runs and requests of an organization changed since a reader looked, however long that is ago.

A reader's position is a snapshot of PostgreSQL's: which transactions it had seen. Each row says by which
transaction it was changed last (`changed_in`). So nothing is missed whose transaction ended after that of a
younger one, and nothing comes twice.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, String, cast, func, literal, select, tuple_
from sqlalchemy.exc import DataError
from sqlalchemy.orm import Session
from sqlalchemy.types import UserDefinedType

from officeflow.database.engine import Database
from officeflow.database.tables import HumanAssignment, HumanRequest, WorkflowRun
from officeflow.errors import InvalidInput, Problem
from officeflow.statuses import RequestKind, RequestState, RunControl, RunStatus

_Query = Select[*tuple[Any, ...]]


class _OfPostgres(UserDefinedType[Any]):
    """A type of PostgreSQL's that is only cast to."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: Any) -> str:
        return self.name


_XID8, _SNAPSHOT = _OfPostgres("xid8"), _OfPostgres("pg_snapshot")

CHANNEL = "officeflow_changes"
"""PostgreSQL's notification that something changed; its payload is the organization's UUID."""

AT_ONCE = 500
LONGEST = 4_000
_POSITION = re.compile(r"\d{1,19}:\d{1,19}:(\d{1,19}(,\d{1,19})*)?\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunChange:
    run_id: uuid.UUID
    dag_id: str
    dag_run_id: str
    status: RunStatus
    control: RunControl
    started_at: dt.datetime
    ended_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestChange:
    request_id: uuid.UUID
    run_id: uuid.UUID
    node: str
    map_index: int
    kind: RequestKind
    state: RequestState
    created_at: dt.datetime
    decided_at: dt.datetime | None


Change = RunChange | RequestChange


@dataclass(frozen=True, slots=True)
class Wish:
    """Of what one is told. `asked` are the users whose requests are meant; None: everybody's."""

    runs: bool = True
    requests: bool = True
    asked: frozenset[uuid.UUID] | None = None


def now(session: Session) -> str:
    """The position from which only what changes from now on is told."""
    return str(session.execute(select(cast(func.pg_current_snapshot(), String))).scalar_one())


def check_position(session: Session, position: str) -> bool:
    """Whether one can go on from there: not where the database is an older copy of the one that gave it.

    `InvalidInput` where it is no position.
    """
    problem = Problem("header.Last-Event-ID", "it is none that this stream has given")
    if len(position) > LONGEST or not _POSITION.match(position):
        raise InvalidInput("one cannot go on from there", problems=[problem])
    given, current = _snapshot(position), func.pg_current_snapshot()
    try:
        with session.begin_nested():
            found = session.scalar(select(func.pg_snapshot_xmax(given) <= func.pg_snapshot_xmax(current)))
    except DataError as error:
        raise InvalidInput("one cannot go on from there", problems=[problem]) from error
    return bool(found)


@dataclass(frozen=True, slots=True)
class Batch:
    """`position` is where a reader is who has seen it; "" where more of the same look follows."""

    changes: Sequence[Change]
    position: str


def since(database: Database, org_id: uuid.UUID, position: str, wish: Wish) -> Iterator[Batch]:
    """What changed after `position`, each thing once, as it is now; at least one batch, the last one empty or
    not with the position to go on from.
    """
    with database.tenant(org_id) as session:
        until = now(session)
    held: list[Change] = []
    for which in _queries(org_id, wish):
        look = _Look(position, until)
        while True:
            with database.tenant(org_id) as session:
                rows = session.execute(which.page(look)).all()
            if held:
                yield Batch(held, "")
            held = [which.change(row) for row in rows]
            if len(rows) < AT_ONCE:
                break
            look = replace(look, after=(rows[-1].changed_in, rows[-1][0]))
    yield Batch(held, until)


@dataclass(frozen=True, slots=True)
class _Look:
    """At what the snapshot `since` did not see and `until` does, behind the row that is `after`."""

    since: str
    until: str
    after: tuple[int, uuid.UUID] | None = None

    def of(self, query: _Query, changed_in: Any, key: Any) -> _Query:
        """The bounds are what the index is asked for."""
        since, until = _snapshot(self.since), _snapshot(self.until)
        transaction = cast(cast(changed_in, String), _XID8)
        query = query.where(
            changed_in >= _number(func.pg_snapshot_xmin(since)),
            changed_in < _number(func.pg_snapshot_xmax(until)),
            ~func.pg_visible_in_snapshot(transaction, since),
            func.pg_visible_in_snapshot(transaction, until),
        )
        if self.after is not None:
            query = query.where(tuple_(changed_in, key) > tuple_(*map(literal, self.after)))
        return query.order_by(changed_in, key).limit(AT_ONCE)


class _Runs:
    def __init__(self, org_id: uuid.UUID) -> None:
        self._org_id = org_id

    def page(self, look: _Look) -> _Query:
        query = select(
            WorkflowRun.run_id,
            WorkflowRun.changed_in,
            WorkflowRun.dag_id,
            WorkflowRun.dag_run_id,
            WorkflowRun.status,
            WorkflowRun.control,
            WorkflowRun.started_at,
            WorkflowRun.ended_at,
        ).where(WorkflowRun.org_id == self._org_id)
        return look.of(query, WorkflowRun.changed_in, WorkflowRun.run_id)

    @staticmethod
    def change(row: Any) -> Change:
        told = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's documented name of it
        del told["changed_in"]
        return RunChange(**told)


class _Requests:
    def __init__(self, org_id: uuid.UUID, asked: frozenset[uuid.UUID] | None) -> None:
        self._org_id, self._asked = org_id, asked

    def page(self, look: _Look) -> _Query:
        query = select(
            HumanRequest.request_id,
            HumanRequest.changed_in,
            HumanRequest.run_id,
            HumanRequest.node_key.label("node"),
            HumanRequest.map_index,
            HumanRequest.kind,
            HumanRequest.state,
            HumanRequest.created_at,
            HumanRequest.decided_at,
        ).where(HumanRequest.org_id == self._org_id)
        if self._asked is not None:
            theirs = select(HumanAssignment.request_id).where(
                HumanAssignment.request_id == HumanRequest.request_id,
                HumanAssignment.user_id.in_(self._asked),
            )
            query = query.where(theirs.correlate(HumanRequest).exists())
        return look.of(query, HumanRequest.changed_in, HumanRequest.request_id)

    @staticmethod
    def change(row: Any) -> Change:
        told = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's documented name of it
        del told["changed_in"]
        return RequestChange(**told)


def _queries(org_id: uuid.UUID, wish: Wish) -> Iterator[_Runs | _Requests]:
    if wish.runs:
        yield _Runs(org_id)
    if wish.requests:
        yield _Requests(org_id, wish.asked)


def _snapshot(position: str) -> ColumnElement[Any]:
    return cast(literal(position, String), _SNAPSHOT)


def _number(transaction: ColumnElement[Any]) -> ColumnElement[int]:
    return cast(cast(transaction, String), BigInteger)
