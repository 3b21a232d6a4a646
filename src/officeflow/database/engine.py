"""Engine and sessions.

Each transaction steps down to one of two roles that row-level security knows:

- `officeflow_tenant` sees the rows of one organization, the one in the setting `officeflow.org_id`;
- `officeflow_service` sees all rows: for the few services that work across organizations (bundle, dispatcher,
  steward).

A third one, `officeflow_gateway`, reads the sources of webhooks and adds to the quarantine, under keys that
it looks up or makes, and may do nothing else: it is the webhook gateway's, whose login can step into no
other.

Each kind of transaction has a login and a pool of its own, and the tenants' login can step into no other
role: what runs in a tenant's transaction cannot make itself a service (ADR 18). The owner of the tables is
for migrations; it sees no row (`FORCE ROW LEVEL SECURITY`), nor does a login that forgets to say who it is.
Where only the owner's address is given, all transactions are its own.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeAlias

import psycopg
from sqlalchemy import URL, Connection, Dialect, Engine, create_engine, event, text
from sqlalchemy.exc import DisconnectionError, OperationalError, StatementError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from officeflow.database import encryption
from officeflow.database.keys import Keys
from officeflow.errors import OfficeFlowError, Unavailable
from officeflow.program import typed
from officeflow.settings import Settings, load_settings

PsycopgConnection: TypeAlias = psycopg.Connection[tuple[object, ...]]

TENANT_ROLE = "officeflow_tenant"
SERVICE_ROLE = "officeflow_service"
GATEWAY_ROLE = "officeflow_gateway"
ORG_SETTING = "officeflow.org_id"
FRESH_SECONDS = 2.0
KEY_CONNECTIONS = 1
"""Kept for looking up keys, beside the pools of the logins."""

_TENANT = f"SELECT set_config('role', '{TENANT_ROLE}', true), set_config('{ORG_SETTING}', %s, true)"
ENTER_TENANT = _TENANT.encode()
"""What `enter_tenant` does, in psycopg's terms; the organization's id as text is its one parameter."""
_ENTER_TENANT = text(_TENANT % ":org")
_ENTER_SERVICE = text(f"SELECT set_config('role', '{SERVICE_ROLE}', true)")
_ENTER_GATEWAY = text(f"SELECT set_config('role', '{GATEWAY_ROLE}', true)")
_ENTER_GATEWAY_FOR = text(
    f"SELECT set_config('role', '{GATEWAY_ROLE}', true), set_config('{ORG_SETTING}', :org, true)"
)


_WHERE = re.compile(r'^(connection failed: )?connection to server at ".*?"( \([^)]*\))?, port \d+ failed: ')


def unanswered(error: OperationalError | psycopg.OperationalError, url: URL | None = None) -> Unavailable:
    """In one line: which database, and the first line of what the driver says."""
    said = str(error.orig if isinstance(error, OperationalError) else error).strip().splitlines() or [
        "no reason given"
    ]
    where = f" at {url.host}:{url.port or 5432}" if url is not None and url.host else ""
    hint = f"`{typed('up')}` starts the stack, `{typed('status')}` shows whether it runs"
    return Unavailable(f"the database{where} did not answer: {_WHERE.sub('', said[0])}", hint=hint)


def psycopg_of(connection: Connection) -> PsycopgConnection:
    """Psycopg's own connection: its pipelines send many statements without waiting for each."""
    raw = connection.connection.driver_connection
    if not isinstance(raw, psycopg.Connection):
        raise TypeError(f"psycopg's connection is needed, not {type(raw).__name__}")
    return raw


def sqlalchemy_url(url: str) -> str:
    """`url` with the psycopg 3 driver named, whatever PostgreSQL spelling it came in."""
    scheme, separator, rest = url.partition("://")
    return f"postgresql+psycopg{separator}{rest}" if scheme.startswith("postgres") else url


def enter_tenant(session: Session | Connection, org_id: uuid.UUID) -> None:
    """Make the session's transaction, just begun, one that sees the rows of `org_id` alone."""
    session.execute(_ENTER_TENANT, {"org": str(org_id)})


def _enter_gateway_for(connection: Connection, org_id: uuid.UUID) -> None:
    """The gateway's, which sees the keys of `org_id` alone."""
    connection.execute(_ENTER_GATEWAY_FOR, {"org": str(org_id)})


def _note_use(connection: Any, record: ConnectionPoolEntry) -> None:
    del connection
    record.info["used"] = time.monotonic()


def _ping_after_rest(
    dialect: Dialect, connection: Any, record: ConnectionPoolEntry, proxy: PoolProxiedConnection
) -> None:
    """Asking a connection whether it lives costs as much as a statement: one that was used a moment ago is
    not asked.
    """
    del proxy
    if time.monotonic() - record.info["used"] < FRESH_SECONDS:
        return
    try:
        dialect.do_ping(connection)
    except psycopg.OperationalError as error:
        raise DisconnectionError("the server has closed this connection") from error


