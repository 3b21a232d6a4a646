"""What the database itself refuses, even to its owner."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.errors import IntegrityConstraintViolation

from officeflow.audit import chain, store
from officeflow.audit.actions import OwnWords
from officeflow.audit.entry import AuditEntry
from officeflow.database.engine import Database
from officeflow.database.tables import Organization

pytestmark = pytest.mark.integration

CHAINED_AT_ONCE = """
INSERT INTO audit_records (record_id, org_id, sequence, actor, action, subject, details, previous_mac, mac)
SELECT gen_random_uuid(), org_id, 3, 'cli:eve', 'a', 's', '{}', '', '' FROM organizations
"""


@pytest.fixture
def owner(database: Database, database_url: str, org: Organization) -> Iterator[psycopg.Connection]:
    """The superuser's connection to a database with a chained record, a waiting one and a published
    version.
    """
    for _ in range(2):
        with database.tenant(org.org_id) as session:
            store.append(
                session, org.org_id, AuditEntry(actor="cli:ana", action=OwnWords("test"), subject="org:acme")
            )
        chain.chain_pending(database, key=b"k" * 32, limit=1)
    with database.tenant(org.org_id) as session:
        store.append(
            session, org.org_id, AuditEntry(actor="cli:ana", action=OwnWords("waiting"), subject="org:acme")
        )
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO workflows (workflow_id, org_id, slug, name, event_trigger, definition, place) "
            "SELECT gen_random_uuid(), org_id, 'w', 'W', 'employee.onboard', '{}', 0 FROM organizations"
        )
        connection.execute(
            "INSERT INTO workflow_versions (workflow_id, version, org_id, content_hash, definition,"
            " published_by) SELECT workflow_id, 1, org_id, 'h', '{}', 'cli:ana' FROM workflows"
        )
        yield connection


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_records SET actor = 'cli:eve' WHERE sequence = 1",
        "UPDATE audit_records SET actor = 'cli:eve' WHERE sequence IS NULL",
        (
            "UPDATE audit_records SET actor = 'cli:eve', sequence = 3, previous_mac = '', mac = '' WHERE"
            " sequence IS NULL"
        ),
        "UPDATE audit_records SET sequence = NULL, previous_mac = NULL, mac = NULL WHERE sequence = 1",
        "UPDATE audit_records SET mac = '' WHERE sequence = 1",
        "DELETE FROM audit_records",
        "DELETE FROM audit_records WHERE sequence IS NULL",
        "TRUNCATE audit_records",
        CHAINED_AT_ONCE,
        "UPDATE audit_heads SET sequence = 1",
        "UPDATE audit_heads SET mac = ''",
        "DELETE FROM audit_heads",
        "TRUNCATE audit_heads",
        "UPDATE workflow_versions SET published_by = 'cli:eve'",
        "DELETE FROM workflow_versions",
        "TRUNCATE workflow_versions",
    ],
)
def test_what_was_recorded_cannot_be_changed(owner: psycopg.Connection, statement: str) -> None:
    with pytest.raises(IntegrityConstraintViolation):
        owner.execute(statement)


def test_a_waiting_record_can_be_chained_once(owner: psycopg.Connection) -> None:
    """The refusals above are not because nothing at all could be updated."""
    owner.execute(
        "UPDATE audit_records SET sequence = 3, previous_mac = 'x', mac = 'y' WHERE sequence IS NULL"
    )
    with pytest.raises(IntegrityConstraintViolation):
        owner.execute(
            "UPDATE audit_records SET sequence = 4, previous_mac = 'x', mac = 'y' WHERE sequence = 3"
        )
