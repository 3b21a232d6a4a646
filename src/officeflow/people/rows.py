"""Requests, who is asked, and users, as rows of the columns that lists read: an entity of SQLAlchemy costs
ten times as much, and a page has hundreds.

`AnyRequest`, `AnySeat`, `AnyUser` are what the rules read of them: entities and rows are both such.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Dialect, Select, Text, TypeDecorator, cast, select

from officeflow.database.tables import HumanRequest, WorkflowRun
from officeflow.statuses import (
    AssignmentState,
    DecisionRule,
    RequestKind,
    RequestState,
    RunControl,
    RunStatus,
)


class Request(NamedTuple):
    """Body and form are not in it: they would have to be decrypted, by the key of the person that each is
    about. What pages are ordered by comes first, where sqlakeyset finds it soonest.
    """

    created_at: dt.datetime
    request_id: uuid.UUID
    run_id: uuid.UUID
    node_key: str
    map_index: int
    kind: RequestKind
    subject: str
    options: Sequence[Any]
    rule: DecisionRule
    needed: int
    asked: Sequence[Any]
    unasked: Sequence[Any]
    state: RequestState
    decision: str
    deadline: dt.datetime | None
    due_at: dt.datetime | None
    decided_at: dt.datetime | None
    dag_id: str
    dag_run_id: str


class RunEnd(NamedTuple):
    """What ended a run, or is about to."""

    status: RunStatus
    ended_at: dt.datetime | None
    control: RunControl
    control_by: str
    control_at: dt.datetime | None


class Seat(NamedTuple):
    """Somebody who is asked; what they filled in is not in it."""

    assignment_id: uuid.UUID
    request_id: uuid.UUID
    user_id: uuid.UUID | None
    why: str
    answered_by: uuid.UUID | None
    login: str
    state: AssignmentState
    choice: str
    mailed_at: dt.datetime | None


class Person(NamedTuple):
    """A user."""

    user_id: uuid.UUID
    email: str
    name: str
    airflow_login: str | None
    is_active: bool


class AnyRequest(Protocol):
    @property
    def request_id(self) -> uuid.UUID: ...
    @property
    def run_id(self) -> uuid.UUID: ...
    @property
    def options(self) -> Sequence[Any]: ...
    @property
    def rule(self) -> DecisionRule: ...
    @property
    def needed(self) -> int: ...
    @property
    def asked(self) -> Sequence[Any]: ...
    @property
    def unasked(self) -> Sequence[Any]: ...
    @property
    def state(self) -> RequestState: ...
    @property
    def decision(self) -> str: ...
    @property
    def decided_at(self) -> dt.datetime | None: ...


class AnyRun(Protocol):
    @property
    def status(self) -> RunStatus: ...
    @property
    def ended_at(self) -> dt.datetime | None: ...
    @property
    def control(self) -> RunControl: ...
    @property
    def control_by(self) -> str: ...
    @property
    def control_at(self) -> dt.datetime | None: ...


class AnySeat(Protocol):
    @property
    def user_id(self) -> uuid.UUID | None: ...
    @property
    def answered_by(self) -> uuid.UUID | None: ...
    @property
    def login(self) -> str: ...
    @property
    def state(self) -> AssignmentState: ...
    @property
    def choice(self) -> str: ...


class AnyUser(Protocol):
    @property
    def user_id(self) -> uuid.UUID: ...
    @property
    def email(self) -> str: ...
    @property
    def airflow_login(self) -> str | None: ...
    @property
    def is_active(self) -> bool: ...


_LISTS = (HumanRequest.options, HumanRequest.asked, HumanRequest.unasked)


class _FewTexts(TypeDecorator[Sequence[Any]]):
    """A JSON list as a tuple, for columns whose rows mostly have the same: each text is parsed once."""

    impl = Text
    cache_ok = True

    def process_result_value(self, value: str | None, _dialect: Dialect) -> Sequence[Any] | None:
        return None if value is None else _parsed(value)


@lru_cache(maxsize=1_000)
def _parsed(text: str) -> Sequence[Any]:
    return tuple(json.loads(text))


def columns(of: Any, row: type[NamedTuple]) -> list[Any]:
    """The columns of a table's class that the row has."""
    return [getattr(of, name) for name in row._fields]


@cache
def requests() -> Select[*tuple[Any, ...]]:
    """The columns of `Request`, to be narrowed down and put in an order."""
    lists = {each.key: cast(each, _FewTexts) for each in _LISTS}
    found = [lists[name] if name in lists else getattr(HumanRequest, name) for name in Request._fields[:-2]]
    query = select(*found, WorkflowRun.dag_id, WorkflowRun.dag_run_id)
    return query.join(WorkflowRun, WorkflowRun.run_id == HumanRequest.run_id)
