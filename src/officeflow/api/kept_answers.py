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


def begin(database: Database, clock: Clock, place: Place, content: str) -> Kept | None:
    """None: the request is the first with this key, and it is noted that it has begun. Otherwise its answer.

    `KeyReused` where the key came with other content, `KeyInUse` where there is no answer (yet): either the
    request is still at work, or nobody knows what became of it.
    """
    with database.service() as session:
        _prune(session, clock.now())
        row = {"owner": place.owner, "key": place.key, "content": content, "begun_at": clock.now()}
        made = session.execute(
            insert(IdempotencyKey).values(row).on_conflict_do_nothing().returning(IdempotencyKey.key)
        ).first()
        if made is not None:
            return None
        found = session.scalars(select(IdempotencyKey).where(*_is(place))).one_or_none()
    if found is not None and found.content != content:
        raise KeyReused(
            "this Idempotency-Key came with another request", hint="use a new key for a new request"
        )
    if found is None or found.answer is None:
        raise KeyInUse(
            "a request with this Idempotency-Key has no answer yet",
            hint="look whether it was done; then use another key",
        )
    return Kept(found.answer["status"], found.answer["headers"], base64.b64decode(found.answer["body"]))


def keep(database: Database, place: Place, answer: Kept) -> None:
    """Note what was answered."""
    kept = {
        "status": answer.status,
        "headers": dict(answer.headers),
        "body": base64.b64encode(answer.body).decode(),
    }
    with database.service() as session:
        session.execute(update(IdempotencyKey).where(*_is(place)).values(answer=kept))


def forget(database: Database, place: Place) -> None:
    """The key may be used again: what it was used for has changed nothing."""
    with database.service() as session:
        session.execute(delete(IdempotencyKey).where(*_is(place)))


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
