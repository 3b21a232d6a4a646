"""A chain of records: numbered, whole, each organization's own, and chained with a key alone."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import func, select

from officeflow.audit import chain, store
from officeflow.audit.chain import BEFORE_FIRST, EMPTY, Head
from officeflow.database.engine import Database
from officeflow.database.tables import AuditHead, AuditRecord, Organization
from officeflow.errors import InvalidInput
from officeflow.settings import load_settings
from tests.audit.chains import KEY, append, chained, head, problems

pytestmark = pytest.mark.integration


def test_records_are_numbered_from_one_without_gaps_and_each_names_the_one_before(
    database: Database, org: Organization
) -> None:
    append(database, org, 7)
    assert [chain.chain_pending(database, key=KEY, limit=3) for _ in range(4)] == [3, 3, 1, 0]
    with database.tenant(org.org_id) as session:
        records = session.scalars(select(AuditRecord).order_by(AuditRecord.sequence)).all()
        assert store.waiting(session, org.org_id) == 0
    assert [record.sequence for record in records] == [1, 2, 3, 4, 5, 6, 7]
    assert [record.subject for record in records] == [f"org:{number}" for number in range(7)]
    assert [record.previous_mac for record in records] == [
        BEFORE_FIRST,
        *(record.mac for record in records[:-1]),
    ]
    assert head(database, org) == Head(7, records[-1].mac or b"")
    assert problems(database, org) == []


def test_each_organization_has_a_chain_of_its_own(
    database: Database, org: Organization, other: Organization
) -> None:
    append(database, org, 2)
    append(database, other, 3)
    append(database, org, 2)
    assert chain.chain_pending(database, key=KEY) == 7
    assert (head(database, org).sequence, head(database, other).sequence) == (4, 3)
    assert problems(database, org) == problems(database, other) == []


def test_a_limit_holds_for_all_organizations_together(
    database: Database, org: Organization, other: Organization
) -> None:
    append(database, org, 3)
    append(database, other, 3)
    assert chain.chain_pending(database, key=KEY, limit=4) == 4
    assert chain.chain_pending(database, key=KEY, limit=4) == 2


def test_an_empty_chain_is_whole(database: Database, org: Organization) -> None:
    append(database, org, 1)
    assert problems(database, org) == []
    assert head(database, org) == EMPTY


def test_processes_that_chain_at_the_same_time_leave_no_gap_and_no_double(
    database: Database, database_url: str, org: Organization, other: Organization
) -> None:
    """While others go on appending."""
    total, stop, errors = 60, threading.Event(), []

    def work() -> None:
        own = Database(database_url)
        try:
            while not stop.is_set() or chain.chain_pending(own, key=KEY, limit=7):
                chain.chain_pending(own, key=KEY, limit=7)
        except Exception as error:  # noqa: BLE001 - shown by the assertion below
            errors.append(error)
        finally:
            own.dispose()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(total // 4):
        append(database, org, 4)
        append(database, other, 4)
    stop.set()
    for thread in threads:
        thread.join()
    chain.chain_pending(database, key=KEY)
    assert errors == []
    for each in (org, other):
        assert head(database, each).sequence == total
        assert problems(database, each) == []


def test_an_organization_that_another_process_is_at_is_left_to_it(
    database: Database, org: Organization, other: Organization
) -> None:
    append(database, org, 1)
    append(database, other, 1)
    with database.service() as session:
        lock = func.pg_advisory_xact_lock(chain.LOCK_CLASS, chain.lock_of(org.org_id))
        session.execute(select(lock))
        assert chain.chain_pending(database, key=KEY) == 1
    assert chain.chain_pending(database, key=KEY) == 1


def test_a_record_that_is_chained_while_it_is_verified_is_no_problem(
    database: Database, org: Organization
) -> None:
    chained(database, org, 2)
    with database.tenant(org.org_id) as session:
        chained(database, org, 2)
        assert chain.verify(session, org.org_id, key=KEY) == []


def test_a_tenant_cannot_chain_and_cannot_touch_heads(database: Database, org: Organization) -> None:
    chained(database, org, 1)
    with database.tenant(org.org_id) as session:
        rights = session.execute(
            select(
                func.has_table_privilege("audit_heads", "INSERT, UPDATE, DELETE"),
                func.has_any_column_privilege("audit_records", "UPDATE"),
                func.has_table_privilege("audit_records", "DELETE, TRUNCATE"),
            )
        ).one()
        assert session.scalar(select(AuditHead.sequence)) == 1
    assert tuple(rights) == (False, False, False)


@pytest.mark.parametrize("text", ["", "3", f"3:{'x' * 64}", f"x:{'0' * 64}", "3:00", ":"])
def test_what_is_no_anchor_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="not an anchor"):
        Head.parse(text)


def test_an_anchor_is_read_as_it_was_printed() -> None:
    assert Head.parse(str(Head(12, b"\x01\xff" * 16))) == Head(12, b"\x01\xff" * 16)


@pytest.mark.parametrize("key", ["", "short"])
def test_a_missing_or_short_key_is_refused(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("OFFICEFLOW_AUDIT_KEY", key)
    with pytest.raises(InvalidInput, match="OFFICEFLOW_AUDIT_KEY"):
        chain.key_from_settings(load_settings())
