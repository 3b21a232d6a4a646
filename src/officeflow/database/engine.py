"""Engine and sessions.

One login role per process; each transaction steps down to one of two roles that row-level security knows:

- `officeflow_tenant` sees the rows of one organization, the one in the setting `officeflow.org_id`;
- `officeflow_service` sees all rows: for the few services that work across organizations (bundle, dispatcher, steward).

The login role itself, although it owns the tables, sees no row (`FORCE ROW LEVEL SECURITY`): forgetting to say who you are shows nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from officeflow.errors import Unavailable
from officeflow.settings import Settings, load_settings

TENANT_ROLE = "officeflow_tenant"
SERVICE_ROLE = "officeflow_service"
ORG_SETTING = "officeflow.org_id"

_ENTER_TENANT = text(f"SELECT set_config('role', '{TENANT_ROLE}', true), set_config('{ORG_SETTING}', :org, true)")
_ENTER_SERVICE = text(f"SELECT set_config('role', '{SERVICE_ROLE}', true)")


def sqlalchemy_url(url: str) -> str:
    """`url` with the psycopg 3 driver named, whatever PostgreSQL spelling it came in."""
    scheme, separator, rest = url.partition("://")
    return f"postgresql+psycopg{separator}{rest}" if scheme.startswith("postgres") else url


def enter_tenant(session: Session, org_id: uuid.UUID) -> None:
    """Make the session's transaction, just begun, one that sees the rows of `org_id` alone."""
    session.execute(_ENTER_TENANT, {"org": str(org_id)})


class Database:
    """Hands out transactions. Safe to share between threads, not across a fork."""

    def __init__(self, url: str, *, pool_size: int = 5) -> None:
        self.engine: Engine = create_engine(
            sqlalchemy_url(url),
            pool_size=pool_size,
            max_overflow=10,
            pool_pre_ping=True,
            connect_args={"connect_timeout": 10, "application_name": "officeflow"},
        )
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)

    @classmethod
    def from_settings(cls, settings: Settings | None = None) -> Database:
        return cls((settings or load_settings()).database_url.get_secret_value())

    @contextmanager
    def tenant(self, org_id: uuid.UUID) -> Iterator[Session]:
        """One transaction that sees the rows of `org_id` alone. Commits on leaving, rolls back on an exception."""
        with self._begin() as session:
            enter_tenant(session, org_id)
            yield session

    @contextmanager
    def service(self) -> Iterator[Session]:
        """One transaction that sees all organizations. Commits on leaving, rolls back on an exception."""
        with self._begin() as session:
            session.execute(_ENTER_SERVICE)
            yield session

    @contextmanager
    def _begin(self) -> Iterator[Session]:
        try:
            with self._sessions.begin() as session:
                yield session
        except OperationalError as error:
            raise Unavailable(f"the database did not answer: {error.orig}", hint="`officeflow status` shows whether it runs") from error

    def dispose(self) -> None:
        self.engine.dispose()
