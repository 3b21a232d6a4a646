"""The lock that a worker holds while it acts.

It is a session-level advisory lock of PostgreSQL, on a connection that does nothing else meanwhile: it ends with the worker's process, its
machine or its network, and never before. (A pooler between us and PostgreSQL must pool sessions, not transactions.)
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from officeflow.database.engine import Database, enter_tenant
from officeflow.errors import ActInProgress, Unavailable

_TRY = text("SELECT pg_try_advisory_lock(:number)")
_WAIT = text("SELECT set_config('lock_timeout', :milliseconds, true), pg_advisory_lock(:number)")
_UNLOCK = text("SELECT pg_advisory_unlock(:number)")


class HeldLock:
    """A connection with the lock `number`; made by `hold`."""

    def __init__(self, connection: Connection, number: int) -> None:
        self._connection = connection
        self._number = number
        self._held = False

    @contextmanager
    def transaction(self, org_id: uuid.UUID) -> Iterator[Session]:
        """A transaction of the organization's, on the connection that holds the lock.

        `Unavailable` when the connection is gone, and with it the lock.
        """
        with _translated(), Session(self._connection, expire_on_commit=False) as session, session.begin():
            enter_tenant(session, org_id)
            yield session

    def acquire(self, wait_seconds: float) -> None:
        with self._connection.begin():
            self._held = bool(self._connection.scalar(_TRY, {"number": self._number}))
            if not self._held:
                self._wait(wait_seconds)
        self._held = True

    def _wait(self, seconds: float) -> None:
        try:
            self._connection.execute(_WAIT, {"number": self._number, "milliseconds": str(max(1, int(seconds * 1000)))})
        except OperationalError as error:
            if isinstance(error.orig, LockNotAvailable):
                raise ActInProgress("another worker is doing this act now", hint="it is looked at again by itself") from error
            raise

    def release(self) -> None:
        """Give the lock and the connection back; a connection that does not answer is closed, which frees the lock too."""
        try:
            if self._held and not self._connection.invalidated:
                self._connection.execute(_UNLOCK, {"number": self._number})
                self._connection.commit()
        except (DBAPIError, psycopg.Error):
            self._connection.invalidate()
        finally:
            self._connection.close()


@contextmanager
def hold(database: Database, number: int, *, wait_seconds: float) -> Iterator[HeldLock]:
    """Hold the lock `number` on a connection of its own; `ActInProgress` where another session still holds it after `wait_seconds`."""
    with _translated():
        lock = HeldLock(database.engine.connect(), number)
    try:
        with _translated():
            lock.acquire(wait_seconds)
        yield lock
    finally:
        lock.release()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (OperationalError, psycopg.OperationalError) as error:
        reason = error.orig if isinstance(error, OperationalError) else error
        raise Unavailable(f"the database did not answer: {reason}", hint="`officeflow status` shows whether it runs") from error
