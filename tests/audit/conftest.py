from __future__ import annotations

from pathlib import Path

import pytest

from listeners.steward.audit_anchors import Anchoring
from officeflow.audit import chain
from officeflow.audit.anchors import Folder
from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from tests.command import officeflow

__all__ = ["officeflow"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    monkeypatch.setenv("OFFICEFLOW_AUDIT_ANCHORS", str(tmp_path / "anchors"))
    return Folder(tmp_path / "anchors")


@pytest.fixture
def anchoring(database: Database, folder: Folder) -> Anchoring:
    return Anchoring(database, SystemClock(), key=chain.key_from_settings(), folder=folder)
