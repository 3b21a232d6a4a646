"""An organization's access rules as they are kept, and the commands around them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from officeflow.access import store
from officeflow.access.rules import parse
from officeflow.airflow_api.client import AirflowApi
from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.database.tables import AuditRecord, Organization
from officeflow.errors import InvalidInput
from officeflow.tenants import persons
from tests.command import Command

pytestmark = pytest.mark.integration

BY = "cli:boss"
STAFF = {"name": "staff", "connections": {"directory": {"groups": ["Staff"]}}}
SALES = {
    "name": "sales",
    "match": {"department": ["Sales"]},
    "connections": {"directory": {"groups": [{"name": "Prices", "sensitive": True}]}},
}


class Airflow:
    def connections(self, prefix: str = "") -> list[dict[str, str]]:
        return [{"connection_id": f"{prefix}directory", "conn_type": "scim"}]


@pytest.fixture
def airflow(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def opened(_: Any) -> Iterator[Airflow]:
        yield Airflow()

    monkeypatch.setattr(AirflowApi, "from_settings", opened)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "rules.json"
    path.write_text(json.dumps({"rules": [STAFF, SALES]}))
    return path


def settle(database: Database, *rules: dict[str, Any], org: str = "acme") -> tuple[store.Kept, bool]:
    return store.settle(database, org, parse({"rules": list(rules)}), why="new offices", by=BY)


def test_each_state_is_a_version_and_what_says_the_same_is_none(
    database: Database, org: Organization
) -> None:
    with database.tenant(org.org_id) as session:
        assert store.newest(session, org.org_id).version == 0
    assert [settle(database, STAFF)[0].version, settle(database, STAFF, SALES)[0].version] == [1, 2]
    kept, changed = settle(database, STAFF, SALES)
    assert (kept.version, changed) == (2, False)
    with database.tenant(org.org_id) as session:
        assert store.newest(session, org.org_id).document == {"rules": [STAFF, SALES]}


def test_another_organization_has_its_own(database: Database, org: Organization, other: Organization) -> None:
    settle(database, STAFF)
    with database.tenant(other.org_id) as session:
        assert store.newest(session, org.org_id).version == 0
    assert settle(database, SALES, org="globex")[0].version == 1


def test_the_audit_log_says_which_rules_are_new_changed_and_gone(
    database: Database, org: Organization
) -> None:
    del org
    settle(database, STAFF, SALES)
    settle(database, {**SALES, "match": {"department": ["Partners"]}}, {**STAFF, "name": "everybody"})
    with database.service() as session:
        records = session.scalars(select(AuditRecord).order_by(AuditRecord.occurred_at)).all()
        told = [(each.actor, each.action, each.details) for each in records]
    assert told == [
        (
            BY,
            "access.rules_settled",
            {"version": 1, "why": "new offices", "added": ["staff", "sales"], "changed": [], "removed": []},
        ),
        (
            BY,
            "access.rules_settled",
            {
                "version": 2,
                "why": "new offices",
                "added": ["everybody"],
                "changed": ["sales"],
                "removed": ["staff"],
            },
        ),
    ]


def test_a_change_needs_its_reason(database: Database, org: Organization) -> None:
    del org
    with pytest.raises(InvalidInput, match="reason is empty"):
        store.settle(database, "acme", parse({"rules": [STAFF]}), why=" ", by=BY)


@pytest.mark.usefixtures("airflow", "org")
def test_the_command_sets_shows_and_says_what_a_person_should_have(
    officeflow: Command, database: Database, file: Path
) -> None:
    persons.enter(database, SystemClock(), "acme", "E1", {"department": "Sales"}, by=BY)
    assert officeflow("access", "rules", "check", "acme", str(file)).status == 0
    assert officeflow("access", "rules", "show", "acme").json == {"rules": []}
    made = officeflow("access", "rules", "set", "acme", str(file), "--why", "new", "--json")
    assert (made.status, made.json) == (0, {"version": 1, "changed": True, "release": None})
    assert officeflow("access", "rules", "show", "acme").json == {"rules": [STAFF, SALES]}
    assert officeflow("access", "rules", "show", "acme", "--json").json["set_by"] == "cli:ana"
    found = officeflow("access", "of", "acme", "E1", "--json").json
    assert [(each["name"], each["sensitive"], each["rules"]) for each in found["entitlements"]] == [
        ("Prices", True, ["sales"]),
        ("Staff", False, ["staff"]),
    ]
    assert "Prices" in officeflow("access", "of", "acme", "E1").out


@pytest.mark.usefixtures("airflow", "org")
@pytest.mark.parametrize("command", [("check",), ("set",)])
def test_rules_that_cannot_be_are_told_and_not_set(
    officeflow: Command, tmp_path: Path, command: tuple[str, ...]
) -> None:
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps({"rules": [{"name": "a", "connections": {"directry": {"groups": ["X"]}}}]}))
    why = ("--why", "new") if command == ("set",) else ()
    refused = officeflow("access", "rules", *command, "acme", str(path), *why)
    assert refused.status == 2
    assert "rules[0].connections.directry: there is no connection 'directry'" in refused.err
    assert "did you mean directory?" in refused.err
    assert officeflow("access", "rules", "show", "acme", "--json").json["version"] == 0
