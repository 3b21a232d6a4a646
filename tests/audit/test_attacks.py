"""What somebody may try who has the database, and not the keys: each is found by `officeflow audit verify` as
it is called.
"""

from __future__ import annotations

import os
import secrets

import psycopg
import pytest
from sqlalchemy import select

from listeners.steward.audit_anchors import Anchoring
from officeflow.audit import chain, store, tags
from officeflow.audit.anchors import Folder
from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.database.tables import AuditHead, AuditRecord, Organization
from officeflow.errors import AuditBroken, InvalidInput
from tests.audit.attacking import append, chained, found, superuser
from tests.command import Command

pytestmark = pytest.mark.integration
STRANGE = "it was not written by OfficeFlow: it has no tag that holds"


def test_everything_deleted_together_with_the_head_is_found(
    database: Database, database_url: str, org: Organization, anchoring: Anchoring, officeflow: Command
) -> None:
    chained(database, org, 3)
    assert anchoring.act() == 1
    assert officeflow("audit", "verify", "acme").status == 0
    with superuser(database_url) as connection:
        connection.execute("DELETE FROM audit_records")
        connection.execute("DELETE FROM audit_heads")
    assert "audit_records[1..3]: missing" in found(officeflow)


def test_an_earlier_head_put_back_with_its_records_is_found(
    database: Database, database_url: str, org: Organization, anchoring: Anchoring, officeflow: Command
) -> None:
    """All MACs and the seal are genuine: they were true once."""
    chained(database, org, 2)
    with superuser(database_url) as connection:
        connection.execute("CREATE TABLE kept AS TABLE audit_heads")
        chained(database, org, 2)
        anchoring.act()
        connection.execute("DELETE FROM audit_records WHERE sequence > 2")
        connection.execute(
            "UPDATE audit_heads SET (sequence, mac, seal) = (SELECT sequence, mac, seal FROM kept)"
        )
    assert "audit_heads: it ends at 2, but an anchor names record 4" in found(officeflow)
    append(database, org, 5)
    chain.chain_pending(database, key=chain.key_from_settings())
    assert "audit_records[4]: it is not the record that an anchor names" in found(officeflow)


def test_the_steward_notes_nothing_of_a_chain_that_went_back_and_says_so(
    database: Database, database_url: str, org: Organization, anchoring: Anchoring, folder: Folder
) -> None:
    """Neither the one that noted the head, nor one that starts afterwards."""
    chained(database, org, 3)
    anchoring.act()
    with superuser(database_url) as connection:
        connection.execute("DELETE FROM audit_records")
        connection.execute("DELETE FROM audit_heads")
    chained(database, org, 5)
    later = Anchoring(database, SystemClock(), key=chain.key_from_settings(), folder=folder)
    for each in (anchoring, later):
        with pytest.raises(AuditBroken, match="record 3 is not the one that was noted"):
            each.act()
    assert len(folder.read(org.org_id, chain.key_from_settings()).anchors) == 1
    with superuser(database_url) as connection:
        connection.execute("DELETE FROM audit_heads")
    with pytest.raises(AuditBroken, match="its head is gone"):
        later.act()


def test_a_head_that_was_written_without_the_key_is_not_noted(
    database: Database, database_url: str, org: Organization, anchoring: Anchoring, folder: Folder
) -> None:
    chained(database, org, 2)
    with superuser(database_url) as connection:
        connection.execute("UPDATE audit_heads SET sequence = 9")
    with pytest.raises(AuditBroken, match="not sealed with our key"):
        anchoring.act()
    assert folder.organizations() == []


def test_a_chain_that_was_written_anew_with_a_key_that_is_not_ours_is_found(
    database: Database, database_url: str, org: Organization, anchoring: Anchoring, officeflow: Command
) -> None:
    """As by somebody who reads the environment of a server: the chain's key is in none of them."""
    chained(database, org, 3)
    anchoring.act()
    with superuser(database_url) as connection:
        connection.execute("DELETE FROM audit_heads")
        connection.execute(
            "UPDATE audit_records SET actor = 'cli:eve', sequence = NULL, previous_mac = NULL, mac = NULL"
        )
    chain.chain_pending(database, key=os.environ["OFFICEFLOW_AUDIT_TAG_KEY"].encode())
    says = found(officeflow)
    assert "audit_heads: its seal is wrong" in says
    assert "audit_records[3]: it is not the record that an anchor names" in says


def insert_as(url: str, role: str, org: Organization) -> None:
    """A row as the application's role may insert it by SQL."""
    with psycopg.connect(url) as connection:
        connection.execute(
            "SELECT set_config('role', %s, true), set_config('officeflow.org_id', %s, true)",
            [role, str(org.org_id)],
        )
        connection.execute(
            "INSERT INTO audit_records (record_id, org_id, actor, action, subject, details, tag) "
            "VALUES (gen_random_uuid(), %s, 'cli:ana', 'approved', 'employee:E1', '{}', %s)",
            [org.org_id, secrets.token_bytes(32)],
        )


@pytest.mark.parametrize("role", ["officeflow_tenant", "officeflow_service"])
def test_a_row_that_was_inserted_by_sql_is_found_before_and_after_it_is_chained(
    database: Database, database_url: str, org: Organization, officeflow: Command, role: str
) -> None:
    append(database, org)
    insert_as(database_url, role, org)
    append(database, org)
    assert STRANGE in found(officeflow)
    assert chain.chain_pending(database, key=chain.key_from_settings()) == 3
    assert f"audit_records[2]: {STRANGE}" in found(officeflow)
    assert [row["genuine"] for row in officeflow("audit", "list", "acme", "--json").json] == [
        True,
        False,
        True,
    ]


