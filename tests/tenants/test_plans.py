"""How PostgreSQL finds what lists show: by an index, under row-level security, whatever is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Self

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.database.pages import Page, Wanted
from officeflow.database.tables import Organization
from officeflow.people import groups
from officeflow.rights.permissions import Role
from officeflow.statuses import EmployeeStatus
from officeflow.tenants import employees, issuing, organizations, service_accounts, users

pytestmark = pytest.mark.integration
ROWS = 20_000
LIMIT = 5

FILL = (
    """INSERT INTO organizations (org_id, slug, name, domain, plan)
    SELECT gen_random_uuid(), 'o' || n, 'O', 'o' || n || '.example', 'standard'
    FROM generate_series(1, 2000) n""",
    """INSERT INTO employees (employee_id, org_id, external_id, status, department, manager_external_id)
    SELECT gen_random_uuid(), o, 'E' || n, CASE WHEN n % 50 = 0 THEN 'exited' ELSE 'active' END,
        'D' || n % 40, 'M' || n % 300
    FROM generate_series(1, :rows) n, unnest(CAST(:orgs AS uuid[])) o""",
    """INSERT INTO users (user_id, org_id, email, name, role)
    SELECT gen_random_uuid(), o, 'u' || n || '@x.example', 'U',
        CASE WHEN n % 9 = 0 THEN 'admin' ELSE 'viewer' END
    FROM generate_series(1, :rows / 2) n, unnest(CAST(:orgs AS uuid[])) o""",
    """INSERT INTO groups (group_id, org_id, name)
    SELECT gen_random_uuid(), o, 'g' || to_hex(n / 16) || to_hex(n % 16)
    FROM generate_series(0, :rows / 4) n, unnest(CAST(:orgs AS uuid[])) o""",
    """INSERT INTO user_groups (org_id, group_name, user_id)
    SELECT org_id, 'g' || substr(md5(email), 1, 2), user_id FROM users""",
    """INSERT INTO service_accounts (account_id, org_id, name, role)
    SELECT gen_random_uuid(), o, 'a' || n, 'viewer'
    FROM generate_series(1, 500) n, unnest(CAST(:orgs AS uuid[])) o""",
    """INSERT INTO api_tokens
        (token_id, account_id, org_id, prefix, digest, created_by, created_at, expires_at)
    SELECT gen_random_uuid(), account_id, org_id, left(md5(account_id::text || n), 12), 'x', 'x',
        now() - n * interval '1 hour', now()
    FROM service_accounts, generate_series(1, 20) n""",
    "ANALYZE",
)

TENANTS: dict[str, Callable[[Session, Any, Wanted], Page[Any]]] = {
    "employees": lambda s, o, w: employees.page(s, o, w, employees.Filter()),
    "employees downwards": lambda s, o, w: employees.page(s, o, w, employees.Filter(), descending=True),
    "employees by status": lambda s, o, w: employees.page(
        s, o, w, employees.Filter(status=EmployeeStatus.EXITED)
    ),
    "employees by department": lambda s, o, w: employees.page(s, o, w, employees.Filter(department="D7")),
    "employees by manager": lambda s, o, w: employees.page(s, o, w, employees.Filter(manager="M7")),
    "users": users.page,
    "users by role": lambda s, o, w: users.page(s, o, w, role=Role.ADMIN, active=True),
    "groups": groups.page,
    "members": lambda s, o, w: groups.members_page(s, o, "g0a", w),
    "service accounts": service_accounts.page,
    "tokens": lambda s, o, w: issuing.page(s, o, SystemClock().now(), w),
    "tokens of an account": lambda s, o, w: issuing.page(s, o, SystemClock().now(), w, account="a7"),
}


@pytest.fixture
def filled(database: Database, org: Organization, other: Organization) -> None:
    """Two organizations with as many rows each."""
    values = {"rows": ROWS, "orgs": [org.org_id, other.org_id]}
    with database.engine.begin() as connection:
        for statement in FILL:
            used = {name: value for name, value in values.items() if f":{name}" in statement}
            connection.execute(text(statement), used)


class Plans:
    """The plan of each statement that a session sends."""

    def __init__(self, session: Session) -> None:
        self._connection = session.connection()
        self.found: list[str] = []

    def explain(self, _: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        if statement.startswith("SELECT"):
            cursor = self._connection.connection.cursor()
            cursor.execute(f"EXPLAIN {statement}", parameters)
            self.found.append("\n".join(line for (line,) in cursor.fetchall()))

    def __enter__(self) -> Self:
        event.listen(self._connection, "before_cursor_execute", self.explain)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(self._connection, "before_cursor_execute", self.explain)


@pytest.mark.usefixtures("filled")
def test_no_list_reads_a_whole_table(database: Database, org: Organization) -> None:
    """The first page and the second."""
    wrong = [
        f"{name}: {plan}"
        for name, plan in [*_of_tenants(database, org), *_of_organizations(database)]
        if "Seq Scan" in plan
    ]
    assert wrong == []


def _of_tenants(database: Database, org: Organization) -> Iterator[tuple[str, str]]:
    for name, fetch in TENANTS.items():
        with database.tenant(org.org_id) as session, Plans(session) as plans:
            first = fetch(session, org.org_id, Wanted(LIMIT))
            assert len(first.rows) == LIMIT, name
            assert first.next is not None, name
            assert fetch(session, org.org_id, Wanted(LIMIT, first.next)).rows, name
        assert len(plans.found) >= 2
        yield from ((name, plan) for plan in plans.found)


def _of_organizations(database: Database) -> Iterator[tuple[str, str]]:
    """Those that somebody belongs to. An admin of the platform sees all, of which there are no millions."""
    with database.service() as session:
        first = organizations.page(session, Wanted(LIMIT))
        with Plans(session) as plans:
            organizations.page(session, Wanted(LIMIT), among=[each.org_id for each in first.rows])
    yield from (("organizations", plan) for plan in plans.found)
