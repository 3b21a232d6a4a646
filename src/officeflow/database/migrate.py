"""Brings the database to a revision of its tables.

Safe to repeat and to run from several processes at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from psycopg.errors import InsufficientPrivilege
from sqlalchemy import Connection, NullPool, create_engine, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from officeflow.database import roles
from officeflow.database.engine import sqlalchemy_url, unanswered
from officeflow.errors import InvalidInput

if TYPE_CHECKING:
    from alembic.config import Config

LOCK = 0x0FF1CE_F10
"""The advisory lock that one migrating process holds, per database."""


def upgrade(url: str, revision: str = "head", *, logins: roles.Logins | None = None) -> None:
    """Create or change the tables up to `revision`, and the roles and `logins` where they are missing.

    When this returns, the database is at `revision` (or beyond, if it was). A process that comes second waits
    for the first. `Unavailable` when the database does not answer; `InvalidInput` when the login may not do
    it or there is no such revision; nothing is changed then.
    """
    from alembic import command

    with _locked(url) as connection, _known(revision):
        with connection.begin():
            roles.ensure(connection, logins)
        command.upgrade(_config(connection), revision)


def downgrade(url: str, revision: str = "base") -> None:
    """Take the tables back to `revision`; with "base" every table of ours is dropped, with its rows.

    The roles stay: other databases may use them.
    """
    from alembic import command

    with _locked(url) as connection, _known(revision):
        command.downgrade(_config(connection), revision)


def current(url: str) -> str | None:
    """The revision that the database is at; None where it has no tables of ours."""
    from alembic.migration import MigrationContext

    with _connected(url) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """The newest revision that this version of OfficeFlow knows."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def _config(connection: Connection | None = None) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "officeflow.database:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    engine = create_engine(sqlalchemy_url(url), poolclass=NullPool, connect_args={"connect_timeout": 10})
    try:
        with engine.connect() as connection:
            yield connection
    except OperationalError as error:
        raise unanswered(error, engine.url) from error
    except ProgrammingError as error:
        if not isinstance(error.orig, InsufficientPrivilege):
            raise
        raise InvalidInput(
            f"the database login may not change tables: {error.orig}", hint="it must own the database"
        ) from error


@contextmanager
def _locked(url: str) -> Iterator[Connection]:
    """A connection that alone may migrate; the lock ends with it."""
    with _connected(url) as connection:
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
        connection.commit()
        yield connection


@contextmanager
def _known(revision: str) -> Iterator[None]:
    from alembic.util import CommandError

    try:
        yield
    except CommandError as error:
        raise InvalidInput(f"the tables cannot be brought to revision {revision!r}: {error}") from error
