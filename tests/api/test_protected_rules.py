"""Access rules that one admin wants and a second one releases."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from officeflow.access import store
from officeflow.access.rules import parse
from officeflow.database.engine import Database
from officeflow.database.tables import AuditRecord
from officeflow.errors import SecondPersonNeeded
from officeflow.rights.permissions import Role
from officeflow.workflows import rules_protection
from tests.api.test_access import STAFF, connections
from tests.command import Command, officeflow

pytestmark = pytest.mark.integration
__all__ = ["connections", "officeflow"]
Header = dict[str, str]
ACME = "/organizations/acme"
PATH = f"{ACME}/access-rules"
WHY = {"why": "too much hangs on them"}


@pytest.fixture
def admins(as_role: Callable[[Role], Header]) -> tuple[Header, Header]:
    return as_role(Role.ADMIN), as_role(Role.ADMIN)


def put(anybody: TestClient, who: Header, *rules: dict[str, Any]) -> Any:
    seen = anybody.get(PATH, headers=who).headers["etag"]
    return anybody.put(PATH, json={"rules": rules, "why": "new"}, headers=who | {"If-Match": seen})


def decided(anybody: TestClient, who: Header, release: str, what: str) -> Any:
    path = f"{ACME}/releases/{release}"
    seen = {"If-Match": anybody.get(path, headers=who).headers["etag"]}
    return anybody.post(f"{path}/{what}", json={"why": "I looked"}, headers=who | seen)


def test_protected_rules_count_once_another_admin_has_released_them(
    anybody: TestClient, admins: tuple[Header, Header], database: Database
) -> None:
    ana, bo = admins
    assert anybody.post(f"{PATH}/protect", json=WHY, headers=ana).json() == {"changed": True}
    assert anybody.post(f"{PATH}/protect", json=WHY, headers=bo).json() == {"changed": False}
    asked = put(anybody, ana, STAFF)
    assert (asked.status_code, asked.json()["version"], asked.json()["rules"]) == (202, 0, [])
    release = asked.json()["release"]
    shown = anybody.get(f"{ACME}/releases/{release}", headers=bo).json()
    assert (shown["kind"], shown["access_rules"]) == (
        "access_rules",
        {"rules": [STAFF], "added": ["staff"], "changed": [], "removed": []},
    )
    with pytest.raises(SecondPersonNeeded):
        store.settle(database, "acme", parse({"rules": [STAFF]}), why="around it", by="cli:ana")
    assert decided(anybody, ana, release, "approve").status_code == 403
    assert anybody.get(PATH, headers=ana).json()["version"] == 0
    assert decided(anybody, bo, release, "approve").status_code == 200
    now = anybody.get(PATH, headers=ana).json()
    assert (now["version"], now["rules"], now["set_by"]) == (1, [STAFF], shown["requested_by"])
    assert put(anybody, ana, STAFF).status_code == 200, "what says the same needs nobody"


def test_the_protection_is_taken_off_by_two_and_what_was_asked_against_other_rules_is_not_set(
    anybody: TestClient, admins: tuple[Header, Header]
) -> None:
    ana, bo = admins
    assert anybody.post(f"{PATH}/unprotect", json=WHY, headers=ana).json() == {"release": None}
    anybody.post(f"{PATH}/protect", json=WHY, headers=ana)
    late = put(anybody, ana, STAFF).json()["release"]
    off = anybody.post(f"{PATH}/unprotect", json=WHY, headers=ana)
    assert (off.status_code, put(anybody, ana, STAFF).status_code) == (202, 202)
    assert decided(anybody, bo, off.json()["release"], "approve").status_code == 200
    assert decided(anybody, bo, late, "approve").status_code == 409, "it was asked for anew"
    [waits] = anybody.get(f"{ACME}/releases?state=PENDING", headers=bo).json()["items"]
    assert put(anybody, bo, {**STAFF, "name": "all"}).json()["version"] == 1
    assert decided(anybody, bo, waits["release_id"], "approve").status_code == 412
    assert anybody.get(PATH, headers=ana).json()["version"] == 1


@pytest.mark.usefixtures("org")
def test_the_command_protects_and_asks_to_take_that_back(officeflow: Command, database: Database) -> None:
    rules = ("access", "rules")
    assert officeflow(*rules, "protect", "acme", "--why", "x").out == "access rules of acme: protected\n"
    asked = officeflow(*rules, "unprotect", "acme", "--why", "x")
    assert (asked.status, "officeflow release approve" in asked.out) == (3, True)
    with database.service() as session:
        query = select(AuditRecord.action).order_by(AuditRecord.position)
        assert list(session.scalars(query)) == ["access.rules_protected", "release.requested"]


@pytest.mark.usefixtures("org")
def test_the_command_shows_which_rules_would_be_new_changed_and_gone(
    officeflow: Command, database: Database
) -> None:
    def named(name: str, group: str) -> dict[str, Any]:
        return {"name": name, "connections": {"directory": {"groups": [group]}}}

    before, wanted = [STAFF, named("lab", "Lab")], [named("staff", "All"), named("sales", "Sales")]
    store.settle(database, "acme", parse({"rules": before}), why="first", by="cli:ana")
    rules_protection.protect(database, "acme", why="x", by="cli:ana")
    rules = parse({"rules": wanted})
    asked = rules_protection.settle(database, "acme", rules, why="x", by="cli:ana").release
    assert asked is not None
    show = ("release", "show", str(asked.release_id), "--org", "acme")
    names = {"added": ["sales"], "changed": ["staff"], "removed": ["lab"]}
    assert officeflow(*show, "--json").json["access_rules"] == {"rules": wanted, **names}
    told = " ".join(officeflow(*show).out.split())
    assert f"access_rules {json.dumps(names)}" in told
    assert json.dumps(wanted[1]) in told
