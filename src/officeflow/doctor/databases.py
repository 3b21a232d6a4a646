"""OfficeFlow's database: its tables, roles, row-level security, and whether what is encrypted can be read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from sqlalchemy import Connection, NullPool, create_engine, select, text
from sqlalchemy.exc import OperationalError

from officeflow.counts import counted
from officeflow.database import migrate
from officeflow.database.engine import SERVICE_ROLE, TENANT_ROLE, Database, sqlalchemy_url
from officeflow.database.tables import Base, Employee, InboxEvent, NodeRun
from officeflow.doctor.finding import Check, Finding, Subject, ok, problem, warning
from officeflow.errors import InvalidInput
from officeflow.program import typed

AREA = "database"
OLDEST = 150000
"""PostgreSQL 15, as `server_version_num` has it."""

CONNECT_SECONDS = 4
SAMPLES = ((Employee.sensitive, "employees"), (InboxEvent.sensitive, "events"), (NodeRun.input, "acts"))

MEMBER = "SELECT pg_has_role(:role, 'MEMBER')"

RLS = """
SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity,
       EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid)
FROM pg_class c WHERE c.relkind IN ('r', 'p')
  AND c.relnamespace = 'public'::regnamespace AND c.relname = ANY(:tables)
"""


def _connected(subject: Subject) -> AbstractContextManager[Connection]:
    return _connected_to(subject.known.database_url.get_secret_value())


@contextmanager
def _connected_to(url: str) -> Iterator[Connection]:
    engine = create_engine(
        sqlalchemy_url(url), poolclass=NullPool, connect_args={"connect_timeout": CONNECT_SECONDS}
    )
    with engine.connect() as connection:
        yield connection


def reachable(subject: Subject) -> Iterator[Finding]:
    try:
        with _connected(subject) as connection:
            number = int(connection.scalar(text("SELECT current_setting('server_version_num')")))
            version = connection.scalar(text("SELECT current_setting('server_version')"))
    except OperationalError as error:
        first = str(error.orig).strip().splitlines()[0]
        yield problem(
            f"the database does not answer: {first}",
            "start it; OFFICEFLOW_DATABASE_URL says where it is and who asks",
        )
        return
    if number < OLDEST:
        yield problem(f"PostgreSQL {version} is too old", "use PostgreSQL 15 or newer")
    else:
        yield ok(f"PostgreSQL {version} answers")


def revision(subject: Subject) -> Iterator[Finding]:
    here, newest = migrate.current(subject.known.database_url.get_secret_value()), migrate.head()
    if here == newest:
        yield ok(f"the tables are at revision {newest}")
    elif here is None:
        yield problem("the database has no tables of ours", f"{typed('db upgrade')} makes them")
    else:
        yield problem(
            f"the tables are at revision {here}, this version of OfficeFlow wants {newest}",
            typed("db upgrade"),
        )


def roles(subject: Subject) -> Iterator[Finding]:
    with _connected(subject) as connection:
        there = set(connection.scalars(text("SELECT rolname FROM pg_roles")).all())
        for role in (TENANT_ROLE, SERVICE_ROLE):
            if role not in there:
                yield problem(
                    f"the role {role} does not exist",
                    f"{typed('db upgrade')} makes it, with a login that may CREATEROLE",
                )
            elif not connection.scalar(text(MEMBER), {"role": role}):
                yield problem(
                    f"the login may not step into the role {role}",
                    f"as a superuser: GRANT {role} TO the login",
                )
            else:
                yield ok(f"the login may step into {role}")


def logins(subject: Subject) -> Iterator[Finding]:
    """A login per kind of transaction; the tenants' may become nobody else."""
    urls = {
        TENANT_ROLE: subject.known.database_tenant_url.get_secret_value(),
        SERVICE_ROLE: subject.known.database_service_url.get_secret_value(),
    }
    if not all(urls.values()):
        yield warning(
            "one login for all transactions: what gets into a tenant's could make itself a service",
            "set OFFICEFLOW_DATABASE_TENANT_URL and OFFICEFLOW_DATABASE_SERVICE_URL, and call"
            f" {typed('db upgrade')}",
        )
        return
    for role, url in urls.items():
        with _connected_to(url) as connection:
            is_member = {each: bool(connection.scalar(text(MEMBER), {"role": each})) for each in urls}
        if not is_member[role]:
            yield problem(f"the login of {role} may not step into it", typed("db upgrade"))
        elif role == TENANT_ROLE and is_member[SERVICE_ROLE]:
            yield problem(
                f"the login of tenants may step into {SERVICE_ROLE}",
                f"as a superuser: REVOKE {SERVICE_ROLE} FROM it",
            )
        else:
            yield ok(f"{role} has a login of its own")


def row_level_security(subject: Subject) -> Iterator[Finding]:
    tables = sorted(Base.metadata.tables)
    with _connected(subject) as connection:
        rows = connection.execute(text(RLS), {"tables": tables}).all()
    bare = [name for name, enabled, forced, has_policy in rows if not (enabled and forced and has_policy)]
    missing = sorted({*tables} - {row[0] for row in rows})
    if bare:
        yield problem(
            f"without row-level security: {', '.join(bare)}: tenants could see each other's rows",
            typed("db upgrade"),
        )
    if missing:
        yield problem(f"missing tables: {', '.join(missing)}", typed("db upgrade"))
    if not bare and not missing:
        yield ok(f"row-level security is on and forced for {counted(len(rows), 'table')}")


def encryption(subject: Subject) -> Iterator[Finding]:
    """Of each encrypted column the newest and the oldest value."""
    read = 0
    with Database.from_settings(subject.known) as database, database.service() as session:
        for column, what in SAMPLES:
            key = column.class_.__mapper__.primary_key[0]
            for order in (key.asc(), key.desc()):
                try:
                    read += (
                        session.scalar(select(column).where(column.is_not(None)).order_by(order).limit(1))
                        is not None
                    )
                except InvalidInput as error:
                    yield problem(f"{what}: {error.message}", error.hint)
    yield (
        ok(f"{read} samples of encrypted columns can be read")
        if read
        else warning("nothing encrypted is stored yet to try the keys on")
    )


REACHABLE = "database.reachable"

CHECKS = (
    Check(area=AREA, name="reachable", examine=reachable, needs=("settings.readable",)),
    Check(area=AREA, name="revision", examine=revision, needs=(REACHABLE,)),
    Check(area=AREA, name="roles", examine=roles, needs=(REACHABLE,)),
    Check(area=AREA, name="logins", examine=logins, needs=("database.roles",)),
    Check(
        area=AREA,
        name="row-level-security",
        examine=row_level_security,
        needs=(REACHABLE, "database.revision"),
    ),
    Check(
        area=AREA,
        name="encryption",
        examine=encryption,
        needs=(REACHABLE, "database.revision", "settings.secrets"),
    ),
)
