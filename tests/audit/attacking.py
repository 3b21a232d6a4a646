"""What the tests of the audit log share: records, a superuser, and what `audit verify` says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from officeflow.audit import chain, store
from officeflow.audit.actions import OwnWords
from officeflow.audit.entry import AuditEntry
from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from tests.command import Command


def append(database: Database, org: Organization, count: int = 1) -> None:
    for number in range(count):
        with database.tenant(org.org_id) as session:
            store.append(
                session,
                org.org_id,
                AuditEntry(actor="cli:ana", action=OwnWords("test"), subject=f"org:{number}"),
            )


def chained(database: Database, org: Organization, count: int) -> None:
    append(database, org, count)
    assert chain.chain_pending(database, key=chain.key_from_settings()) == count


@contextmanager
def superuser(url: str) -> Iterator[psycopg.Connection]:
    """Who has the database, with its guards switched off."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        yield connection


def found(officeflow: Command) -> str:
    """What `audit verify` finds: it says so on standard error, and ends with status 1."""
    shown = officeflow("audit", "verify", "acme")
    assert shown.status == 1, shown.out
    return shown.err
