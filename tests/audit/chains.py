"""Chains of records, and somebody who writes into the database past the application."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg

from officeflow.audit import chain, store
from officeflow.audit.actions import OwnWords
from officeflow.audit.chain import Head
from officeflow.audit.entry import AuditEntry
from officeflow.database.engine import Database
from officeflow.database.tables import Organization

KEY = b"k" * 32


def append(database: Database, org: Organization, count: int) -> None:
    with database.tenant(org.org_id) as session:
        for number in range(count):
            entry = AuditEntry(
                actor="cli:ana",
                action=OwnWords("test"),
                subject=f"org:{number}",
                details={"number": number, "share": number / 7},
            )
            store.append(session, org.org_id, entry)
            session.flush()


def chained(database: Database, org: Organization, count: int) -> None:
    append(database, org, count)
    assert chain.chain_pending(database, key=KEY) == count


def problems(
    database: Database, org: Organization, *, key: bytes = KEY, anchors: Sequence[Head] = ()
) -> list[str]:
    """As the tenant itself sees them."""
    with database.tenant(org.org_id) as session:
        return [str(problem) for problem in chain.verify(session, org.org_id, key=key, anchors=anchors)]


def head(database: Database, org: Organization) -> Head:
    with database.tenant(org.org_id) as session:
        return chain.head_of(session, org.org_id)


@contextmanager
def intruder(url: str) -> Iterator[psycopg.Connection]:
    """Somebody who owns the database and has switched its guards off, but has not the key."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        yield connection
