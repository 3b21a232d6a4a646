from __future__ import annotations

import pytest

from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from tests.answering.asked import Asked
from tests.command import officeflow

__all__ = ["officeflow"]


@pytest.fixture
def asked(database: Database, org: Organization) -> Asked:
    """The organization `acme` with a run about E-1, whose users are asked what a test says."""
    return Asked(database, org)


@pytest.fixture
def nowhere() -> Database:
    """A database that does not answer."""
    return Database("postgresql://127.0.0.1:1/officeflow?connect_timeout=1")
