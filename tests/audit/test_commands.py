from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from officeflow.audit import chain, store
from officeflow.audit.actions import AuditAction, OwnWords
from officeflow.audit.entry import AuditEntry
from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from tests.command import Command

pytestmark = pytest.mark.integration


@pytest.fixture
def three(database: Database, org: Organization) -> None:
    """Two chained records and one that waits."""
    for number in range(3):
        with database.tenant(org.org_id) as session:
            store.append(
                session,
                org.org_id,
                AuditEntry(
                    actor="cli:ana", action=OwnWords("test"), subject=f"org:{number}", details={"n": number}
                ),
            )
    assert chain.chain_pending(database, key=chain.key_from_settings(), limit=2) == 2


@pytest.mark.usefixtures("three")
def test_the_log_is_listed_in_its_order(officeflow: Command) -> None:
    rows = officeflow("audit", "list", "acme", "--json").json
    assert [(row["number"], row["subject"], row["details"]) for row in rows] == [
        (1, "org:0", {"n": 0}),
        (2, "org:1", {"n": 1}),
        (None, "org:2", {"n": 2}),
    ]
    assert [
        row["number"] for row in officeflow("audit", "list", "acme", "--json", "--subject", "org:1").json
    ] == [2]
    assert "org:2" in officeflow("audit", "list", "acme", "--limit", "1").out


def test_the_log_is_listed_by_action_whatever_it_was_called_when_it_was_done(
    officeflow: Command, database: Database, org: Organization
) -> None:
    """What is shown is what was written."""
    for action in (OwnWords("org.create"), AuditAction.ORGANIZATION_CREATED, AuditAction.USER_CREATED):
        with database.tenant(org.org_id) as session:
            store.append(session, org.org_id, AuditEntry(actor="cli:ana", action=action, subject="org:acme"))
    listed = officeflow("audit", "list", "acme", "--action", "organization.created", "--json").json
    assert [row["action"] for row in listed] == ["org.create", "organization.created"]
    by_subject = officeflow("audit", "list", "acme", "--subject", "organization:acme", "--json").json
    assert len(by_subject) == 3


@pytest.mark.usefixtures("org")
def test_an_empty_log_says_so(officeflow: Command) -> None:
    assert officeflow("audit", "list", "acme").out == "no audit records\n"


@pytest.mark.usefixtures("three")
def test_a_whole_chain_verifies_and_prints_its_anchor(officeflow: Command) -> None:
    shown = officeflow("audit", "verify", "acme", "--json")
    assert (shown.status, shown.json["records"], shown.json["waiting"], shown.json["problems"]) == (
        0,
        2,
        1,
        [],
    )
    assert {source["source"]: source["anchors"] for source in shown.json["anchors"]} == {
        "folder": 0,
        "topic audit.anchors": 0,
    }
    again = officeflow("audit", "verify", "acme", "--anchor", shown.json["anchor"])
    assert again.status == 0
    assert "the chain of 2 records is whole; 1 still to be chained" in again.out
    assert f"anchor: {shown.json['anchor']}" in again.out
    assert "folder: not consulted, OFFICEFLOW_AUDIT_ANCHORS names none" in again.out
    assert "topic audit.anchors: not consulted, audit.anchors cannot be read from Kafka" in again.out


@pytest.mark.usefixtures("three")
def test_a_chain_that_nothing_confirms_says_whether_something_will(
    officeflow: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert "confirms it: who emptied" in officeflow("audit", "verify", "acme").out
    monkeypatch.setenv("OFFICEFLOW_AUDIT_ANCHORS", str(tmp_path))
    monkeypatch.setenv("OFFICEFLOW_AUDIT_ANCHOR_SECONDS", "20")
    assert "confirms it yet: the steward notes" in officeflow("audit", "verify", "acme").out


@pytest.mark.usefixtures("three")
def test_a_broken_chain_ends_with_status_1_and_names_each_place(
    officeflow: Command, database_url: str
) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("DELETE FROM audit_records WHERE sequence = 2")
    broken = officeflow("audit", "verify", "acme")
    assert (broken.status, broken.out) == (1, "")
    assert "audit_records[2]: missing" in broken.err


@pytest.mark.usefixtures("org")
def test_wrong_input_ends_with_status_2(officeflow: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    assert officeflow("audit", "verify", "acne").status == 2
    assert officeflow("audit", "verify", "acme", "--anchor", "x").status == 2
    for name in ("OFFICEFLOW_AUDIT_KEY", "OFFICEFLOW_AUDIT_TAG_KEY"):
        with monkeypatch.context() as without:
            without.setenv(name, "")
            shown = officeflow("audit", "verify", "acme")
        assert shown.status == 2
        assert name in shown.err
