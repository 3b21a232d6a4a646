"""Servers and databases that tests share.

`OFFICEFLOW_TEST_POSTGRES` names a PostgreSQL to use (a superuser's URL); without it the session starts one of
its own.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from cryptography.fernet import Fernet
from hypothesis import settings
from psycopg import sql
from sqlalchemy.engine import make_url

from tests.databases import Databases

if TYPE_CHECKING:
    from officeflow.database.engine import Database
    from officeflow.database.roles import Logins
    from officeflow.database.tables import Organization
    from officeflow.kafka_access import KafkaAccess
    from officeflow.stack.stack import Stack

settings.register_profile("officeflow", deadline=None)
settings.load_profile("officeflow")

pytest_plugins = ["tests.counterparts.fixtures", "tests.web_api"]

LOOPBACK = "127.0.0.0/8,::1"
"""Where the tests' servers are, which organizations' connections may reach."""

os.environ.setdefault("OFFICEFLOW_CONNECTION_NETWORKS", LOOPBACK)
os.environ.setdefault("OFFICEFLOW_ENCRYPTION_KEYS", Fernet.generate_key().decode())
os.environ.setdefault("OFFICEFLOW_AUDIT_KEY", secrets.token_hex(32))
os.environ.setdefault("OFFICEFLOW_AUDIT_TAG_KEY", secrets.token_hex(32))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where `CI=true`, a skipped test is a failed one: nothing that the machine lacks may go unseen."""
    report = yield
    if report.skipped and os.environ.get("CI") == "true" and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not allow: {report.longrepr}"
    return report


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test marked `rounds(number)` is as many tests, which may ask for their `round_number`."""
    if mark := metafunc.definition.get_closest_marker("rounds"):
        further = [pytest.param(number, marks=pytest.mark.long) for number in range(1, mark.args[0])]
        metafunc.fixturenames.append("round_number")
        metafunc.parametrize("round_number", [0, *further])


@pytest.fixture(scope="session")
def _empty_home() -> Iterator[tuple[Path, Path]]:
    """A home for all tests, where no stack was started, and where the servers' programs are."""
    from officeflow.layout import Layout

    with tempfile.TemporaryDirectory(prefix="officeflow-home-") as folder:
        yield Path(folder), Layout.from_environment().servers


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, _empty_home: tuple[Path, Path]) -> None:
    """Every test starts from the session's keys, whatever the one before it set, and knows nothing of a stack
    that was started in this checkout.
    """
    home, servers = _empty_home
    monkeypatch.setenv("OFFICEFLOW_HOME", str(home))
    monkeypatch.setenv("OFFICEFLOW_SERVERS", str(servers))
    monkeypatch.setenv("OFFICEFLOW_CONNECTION_NETWORKS", LOOPBACK)
    for name in ("OFFICEFLOW_ENCRYPTION_KEYS", "OFFICEFLOW_AUDIT_KEY", "OFFICEFLOW_AUDIT_TAG_KEY"):
        monkeypatch.setenv(name, os.environ[name])


@pytest.fixture(scope="session")
def backing() -> Iterator[Callable[[str], Stack]]:
    """Starts one of `postgres`, `valkey`, `kafka` for the session, on ports and in a folder of its own; they
    end with the session.
    """
    from officeflow.layout import Layout
    from officeflow.stack.progress import TextProgress
    from officeflow.stack.supervision.supervisor import Supervisor
    from officeflow.stack.up import start_stack

    home = Path(tempfile.mkdtemp(prefix="officeflow-tests-"))
    layout = Layout(home=home, servers=Layout.from_environment().servers)
    started: set[str] = set()

    def start(part: str) -> Stack:
        stack = start_stack(layout, progress=TextProgress(), parts=frozenset({*started, part}), tied=True)
        started.add(part)
        return stack

    yield start
    if Supervisor(layout).is_running():
        Supervisor(layout).shutdown()
    shutil.rmtree(home)


@pytest.fixture(scope="session")
def postgres_url(backing: Callable[[str], Stack]) -> str:
    """A superuser's URL of a running PostgreSQL, database `postgres`."""
    if given := os.environ.get("OFFICEFLOW_TEST_POSTGRES"):
        return given
    url = backing("postgres").postgres_url("postgres", "postgres")
    spare_the_disk(url)
    spare_sign_ins(url)
    return url


