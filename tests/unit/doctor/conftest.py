"""What the tests of examinations share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from officeflow.doctor.examination import subject_of
from officeflow.doctor.finding import Finding, Outcome, Subject
from officeflow.layout import Layout

FINE, WARNED, WRONG = Outcome.OK, Outcome.WARNING, Outcome.PROBLEM


@pytest.fixture
def subject(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Subject:
    """A home without a stack, and settings that are in order."""
    for name in [name for name in os.environ if name.startswith("OFFICEFLOW_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("OFFICEFLOW_ENCRYPTION_KEYS", Fernet.generate_key().decode())
    monkeypatch.setenv("OFFICEFLOW_AUDIT_KEY", "k" * 32)
    monkeypatch.setenv("OFFICEFLOW_AUDIT_TAG_KEY", "t" * 32)
    monkeypatch.setenv("OFFICEFLOW_AIRFLOW_PASSWORD", "secret")
    return subject_of(Layout(home=tmp_path, servers=tmp_path / "servers"))


def outcomes(findings: Iterator[Finding]) -> list[Outcome]:
    return [finding.outcome for finding in findings]
