"""`officeflow doctor` and the database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from cryptography.fernet import Fernet
from sqlalchemy import text
from sqlalchemy.engine import make_url

from officeflow.database import migrate
from officeflow.database.engine import Database
from officeflow.database.roles import Logins
from officeflow.database.tables import Employee, Organization
from officeflow.doctor import clocks, databases, releases
from officeflow.doctor.examination import subject_of
from officeflow.doctor.finding import Finding, Outcome, Subject
from officeflow.ids import new_id
from officeflow.layout import Layout
from officeflow.program import typed
from officeflow.statuses import ReleaseKind
from officeflow.workflows import release_store

pytestmark = pytest.mark.integration

FINE, WARNED, WRONG = Outcome.OK, Outcome.WARNING, Outcome.PROBLEM


@pytest.fixture
def subject(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Subject:
    monkeypatch.setenv("OFFICEFLOW_DATABASE_URL", database_url)
    return subject_of(Layout(home=tmp_path, servers=tmp_path))


def outcomes(findings: Iterator[Finding]) -> list[Outcome]:
    return [finding.outcome for finding in findings]


def test_a_migrated_database_is_in_order(subject: Subject) -> None:
    assert outcomes(databases.reachable(subject)) == [FINE]
    assert outcomes(databases.revision(subject)) == [FINE]
    assert outcomes(databases.roles(subject)) == [FINE, FINE]
    assert outcomes(databases.row_level_security(subject)) == [FINE]
    assert outcomes(clocks.postgres(subject)) == [FINE]


def test_tables_of_an_older_version_are_a_problem_with_the_command(
    subject: Subject, database_url: str
) -> None:
    migrate.downgrade(database_url, "0001")
    (found,) = databases.revision(subject)
    assert (found.outcome, found.do) == (WRONG, "./officeflow db upgrade")
    migrate.downgrade(database_url)
    (found,) = databases.revision(subject)
    assert (found.outcome, found.says) == (WRONG, "the database has no tables of ours")


def test_a_table_that_tenants_could_see_across_is_a_problem(subject: Subject, database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("ALTER TABLE employees NO FORCE ROW LEVEL SECURITY")
        connection.execute("DROP TABLE plans")
    bare, missing = databases.row_level_security(subject)
    assert (bare.outcome, missing.outcome) == (WRONG, WRONG)
    assert "employees" in bare.says
    assert "plans" in missing.says


def test_a_login_that_may_not_step_into_a_role_is_a_problem(
    subject: Subject, database_url: str, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"outsider_{new_id().hex[:8]}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'x'")
        try:
            url = (
                make_url(database_url).set(username=name, password="x").render_as_string(hide_password=False)
            )
            monkeypatch.setenv("OFFICEFLOW_DATABASE_URL", url)
            assert outcomes(databases.roles(subject_of(subject.layout))) == [WRONG, WRONG]
        finally:
            connection.execute(f"DROP ROLE {name}")


def test_one_login_for_all_transactions_is_warned_of_and_a_tenants_that_is_more_is_a_problem(
    subject: Subject, database_url: str, logins: Logins, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert outcomes(databases.logins(subject)) == [WARNED]
    name = make_url(database_url).database
    tenant, service = (
        make_url(url).set(database=name).render_as_string(hide_password=False)
        for url in (logins.tenant_url, logins.service_url)
    )
    monkeypatch.setenv("OFFICEFLOW_DATABASE_SERVICE_URL", service)
    for url, expected in ((tenant, [FINE, FINE]), (service, [WRONG, FINE])):
        monkeypatch.setenv("OFFICEFLOW_DATABASE_TENANT_URL", url)
        assert outcomes(databases.logins(subject_of(subject.layout))) == expected


def test_a_key_that_does_not_open_what_is_stored_is_a_problem(
    subject: Subject, database: Database, org: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert outcomes(databases.encryption(subject)) == [WARNED]
    with database.tenant(org.org_id) as session:
        session.add(
            Employee(
                employee_id=new_id(),
                org_id=org.org_id,
                external_id="E1",
                status="active",
                sensitive={"iban": "DE00"},
            )
        )
    (found,) = databases.encryption(subject)
    assert (found.outcome, found.says) == (FINE, "2 samples of encrypted columns can be read")
    monkeypatch.setenv("OFFICEFLOW_ENCRYPTION_KEYS", Fernet.generate_key().decode())
    findings = list(databases.encryption(subject))
    assert findings[0].outcome is WRONG
    assert "employees: a sensitive column cannot be read" in findings[0].says
    assert "lacks the key" in findings[0].do


def test_what_waits_too_long_for_a_second_admin_is_warned_of_with_the_command(
    subject: Subject, database: Database, org: Organization
) -> None:
    assert outcomes(releases.decided(subject)) == [FINE]
    with database.service() as session:
        release_store.ask(
            session, org.org_id, kind=ReleaseKind.UNPROTECT, subject="hire", wanted={}, why="x", by="cli:bo"
        )
    (found,) = releases.decided(subject)
    assert (found.outcome, found.says.split(",")[0]) == (FINE, "acme: 1 release waits for a second admin")
    with database.service() as session:
        session.execute(text("UPDATE releases SET requested_at = now() - interval '25 hours'"))
    (found,) = releases.decided(subject)
    assert (found.outcome, typed("release list --org acme") in found.do) == (WARNED, True)
    with database.service() as session:
        session.execute(text("UPDATE releases SET requested_at = now(), kind = 'events'"))
        held = """INSERT INTO inbox_events (inbox_id, org_id, source, event_id, kind, employee_key,
            event_time, correlation_id, content_hash, payload, status, received_at, release_id)
            SELECT gen_random_uuid(), org_id, 'hr', '1', 'employee.exit', 'E-1', now(), 'c', 'h', '{}',
            'HELD', now() - interval '2 hours', release_id FROM releases"""
        session.execute(text(held))
    (found,) = releases.decided(subject)
    assert (found.outcome, "1 event held since" in found.says) == (WARNED, True)
