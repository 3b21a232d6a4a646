from __future__ import annotations

from pathlib import Path

import pytest

from listeners.steward.audit_anchors import Anchoring
from officeflow.audit import chain
from officeflow.audit.anchors import Folder
from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.ids import new_id
from tests.command import officeflow

__all__ = ["officeflow"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    monkeypatch.setenv("OFFICEFLOW_AUDIT_ANCHORS", str(tmp_path / "anchors"))
    return Folder(tmp_path / "anchors")


@pytest.fixture
def anchoring(database: Database, folder: Folder) -> Anchoring:
    return Anchoring(database, SystemClock(), key=chain.key_from_settings(), folder=folder)


@pytest.fixture
def other(database: Database) -> Organization:
    organization = Organization(
        org_id=new_id(), slug="globex", name="Globex", domain="globex.example", plan="standard"
    )
    with database.service() as session:
        session.add(organization)
    return organization