def test_a_forged_row_is_announced_as_what_it_is_and_holds_no_other_up(
    database: Database, database_url: str, org: Organization
) -> None:
    append(database, org)
    insert_as(database_url, "officeflow_tenant", org)
    append(database, org)
    told: list[bool] = []
    chain.chain_pending(
        database,
        key=chain.key_from_settings(),
        announce=lambda _, __, records: told.extend(record["genuine"] for record in records),
    )
    assert told == [True, False, True]


CHANGES = (
    "UPDATE audit_records SET actor = 'cli:eve'",
    """UPDATE audit_records SET details = '{"n": 2}'""",
    "UPDATE audit_records SET occurred_at = occurred_at - interval '1 day'",
    "UPDATE audit_records SET record_id = gen_random_uuid()",
)


@pytest.mark.parametrize("change", CHANGES)
def test_a_row_that_was_changed_before_it_was_chained_is_found(
    database: Database, database_url: str, org: Organization, officeflow: Command, change: str
) -> None:
    append(database, org)
    with superuser(database_url) as connection:
        assert connection.execute(change.encode()).rowcount == 1
    assert STRANGE in found(officeflow)
    chain.chain_pending(database, key=chain.key_from_settings())
    assert f"audit_records[1]: {STRANGE}" in found(officeflow)


def test_a_tag_does_not_hold_for_another_organization(
    database: Database, database_url: str, org: Organization, other: Organization, officeflow: Command
) -> None:
    append(database, other)
    with superuser(database_url) as connection:
        connection.execute("UPDATE audit_records SET org_id = %s", [org.org_id])
    assert STRANGE in found(officeflow)


def test_a_tag_that_was_made_with_an_older_key_holds_while_that_key_is_listed(
    database: Database, org: Organization, officeflow: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(database, org)
    old = os.environ["OFFICEFLOW_AUDIT_TAG_KEY"]
    monkeypatch.setenv("OFFICEFLOW_AUDIT_TAG_KEY", f"{'n' * 32},{old}")
    assert officeflow("audit", "verify", "acme").status == 0
    chain.chain_pending(database, key=chain.key_from_settings())
    monkeypatch.setenv("OFFICEFLOW_AUDIT_TAG_KEY", "n" * 32)
    assert officeflow("audit", "verify", "acme").status == 0  # the chain says that the tag held


def test_records_that_a_steward_without_the_writers_key_chained_are_not_taken_for_forged(
    database: Database, org: Organization, officeflow: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(database, org)
    with monkeypatch.context() as other:
        other.setenv("OFFICEFLOW_AUDIT_TAG_KEY", "o" * 32)
        chain.chain_pending(database, key=chain.key_from_settings())
    assert officeflow("audit", "verify", "acme").status == 0


@pytest.mark.parametrize("key", ["", "short", f"{'k' * 32},short", ","])
def test_without_a_key_for_the_tag_nothing_is_recorded(
    database: Database, org: Organization, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("OFFICEFLOW_AUDIT_TAG_KEY", key)
    with pytest.raises(InvalidInput, match="OFFICEFLOW_AUDIT_TAG_KEY"):
        append(database, org)
    with database.service() as session:
        assert store.waiting(session, org.org_id) == 0


@pytest.mark.parametrize("role", ["officeflow_tenant", "officeflow_service"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "TRUNCATE {}", "UPDATE {} SET org_id = org_id"])
@pytest.mark.parametrize("table", ["audit_records", "audit_heads"])
def test_the_applications_roles_can_neither_delete_nor_rewrite(
    database: Database, database_url: str, org: Organization, role: str, statement: str, table: str
) -> None:
    chained(database, org, 1)
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "SELECT set_config('role', %s, true), set_config('officeflow.org_id', %s, true)",
            [role, str(org.org_id)],
        )
        with pytest.raises(
            (psycopg.errors.InsufficientPrivilege, psycopg.errors.IntegrityConstraintViolation)
        ):
            connection.execute(statement.format(table).encode())


def test_the_chain_of_before_there_were_tags_is_whole_and_none_can_be_added_to_it(
    database: Database,
    database_url: str,
    org: Organization,
    officeflow: Command,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    append(database, org, 2)
    with superuser(database_url) as connection, monkeypatch.context() as before:
        connection.execute("UPDATE audit_records SET tag = NULL")
        before.setattr(
            chain,
            "record_content",
            lambda record, sequence, previous, **_: chain._untagged_content(record, sequence, previous),
        )
        chain.chain_pending(database, key=chain.key_from_settings())
    assert officeflow("audit", "verify", "acme").status == 0
    with superuser(database_url) as connection:
        connection.execute("UPDATE audit_records SET tag = '\\x00' WHERE sequence = 2")
    assert "audit_records[2]: it was changed after it was written" in found(officeflow)


def test_a_record_of_the_table_is_what_tags_are_made_of(database: Database, org: Organization) -> None:
    """A column that is added to the table is under the tag, or is named here."""
    append(database, org)
    with database.service() as session:
        record = session.scalars(select(AuditRecord)).one()
        head = session.scalars(select(AuditHead)).all()
    columns = {column.name for column in AuditRecord.__table__.columns}
    assert columns == set(tags._content(record)) - {"what"} | {
        "position",
        "sequence",
        "previous_mac",
        "mac",
        "tag",
    }
    assert head == []
