"""The keys of people and organizations, as a process uses them.

A person's key is wrapped by the organization's, that by the installation's. Unwrapped ones are remembered
for `FRESH_SECONDS`: a key that is destroyed is used by no process any more after that. They are looked up on
connections of their own, so that a transaction that is about to write waits for no other; a key that is made
is there at once, whatever becomes of that transaction.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, Engine, text

from officeflow.database import encryption, sealing
from officeflow.errors import InvalidInput
from officeflow.ids import new_id
from officeflow.owners import Owner

FRESH_SECONDS = 3.0
MOST_REMEMBERED = 20_000

_OF_VALUES = text("""
    SELECT person.key_id, person.wrapped, whole.key_id AS org_key_id, whole.wrapped AS org_wrapped
    FROM person_keys AS person JOIN organization_keys AS whole ON whole.key_id = person.org_key_id
    WHERE person.key_id = ANY(:keys)
    UNION ALL SELECT key_id, NULL, key_id, wrapped FROM organization_keys WHERE key_id = ANY(:keys)
    """)
_OF_PERSON = text("""
    SELECT person.key_id, person.wrapped, whole.wrapped AS org_wrapped
    FROM person_keys AS person JOIN organization_keys AS whole ON whole.key_id = person.org_key_id
    WHERE person.org_id = :org AND person.person = :person AND person.retired_at IS NULL
    """)
_OF_ORGANIZATION = text("""
    SELECT key_id, wrapped AS org_wrapped FROM organization_keys WHERE org_id = :org AND retired_at IS NULL
    """)
_ADD_PERSON = text("""
    INSERT INTO person_keys (key_id, org_id, person, org_key_id, wrapped)
    VALUES (:key, :org, :person, :org_key, :wrapped) ON CONFLICT DO NOTHING
    """)
_ADD_ORGANIZATION = text("""
    INSERT INTO organization_keys (key_id, org_id, wrapped) VALUES (:key, :org, :wrapped)
    ON CONFLICT DO NOTHING
    """)


@dataclass(frozen=True, slots=True)
class _Remembered:
    key: sealing.DataKey | None
    until: float


class Keys:
    """Safe to share between threads, not across a fork."""

    def __init__(
        self,
        engine: Engine,
        enter: Callable[[Connection, uuid.UUID], None],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`enter` makes a transaction, just begun, one of the organization's."""
        self._engine = engine
        self._enter = enter
        self._clock = clock
        self._remembered: dict[Owner | uuid.UUID, _Remembered] = {}
        self._lock = threading.Lock()

    def of_owner(self, owner: Owner) -> sealing.DataKey:
        """By which what is this owner's is written now; made where there is none."""
        known = self._recall(owner)
        if known is not None and known.key is not None:
            return known.key
        with self._transaction(owner.org_id) as connection:
            key = _current(connection, owner)
        self._remember(owner, key)
        self._remember(key.key_id, key)
        return key

    def of_value(self, stored: bytes) -> sealing.DataKey | None:
        """By which it was written; None where that key was destroyed. `InvalidInput` where there is none
        such.
        """
        org_id, key_id = sealing.key_of(stored)
        known = self._recall(key_id)
        if known is None:
            found = self._look_up(org_id, {key_id})
            if key_id not in found:
                raise InvalidInput(
                    "a sensitive column cannot be read: the database has no such key",
                    hint="were the tables of keys restored from the same backup?",
                )
            return found[key_id]
        return known.key

    def look_up(self, stored: Iterable[bytes]) -> None:
        """Remember the keys of all these values: one transaction for each organization, not for each key."""
        missing: dict[uuid.UUID, set[uuid.UUID]] = {}
        for org_id, key_id in {sealing.key_of(each) for each in stored}:
            if self._recall(key_id) is None:
                missing.setdefault(org_id, set()).add(key_id)
        for org_id, key_ids in missing.items():
            self._look_up(org_id, key_ids)

    def forget(self) -> None:
        """Look every key up anew: some were destroyed or replaced."""
        with self._lock:
            self._remembered.clear()

    def _look_up(
        self, org_id: uuid.UUID, key_ids: Collection[uuid.UUID]
    ) -> Mapping[uuid.UUID, sealing.DataKey | None]:
        """Those of the keys that there are; None for one that was destroyed."""
        with self._transaction(org_id) as connection:
            rows = connection.execute(_OF_VALUES, {"keys": list(key_ids)}).all()
        found = {row.key_id: _of_row(org_id, row) for row in rows}
        for key_id, key in found.items():
            self._remember(key_id, key)
        return found

    @contextmanager
    def _transaction(self, org_id: uuid.UUID) -> Iterator[Connection]:
        with self._engine.begin() as connection:
            self._enter(connection, org_id)
            yield connection

    def _recall(self, name: Owner | uuid.UUID) -> _Remembered | None:
        with self._lock:
            known = self._remembered.get(name)
        return known if known is not None and self._clock() < known.until else None

    def _remember(self, name: Owner | uuid.UUID, key: sealing.DataKey | None) -> None:
        with self._lock:
            if len(self._remembered) >= MOST_REMEMBERED:
                self._remembered.clear()
            self._remembered[name] = _Remembered(key, self._clock() + FRESH_SECONDS)


