"""Anchors: written by the steward, kept in files, read by doctor."""

from __future__ import annotations

import datetime as dt
import json
import secrets
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from listeners.steward.audit_anchors import Anchoring
from officeflow.audit import chain
from officeflow.audit.anchors import Anchor, Folder, Found
from officeflow.audit.chain import Head
from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.database.tables import Organization, OutboxMessage
from officeflow.doctor import anchors as doctor
from officeflow.doctor.examination import subject_of
from officeflow.errors import Unavailable
from officeflow.events import topics
from officeflow.layout import Layout
from tests.audit.attacking import chained, found, superuser
from tests.command import Command

pytestmark = pytest.mark.integration


def test_the_steward_notes_each_head_once_in_the_folder_and_for_the_topic(
    database: Database, org: Organization, anchoring: Anchoring, folder: Folder
) -> None:
    chained(database, org, 2)
    assert [anchoring.act(), anchoring.act()] == [1, 0]
    chained(database, org, 1)
    assert anchoring.act() == 1
    with database.service() as session:
        sent = session.scalars(
            select(OutboxMessage)
            .where(OutboxMessage.topic == topics.AUDIT_ANCHORS)
            .order_by(OutboxMessage.position)
        ).all()
    key = chain.key_from_settings()
    noted = folder.read(org.org_id, key).anchors
    assert [anchor.head.sequence for anchor in noted] == [2, 3]
    assert [Anchor.read(message.payload, key) for message in sent] == list(noted)
    assert {message.key for message in sent} == {str(org.org_id)}


def test_a_steward_that_starts_again_goes_on_with_what_is_noted(
    database: Database, org: Organization, anchoring: Anchoring, folder: Folder
) -> None:
    chained(database, org, 2)
    anchoring.act()
    assert Anchoring(database, SystemClock(), key=chain.key_from_settings(), folder=folder).act() == 0


# ── the files of the folder ──

KEY = b"k" * 32


def an_anchor(sequence: int = 7, org_id: uuid.UUID | None = None) -> Anchor:
    at = dt.datetime(2026, 1, 5, 9, 30, tzinfo=dt.UTC)
    return Anchor(org_id or uuid.UUID(int=1), Head(sequence, secrets.token_bytes(32)), at)


def test_an_anchor_is_read_as_it_was_written_and_not_with_another_key() -> None:
    anchor = an_anchor()
    assert Anchor.read(anchor.document(KEY), KEY) == anchor
    assert Anchor.read(anchor.document(KEY), b"x" * 32) is None


@pytest.mark.parametrize("name", ["org_id", "sequence", "mac", "at", "seal"])
@pytest.mark.parametrize(
    "value", [None, 8, "8", "00" * 32, "ü", str(uuid.UUID(int=2)), "2026-01-06T09:30:00+00:00", [], {}]
)
def test_an_anchor_of_which_anything_was_changed_is_none(name: str, value: object) -> None:
    assert Anchor.read({**an_anchor().document(KEY), name: value}, KEY) is None


@pytest.mark.parametrize(
    "document", [None, 1, "x", [], {}, {"seal": ""}, {**an_anchor().document(KEY), "more": 1}]
)
def test_what_is_no_anchor_is_none(document: object) -> None:
    assert Anchor.read(document, KEY) is None


def test_the_files_are_the_owners_alone_and_an_organizations_own(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "deep" / "anchors")
    folder.add(an_anchor(), KEY)
    assert folder.path.stat().st_mode & 0o777 == 0o700
    (file,) = folder.path.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert folder.organizations() == [uuid.UUID(int=1)]
    assert folder.read(uuid.UUID(int=2), KEY).anchors == ()


def test_a_line_that_was_cut_off_by_a_crash_spoils_neither_those_before_nor_those_after(
    tmp_path: Path,
) -> None:
    folder = Folder(tmp_path)
    anchors = [an_anchor(1), an_anchor(2)]
    folder.add(anchors[0], KEY)
    with folder.file_of(uuid.UUID(int=1)).open("a") as file:
        file.write('{"org_id": "0000')
    assert folder.read(uuid.UUID(int=1), KEY) == Found((anchors[0],), 0)
    folder.add(anchors[1], KEY)
    assert folder.read(uuid.UUID(int=1), KEY) == Found(tuple(anchors), 1)


def test_a_folder_that_cannot_be_written_or_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="file"):
        Folder(tmp_path / "file").add(an_anchor(), KEY)
    with pytest.raises(Unavailable, match="file"):
        Folder(tmp_path / "file").read(uuid.UUID(int=1), KEY)


def test_lines_in_the_folder_that_somebody_changed_are_found(
    database: Database, org: Organization, anchoring: Anchoring, folder: Folder, officeflow: Command
) -> None:
    chained(database, org, 2)
    anchoring.act()
    file = folder.file_of(org.org_id)
    file.write_text(json.dumps({**json.loads(file.read_text()), "sequence": 1}) + "\n")
    assert "1 lines are no anchors that were written with our key" in found(officeflow)


# ── what doctor says ──


@pytest.fixture
def examine(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """What `doctor` finds about the anchors, with Kafka away."""
    monkeypatch.setenv("OFFICEFLOW_DATABASE_URL", database_url)
    monkeypatch.setenv("OFFICEFLOW_KAFKA_BOOTSTRAP", "127.0.0.1:1")
    monkeypatch.setattr(doctor, "TOPIC_SECONDS", 0.2)
    monkeypatch.setenv("OFFICEFLOW_AUDIT_ANCHOR_SECONDS", "0.001")
    monkeypatch.setattr(doctor, "GRACE_SECONDS", 0)

    def findings() -> str:
        subject = subject_of(Layout(home=tmp_path, servers=tmp_path))
        return "\n".join(f"{finding.outcome} {finding.says}" for finding in doctor.anchored(subject))

    return findings


def test_doctor_tells_how_old_the_newest_anchor_is_and_which_records_have_none(
    database: Database, database_url: str, org: Organization, anchoring: Anchoring, examine: Callable[[], str]
) -> None:
    chained(database, org, 2)
    assert "problem acme: of 2 records, folder" in examine()
    anchoring.act()
    assert "ok acme: record 2 of 2 is noted outside of the database, " in examine()
    assert "warning topic audit.anchors: not consulted" in examine()
    chained(database, org, 1)
    assert "problem acme: of 3 records, folder" in examine()
    with superuser(database_url) as connection:
        connection.execute("DELETE FROM audit_records")
        connection.execute("DELETE FROM audit_heads")
    assert "problem acme: record 2 of the audit log was noted at" in examine()


@pytest.mark.usefixtures("org")
def test_doctor_warns_where_there_is_no_folder(
    examine: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OFFICEFLOW_AUDIT_ANCHORS", raising=False)
    assert "warning the heads of the audit log are noted in no folder" in examine()
