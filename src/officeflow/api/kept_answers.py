"""Answers to POSTs that came with an Idempotency-Key, kept so that the same request is answered alike."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from officeflow.clock import Clock
from officeflow.database.engine import Database
from officeflow.database.tables import IdempotencyKey
from officeflow.errors.requests import KeyInUse, KeyReused

KEPT = dt.timedelta(hours=24)
LEASE = dt.timedelta(minutes=10)
"""So long a key without an answer is in use: well beyond what any request takes."""
PRUNED_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Place:
    """Whose key it is, and the key."""

    owner: str
    key: str


@dataclass(frozen=True, slots=True)
class Kept:
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Begun:
    """That a request with a key is at work, since when: its answer is noted under this, and under no later
    one's.
    """

    place: Place
    at: dt.datetime


def begin(database: Database, clock: Clock, place: Place, content: str) -> Kept | Begun:
    """`Begun`: the request is the first with this key, which is noted. Otherwise its answer.

    `KeyReused` where the key came with other content, `KeyInUse` where there is no answer yet. A key that has
    had none for `LEASE` is free: the process that was at work for it has died.
    """
    now = clock.now()
    with database.service() as session:
        _prune(session, now)
        session.execute(
            delete(IdempotencyKey).where(
                *_is(place), IdempotencyKey.answer.is_(None), IdempotencyKey.begun_at < now - LEASE
            )
        )
        row = {"owner": place.owner, "key": place.key, "content": content, "begun_at": now}
        made = session.execute(
            insert(IdempotencyKey).values(row).on_conflict_do_nothing().returning(IdempotencyKey.begun_at)
        ).scalar()
        if made is not None:
            return Begun(place, made)
        found = session.scalars(select(IdempotencyKey).where(*_is(place))).one_or_none()
    if found is not None and found.content != content:
        raise KeyReused(
            "this Idempotency-Key came with another request", hint="use a new key for a new request"
        )
    if found is None or found.answer is None:
        raise KeyInUse(
            "a request with this Idempotency-Key has no answer yet",
            hint=f"send it again later; the key is free {LEASE.seconds // 60} minutes after it came",
        )
    return Kept(found.answer["status"], found.answer["headers"], base64.b64decode(found.answer["body"]))


def keep(database: Database, begun: Begun, answer: Kept) -> None:
    """Note what was answered."""
    kept = {
        "status": answer.status,
        "headers": dict(answer.headers),
        "body": base64.b64encode(answer.body).decode(),
    }
    with database.service() as session:
        session.execute(update(IdempotencyKey).where(*_began(begun)).values(answer=kept))


def forget(database: Database, begun: Begun) -> None:
    """The key may be used again."""
    with database.service() as session:
        session.execute(delete(IdempotencyKey).where(*_began(begun)))


def _began(begun: Begun) -> tuple[ColumnElement[bool], ...]:
    return (*_is(begun.place), IdempotencyKey.begun_at == begun.at)


def _is(place: Place) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (IdempotencyKey.owner == place.owner, IdempotencyKey.key == place.key)


def _prune(session: Session, now: dt.datetime) -> None:
    """Some of those that are past their day: each request that adds one takes out more than one."""
    old = (
        select(IdempotencyKey.owner, IdempotencyKey.key)
        .where(IdempotencyKey.begun_at < now - KEPT)
        .limit(PRUNED_AT_ONCE)
        .with_for_update(skip_locked=True)
        .cte("old")
    )
    session.execute(
        delete(IdempotencyKey).where(IdempotencyKey.owner == old.c.owner, IdempotencyKey.key == old.c.key)
    )
