"""The lock that a worker holds while it acts.

It is a session-level advisory lock of PostgreSQL, on a connection that does nothing else meanwhile: it ends
with the worker's process, its machine or its network, and never before. (A pooler between us and PostgreSQL
must pool sessions, not transactions.)
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import LiteralString

import psycopg
from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, OperationalError, StatementError
from sqlalchemy.orm import Session

from officeflow.database.engine import (
    ENTER_TENANT,
    Database,
    PsycopgConnection,
    of_keys,
    psycopg_of,
    unanswered,
)
from officeflow.errors import ActInProgress

_WAIT = text("SELECT set_config('lock_timeout', :milliseconds, true), pg_advisory_lock(:number)")
_UNLOCK = "SELECT pg_advisory_unlock(%s)"


@dataclass(frozen=True, slots=True)
class Peek:
    """A query and its parameters, in psycopg's terms: is there anything?"""

    query: LiteralString
    parameters: tuple[object, ...]


class ActConnection:
    """A connection that takes, holds and releases the lock `number`; made by `connected` and `hold`.

    It is in autocommit, and BEGIN and COMMIT are statements of ours: psycopg's own would each wait for an
    answer in a pipeline. What frames a transaction goes to psycopg directly: through SQLAlchemy each of these
    statements would take three times as long.
    """

    def __init__(self, connection: Connection, number: int) -> None:
        self._connection = connection
        self._number = number
        self._held = False

    @contextmanager
    def transaction(self, org_id: uuid.UUID) -> Iterator[Session]:
        """A transaction of the organization's.

        `Unavailable` when the connection is gone, and with it the lock.
        """
        with _translated(), self._undone_on_error(), self._session() as session:
            self._begin(org_id)
            yield session
            self._commit(session)

    @contextmanager
    def first(self, org_id: uuid.UUID, peek: Peek, *, wait_seconds: float) -> Iterator[tuple[Session, bool]]:
        """The transaction that begins with taking the lock; with it comes whether `peek` found anything.

        It takes one round trip to begin, and where nothing was found one to commit: then, only insert.
        `ActInProgress` where another session still holds the lock after `wait_seconds`.
        """
        with _translated(), self._undone_on_error(), self._session() as session:
            found = self._take_and_peek(session, org_id, peek, wait_seconds)
            yield session, found
            with nullcontext() if found else self._raw.pipeline():
                self._commit(session)

    @contextmanager
    def last(self, org_id: uuid.UUID) -> Iterator[Session]:
        """A transaction that is sent in one round trip, with the release of the lock behind it: no result in
        it can be read.
        """
        with _translated(), self._undone_on_error(), self._session() as session, self._raw.pipeline():
            self._begin(org_id)
            yield session
            self._commit(session)
            self._raw.execute(_UNLOCK, (self._number,))
        self._held = False

    def acquire(self, wait_seconds: float) -> None:
        with _translated(), self._undone_on_error(), self._session() as session:
            self._wait(session, wait_seconds)
            self._commit(session)

    def release(self) -> None:
        """Give the lock and the connection back; a connection that does not answer is closed, which frees the
        lock too.
        """
        try:
            if self._held and not self._connection.invalidated:
                self._raw.execute(_UNLOCK, (self._number,))
        except (DBAPIError, psycopg.Error):
            self._connection.invalidate()
        finally:
            self._connection.close()

    def _take_and_peek(self, session: Session, org_id: uuid.UUID, peek: Peek, wait_seconds: float) -> bool:
        """Each statement sees what was committed when it began: what a worker recorded before it let the lock
        go is seen.
        """
        with self._raw.pipeline():
            self._begin(org_id)
            taken = self._raw.execute("SELECT pg_try_advisory_lock(%s)", (self._number,))
            found = self._raw.execute(peek.query, peek.parameters)
        self._held = taken.fetchone() == (True,)
        if not self._held:
            self._raw.execute("ROLLBACK")
            self._wait(session, wait_seconds)
            self._raw.execute(ENTER_TENANT, (str(org_id),))
            return True
        return found.fetchone() is not None

    def _wait(self, session: Session, seconds: float) -> None:
        """Begin a transaction, and have the lock in it; the lock outlasts it."""
        self._raw.execute("BEGIN")
        try:
            session.execute(_WAIT, {"number": self._number, "milliseconds": str(max(1, int(seconds * 1000)))})
        except OperationalError as error:
            if isinstance(error.orig, LockNotAvailable):
                raise ActInProgress(
                    "another worker is doing this act now", hint="it is looked at again by itself"
                ) from error
            raise
        self._held = True

    def _begin(self, org_id: uuid.UUID) -> None:
        self._raw.execute("BEGIN")
        self._raw.execute(ENTER_TENANT, (str(org_id),))

    def _commit(self, session: Session) -> None:
        session.flush()
        self._raw.execute("COMMIT")

    @contextmanager
    def _undone_on_error(self) -> Iterator[None]:
        """SQLAlchemy knows nothing of a transaction here, so it is rolled back by hand."""
        try:
            yield
        except BaseException:
            try:
                if not self._connection.invalidated:
                    self._raw.rollback()
            except psycopg.Error:
                self._connection.invalidate()
            raise

    def _session(self) -> Session:
        return Session(self._connection, expire_on_commit=False)

    @property
    def _raw(self) -> PsycopgConnection:
        return psycopg_of(self._connection)


@contextmanager
def connected(database: Database, number: int) -> Iterator[ActConnection]:
    """A connection of its own for the lock `number`, which is not taken yet; released in any case."""
    with _translated():
        connection = ActConnection(
            database.tenants.connect().execution_options(isolation_level="AUTOCOMMIT"), number
        )
    try:
        yield connection
    finally:
        connection.release()


@contextmanager
def hold(database: Database, number: int, *, wait_seconds: float) -> Iterator[ActConnection]:
    """The same with the lock taken; `ActInProgress` where another session still holds it after
    `wait_seconds`.
    """
    with connected(database, number) as connection:
        connection.acquire(wait_seconds)
        yield connection


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (OperationalError, psycopg.OperationalError) as error:
        raise unanswered(error) from error
    except StatementError as error:
        if told := of_keys(error):
            raise told from error
        raise