class Database:
    """Hands out transactions; used in a `with`, it closes its connections at the end.

    Safe to share between threads, not across a fork.
    """

    def __init__(
        self,
        url: str,
        *,
        tenant_url: str = "",
        service_url: str = "",
        pool_size: int = 5,
        for_gateway: bool = False,
    ) -> None:
        """`url` is the owner's, which stands in for a login that has no address of its own.

        `pool_size` is per login. With `for_gateway` it is the gateway's login, which does nothing but
        `gateway`: keys are looked up by its role.
        """
        engines = {each: _engine(each, pool_size) for each in {url, tenant_url or url, service_url or url}}
        self.engine, self.tenants, services = (
            engines[url],
            engines[tenant_url or url],
            engines[service_url or url],
        )
        lookups = _engine(tenant_url or url, KEY_CONNECTIONS)
        self._keys = Keys(lookups, _enter_gateway_for if for_gateway else enter_tenant)
        self._engines = (*engines.values(), lookups)
        for engine in engines.values():
            encryption.use_keys(engine.dialect, self._keys)
        self._tenant_sessions = sessionmaker(self.tenants, expire_on_commit=False)
        self._service_sessions = sessionmaker(services, expire_on_commit=False)

    @property
    def keys(self) -> Keys:
        """The keys of people and organizations, by which encrypting columns are written and read."""
        return self._keys

    @property
    def service_url(self) -> str:
        """The address of services' transactions, with its password: for one that listens."""
        bound: Engine = self._service_sessions.kw["bind"]
        return bound.url.render_as_string(hide_password=False)

    @classmethod
    def from_settings(cls, settings: Settings | None = None, *, pool_size: int = 5) -> Database:
        known = settings or load_settings()
        tenant_url, service_url = (
            known.database_tenant_url.get_secret_value(),
            known.database_service_url.get_secret_value(),
        )
        return cls(
            known.database_url.get_secret_value(),
            tenant_url=tenant_url,
            service_url=service_url,
            pool_size=pool_size,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.dispose()

    @contextmanager
    def tenant(self, org_id: uuid.UUID) -> Iterator[Session]:
        """One transaction that sees the rows of `org_id` alone.

        Commits on leaving, rolls back on an exception.
        """
        with _begun(self._tenant_sessions) as session:
            enter_tenant(session, org_id)
            yield session

    @contextmanager
    def tenant_at_once(self, org_id: uuid.UUID) -> Iterator[PsycopgConnection]:
        """As `tenant`, for psycopg's own statements, which are sent in one round trip: what they answer can
        be read behind it. A short write takes half of the processor time that a session's takes.
        """
        try:
            connection = self.tenants.connect().execution_options(isolation_level="AUTOCOMMIT")
        except OperationalError as error:
            raise unanswered(error, self.tenants.url) from error
        with connection:
            raw = psycopg_of(connection)
            try:
                with raw.pipeline():
                    raw.execute("BEGIN")
                    raw.execute(ENTER_TENANT, (str(org_id),))
                    yield raw
                    raw.execute("COMMIT")
            except psycopg.OperationalError as error:
                connection.invalidate(error)
                raise unanswered(error, self.tenants.url) from error
            except BaseException:
                raw.rollback()
                raise

    @contextmanager
    def service(self) -> Iterator[Session]:
        """One transaction that sees all organizations. Commits on leaving, rolls back on an exception."""
        with _begun(self._service_sessions) as session:
            session.execute(_ENTER_SERVICE)
            yield session

    @contextmanager
    def gateway(self) -> Iterator[Session]:
        """One transaction of the webhook gateway's, by the login of services; otherwise as `service`."""
        with _begun(self._service_sessions) as session:
            session.execute(_ENTER_GATEWAY)
            yield session

    def dispose(self) -> None:
        for engine in self._engines:
            engine.dispose()


def _engine(url: str, pool_size: int) -> Engine:
    engine = create_engine(
        sqlalchemy_url(url),
        pool_size=pool_size,
        max_overflow=10,
        hide_parameters=True,  # errors are logged, and people's data is not to be
        connect_args={"connect_timeout": 10, "application_name": "officeflow"},
    )
    event.listen(engine, "connect", _note_use)
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", partial(_ping_after_rest, engine.dialect))
    return engine


@contextmanager
def _begun(sessions: sessionmaker[Session]) -> Iterator[Session]:
    try:
        with sessions.begin() as session:
            yield session
    except OperationalError as error:
        raise unanswered(error, sessions.kw["bind"].url) from error
    except StatementError as error:
        if told := of_keys(error):
            raise told from error
        raise


def of_keys(error: StatementError) -> Exception | None:
    """What SQLAlchemy wraps where the key of a column was not to be had; None of any other error."""
    inner = error.orig
    if isinstance(inner, OperationalError):
        return unanswered(inner)
    return inner if isinstance(inner, OfficeFlowError) else None