def org_key(connection: Connection, org_id: uuid.UUID) -> tuple[uuid.UUID, bytes]:
    """The organization's key of now, unwrapped, and its id; made where there is none."""
    row = connection.execute(_OF_ORGANIZATION, {"org": org_id}).first()
    if row is None:
        add_org_key(connection, org_id)
        row = connection.execute(_OF_ORGANIZATION, {"org": org_id}).one()
    return row.key_id, encryption.decrypted(row.org_wrapped)


def add_org_key(connection: Connection, org_id: uuid.UUID) -> uuid.UUID:
    """A new one; none where the organization has one that is not retired."""
    key_id = new_id()
    wrapped = encryption.keyring().encrypt(sealing.new_key())
    connection.execute(_ADD_ORGANIZATION, {"key": key_id, "org": org_id, "wrapped": wrapped})
    return key_id


def _current(connection: Connection, owner: Owner) -> sealing.DataKey:
    if owner.person is None:
        key_id, whole = org_key(connection, owner.org_id)
        return _data_key(owner.org_id, key_id, sealing.derived(whole, sealing.ROWS))
    about = {"org": owner.org_id, "person": owner.person}
    row = connection.execute(_OF_PERSON, about).first()
    if row is None:
        org_key_id, whole = org_key(connection, owner.org_id)
        key_id = new_id()
        wrapped = sealing.wrap(whole, key_id, sealing.new_key())
        connection.execute(_ADD_PERSON, {**about, "key": key_id, "org_key": org_key_id, "wrapped": wrapped})
        row = connection.execute(_OF_PERSON, about).one()
    return _unwrapped(owner.org_id, row.key_id, row)


def _of_row(org_id: uuid.UUID, row: Any) -> sealing.DataKey | None:
    if row.org_key_id == row.key_id:
        whole = encryption.decrypted(row.org_wrapped)
        return _data_key(org_id, row.key_id, sealing.derived(whole, sealing.ROWS))
    return None if row.wrapped is None else _unwrapped(org_id, row.key_id, row)


def _unwrapped(org_id: uuid.UUID, key_id: uuid.UUID, row: Any) -> sealing.DataKey:
    key = sealing.unwrap(encryption.decrypted(row.org_wrapped), key_id, row.wrapped)
    return _data_key(org_id, key_id, key)


def _data_key(org_id: uuid.UUID, key_id: uuid.UUID, key: bytes) -> sealing.DataKey:
    return sealing.DataKey(org_id, key_id, AESGCM(key))