def spare_the_disk(postgres_url: str) -> None:
    """What is written need not outlive the machine, only the server's own processes, which are killed:
    nothing waits for the disk.
    """
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        for setting in ("fsync", "full_page_writes"):
            connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
        connection.execute("SELECT pg_reload_conf()")


def spare_sign_ins(postgres_url: str) -> None:
    """Passwords that are set from now on, and the superuser's, are hashed once instead of thousands of times
    for each of the connections that tests make.
    """
    password = make_url(postgres_url).password
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET scram_iterations = 1")
        connection.execute("SELECT pg_reload_conf()")
        connection.execute("SET scram_iterations = 1")
        connection.execute(sql.SQL("ALTER ROLE CURRENT_USER PASSWORD {}").format(sql.Literal(password)))


@pytest.fixture(scope="session")
def kafka_access(backing: Callable[[str], Stack]) -> KafkaAccess:
    """A running broker of this session's own, without topics."""
    return backing("kafka").kafka


@pytest.fixture(scope="session")
def valkey_url(backing: Callable[[str], Stack]) -> str:
    return backing("valkey").redis_url


def _execute(url: str, statement: str, *names: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _url_of(postgres_url: str, name: str) -> str:
    return make_url(postgres_url).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def logins(postgres_url: str) -> Logins:
    """Of this session's own, in no particular database: those of tenants' transactions, of services and
    of the gateway.
    """
    from officeflow.database.roles import Logins

    ending = secrets.token_hex(4)

    def url(kind: str) -> str:
        login, password = f"officeflow_{kind}_{ending}", secrets.token_hex(16)
        mine = make_url(postgres_url).set(username=login, password=password)
        return mine.render_as_string(hide_password=False)

    return Logins(url("tenants"), url("services"), url("gateway"))


@pytest.fixture(scope="session")
def template_database(postgres_url: str, logins: Logins) -> Iterator[str]:
    """The name of a database migrated to the newest revision, once per session, to be copied."""
    from officeflow.database import migrate

    name = f"officeflow_template_{secrets.token_hex(4)}"
    _execute(postgres_url, "CREATE DATABASE {}", name)
    try:
        migrate.upgrade(_url_of(postgres_url, name), logins=logins)
        yield name
    finally:
        _execute(postgres_url, "DROP DATABASE {} WITH (FORCE)", name)
        for login in (logins.tenant_url, logins.service_url, logins.gateway_url):
            _execute(postgres_url, "DROP ROLE IF EXISTS {}", make_url(login).username or "")


@pytest.fixture(scope="session")
def databases(postgres_url: str, template_database: str) -> Iterator[Databases]:
    made = Databases(postgres_url, template_database)
    yield made
    made.close()


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """A migrated, empty database of the test's own."""
    name = databases.take()
    yield databases.url(name)
    databases.give_back(name)


@pytest.fixture
def database(database_url: str, logins: Logins) -> Iterator[Database]:
    """With a login for each kind of transaction; its `engine` is the superuser's."""
    from officeflow.database.engine import Database

    name = make_url(database_url).database or ""
    tenants, services = _url_of(logins.tenant_url, name), _url_of(logins.service_url, name)
    with Database(database_url, tenant_url=tenants, service_url=services) as database:
        yield database


@pytest.fixture
def org(database: Database) -> Organization:
    """The organization `acme`."""
    return _organization(database, "acme")


@pytest.fixture
def other(database: Database) -> Organization:
    """A second organization, `globex`."""
    return _organization(database, "globex")


@pytest.fixture
def tenant(database: Database, kafka_access: KafkaAccess) -> Organization:
    """An organization of the test's own, with its topics: a broker outlives the tests that share it."""
    from officeflow.events import topics

    organization = _organization(database, f"t{secrets.token_hex(4)}")
    topics.create_topics(kafka_access, organization.slug)
    return organization


def _organization(database: Database, slug: str) -> Organization:
    from officeflow.database.tables import Organization
    from officeflow.ids import new_id

    organization = Organization(
        org_id=new_id(), slug=slug, name=slug.capitalize(), domain=f"{slug}.example", plan="standard"
    )
    with database.service() as session:
        session.add(organization)
    return organization
