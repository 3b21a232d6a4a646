from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.engine import make_url

from officeflow.connectors import tokens
from officeflow.database.engine import Database
from officeflow.database.roles import Logins
from officeflow.database.tables import Organization
from officeflow.ids import new_id
from tests.databases import Databases
from tests.systems.stage import Stage
from tests.systems.system import System


@pytest.fixture(scope="session")
def matrix_url(databases: Databases) -> Iterator[str]:
    """Of a database that all tests share: every one has a run of its own."""
    name = databases.take()
    yield databases.url(name)
    databases.give_back(name)


@pytest.fixture(scope="session")
def matrix_database(matrix_url: str, logins: Logins) -> Iterator[Database]:
    """With the organization `acme`."""
    name = make_url(matrix_url).database
    tenants, services = (
        make_url(each).set(database=name).render_as_string(hide_password=False)
        for each in (logins.tenant_url, logins.service_url)
    )
    with Database(matrix_url, tenant_url=tenants, service_url=services) as database:
        with database.service() as session:
            session.add(
                Organization(
                    org_id=new_id(), slug="acme", name="Acme", domain="acme.example", plan="standard"
                )
            )
        yield database


@pytest.fixture
def stage(
    request: pytest.FixtureRequest,
    system: type[System],
    matrix_database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Stage]:
    """Where what is tried is refused in no request that the vendor does not know."""
    monkeypatch.setattr(tokens, "_kept", {})
    there = system(request.getfixturevalue(system.fixture))
    yield Stage(there, matrix_database)
    there.tidy()
    assert there.problems() == []
