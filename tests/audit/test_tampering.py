"""What was changed, moved, removed or added in a chain is found."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from psycopg import sql

from officeflow.audit import chain, store
from officeflow.audit.actions import OwnWords
from officeflow.audit.chain import Head
from officeflow.audit.entry import AuditEntry
from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.ids import new_id
from tests.audit.chains import KEY, chained, head, intruder, problems

pytestmark = pytest.mark.integration
CHANGES = {
    "actor": "UPDATE audit_records SET actor = 'cli:eve' WHERE sequence = 3",
    "action": "UPDATE audit_records SET action = 'harmless' WHERE sequence = 3",
    "subject": "UPDATE audit_records SET subject = 'org:9' WHERE sequence = 3",
    "details": """UPDATE audit_records SET details = details || '{"number": 9}' WHERE sequence = 3""",
    "one more detail": (
        """UPDATE audit_records SET details = details || '{"more": null}' WHERE sequence = 3"""
    ),
    "correlation id": "UPDATE audit_records SET correlation_id = '' WHERE sequence = 3",
    "time": (
        "UPDATE audit_records SET occurred_at = occurred_at + interval '1 microsecond' WHERE sequence = 3"
    ),
    "record id": "UPDATE audit_records SET record_id = gen_random_uuid() WHERE sequence = 3",
    "mac": "UPDATE audit_records SET mac = sha256(mac) WHERE sequence = 3",
}


@pytest.mark.parametrize("statement", CHANGES.values(), ids=CHANGES.keys())
def test_a_changed_record_is_found(
    database: Database, database_url: str, org: Organization, statement: str
) -> None:
    chained(database, org, 5)
    with intruder(database_url) as connection:
        assert connection.execute(statement).rowcount == 1
    assert "audit_records[3]: it was changed after it was written, or written without the key" in problems(
        database, org
    )


def test_records_that_changed_places_are_found(
    database: Database, database_url: str, org: Organization
) -> None:
    chained(database, org, 4)
    with intruder(database_url) as connection:
        connection.execute("UPDATE audit_records SET sequence = -2 WHERE sequence = 2")
        connection.execute("UPDATE audit_records SET sequence = 2 WHERE sequence = 3")
        connection.execute("UPDATE audit_records SET sequence = 3 WHERE sequence = -2")
    found = problems(database, org)
    assert {problem.partition(":")[0] for problem in found} >= {"audit_records[2]", "audit_records[3]"}


@pytest.mark.parametrize(
    ("gone", "expected"),
    [
        ("sequence = 1", "audit_records[1]: missing"),
        ("sequence IN (2, 3)", "audit_records[2..3]: missing"),
        ("true", "audit_records[1..5]: missing"),
    ],
)
def test_a_gap_is_found(
    database: Database, database_url: str, org: Organization, gone: str, expected: str
) -> None:
    chained(database, org, 5)
    with intruder(database_url) as connection:
        connection.execute(sql.SQL("DELETE FROM audit_records WHERE {}").format(sql.SQL(gone)))
    assert problems(database, org) == [expected]


def test_a_gap_that_was_closed_by_renumbering_is_found(
    database: Database, database_url: str, org: Organization
) -> None:
    chained(database, org, 4)
    with intruder(database_url) as connection:
        connection.execute("DELETE FROM audit_records WHERE sequence = 2")
        connection.execute("UPDATE audit_records SET sequence = 2 WHERE sequence = 3")
        connection.execute("UPDATE audit_records SET sequence = 3 WHERE sequence = 4")
    assert "audit_records[2]: it does not follow the record before it" in problems(database, org)


def test_a_cut_tail_is_found(database: Database, database_url: str, org: Organization) -> None:
    chained(database, org, 5)
    with intruder(database_url) as connection:
        connection.execute("DELETE FROM audit_records WHERE sequence > 3")
    assert problems(database, org) == ["audit_records[4..5]: missing"]


def test_a_cut_tail_with_the_head_set_back_is_found_by_the_heads_seal(
    database: Database, database_url: str, org: Organization
) -> None:
    chained(database, org, 5)
    with intruder(database_url) as connection:
        connection.execute("DELETE FROM audit_records WHERE sequence > 3")
        connection.execute(
            "UPDATE audit_heads SET sequence = 3, mac = (SELECT mac FROM audit_records WHERE sequence = 3)"
        )
    assert problems(database, org) == [
        "audit_heads: its seal is wrong: it was changed, or written without the key"
    ]


def test_a_missing_head_is_found(database: Database, database_url: str, org: Organization) -> None:
    chained(database, org, 2)
    with intruder(database_url) as connection:
        connection.execute("DELETE FROM audit_heads")
    assert problems(database, org) == ["audit_heads: it ends at 0, the records at 2"]


def test_a_head_that_names_another_record_is_found(
    database: Database, database_url: str, org: Organization
) -> None:
    chained(database, org, 2)
    with intruder(database_url) as connection:
        connection.execute("UPDATE audit_heads SET mac = sha256(mac)")
    assert "audit_heads: it names another record than the last one" in problems(database, org)


def test_an_older_copy_of_the_whole_log_is_found_by_an_anchor(
    database: Database, database_url: str, org: Organization
) -> None:
    chained(database, org, 3)
    with intruder(database_url) as connection:
        connection.execute("CREATE TABLE old_heads AS TABLE audit_heads")
        chained(database, org, 2)
        anchor = head(database, org)
        assert problems(database, org, anchors=[anchor]) == []
        connection.execute("DELETE FROM audit_records WHERE sequence > 3")
        connection.execute(
            "UPDATE audit_heads SET (sequence, mac, seal) = (SELECT sequence, mac, seal FROM old_heads)"
        )
    assert problems(database, org) == []
    assert problems(database, org, anchors=[anchor]) == [
        "audit_records[4..5]: missing",
        "audit_heads: it ends at 3, but an anchor names record 5",
    ]


def test_a_log_that_was_written_anew_is_found_by_an_anchor(database: Database, org: Organization) -> None:
    """Even by somebody who has the key."""
    chained(database, org, 2)
    assert problems(database, org, anchors=[Head(1, bytes(32))]) == [
        "audit_records[1]: it is not the record that an anchor names"
    ]


def test_a_record_added_without_the_key_is_found(
    database: Database, database_url: str, org: Organization
) -> None:
    chained(database, org, 2)
    with intruder(database_url) as connection:
        connection.execute(
            "INSERT INTO audit_records (record_id, org_id, sequence, actor, action, subject, details,"
            " previous_mac, mac) SELECT gen_random_uuid(), org_id, 3, 'cli:ana', 'approve', 's', '{}', mac,"
            " sha256(mac) FROM audit_heads"
        )
    found = problems(database, org)
    assert "audit_records[3]: it was changed after it was written, or written without the key" in found
    assert "audit_heads: it ends at 2, the records at 3" in found


def test_with_another_key_nothing_holds(database: Database, org: Organization) -> None:
    chained(database, org, 2)
    assert len(problems(database, org, key=b"x" * 32)) == 3


def test_records_of_another_organization_do_not_pass(
    database: Database, database_url: str, org: Organization, other: Organization
) -> None:
    """Not even as a whole chain."""
    chained(database, other, 2)
    with intruder(database_url) as connection:
        for table in ("audit_records", "audit_heads"):
            connection.execute(
                sql.SQL("UPDATE {} SET org_id = %s").format(sql.Identifier(table)), [org.org_id]
            )
    assert len(problems(database, org)) == 3


COLUMNS = ("actor", "action", "subject", "correlation_id")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    entries=st.lists(
        st.dictionaries(
            st.text("ab", max_size=2),
            st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text("xé"),
        ),
        min_size=1,
        max_size=5,
    ),
    place=st.integers(0, 4),
    column=st.sampled_from(COLUMNS),
    text=st.text("ab", max_size=3),
)
def test_any_chain_is_whole_until_any_record_is_given_another_text(
    database: Database, database_url: str, entries: list[dict[str, Any]], place: int, column: str, text: str
) -> None:
    org = Organization(
        org_id=new_id(),
        slug=f"o{uuid.uuid4().hex[:8]}",
        name="X",
        domain=f"{new_id()}.example",
        plan="standard",
    )
    with database.service() as session:
        session.add(org)
        session.flush()
        for details in entries:
            store.append(
                session,
                org.org_id,
                AuditEntry(actor="a", action=OwnWords("b"), subject="s", details=details, correlation_id="c"),
            )
    chain.chain_pending(database, key=KEY)
    assert problems(database, org) == []

    sequence = place % len(entries) + 1
    with intruder(database_url) as connection:
        update = "UPDATE audit_records SET {0} = %s WHERE org_id = %s AND sequence = %s AND {0} <> %s"
        query = sql.SQL(update).format(sql.Identifier(column))
        assume(connection.execute(query, [text, org.org_id, sequence, text]).rowcount == 1)
    assert problems(database, org) == [
        f"audit_records[{sequence}]: it was changed after it was written, or written without the key"
    ]
