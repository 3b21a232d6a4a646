"""What the demonstrations do in an organization that others work in too."""

from __future__ import annotations

import io
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from officeflow.access import store
from officeflow.access.rules import parse
from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.database.pages import Wanted
from officeflow.database.tables import Organization
from officeflow.demo import people
from officeflow.demo.identity import people as newcomers
from officeflow.demo.identity import publishing
from officeflow.demo.identity.publishing import OWN_RULES, settle_rules
from officeflow.demo.identity.starting import Started
from officeflow.demo.identity.systems import SYSTEMS
from officeflow.errors import SecondPersonNeeded
from officeflow.layout import Layout
from officeflow.privacy import erasing
from officeflow.rights.permissions import Role
from officeflow.rights.principals import Principal
from officeflow.settings import Settings
from officeflow.stack.progress import TextProgress
from officeflow.stack.stack import Stack
from officeflow.statuses import ReleaseState
from officeflow.tenants import persons
from officeflow.workflows import release_store, rules_protection
from officeflow.workflows.releases import Releases

pytestmark = pytest.mark.integration

BY = "cli:boss"
STAFF = {"name": "staff", "connections": {"directory": {"groups": ["Everyone"]}}}


def settle(database: Database, *rules: dict[str, Any]) -> None:
    store.settle(database, "acme", parse({"rules": list(rules)}), why="new offices", by=BY)


def names(database: Database, org: Organization) -> list[str]:
    with database.tenant(org.org_id) as session:
        return [rule["name"] for rule in store.newest(session, org.org_id).document["rules"]]


def test_rules_that_an_admin_sets_while_the_demonstration_sets_its_own_are_kept(
    database: Database, org: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest, told = store.newest, list[int]()

    def meanwhile(*arguments: Any) -> store.Kept:
        """What counted when it was read, just before an admin sets other rules."""
        read = newest(*arguments)
        if not told:
            told.append(read.version)
            settle(database, STAFF)
        return read

    monkeypatch.setattr(store, "newest", meanwhile)
    assert settle_rules(database, org, ()) == 2
    assert names(database, org)[0] == "staff"
    assert all(name.startswith(OWN_RULES) for name in names(database, org)[1:])
    assert (told, len(names(database, org)), settle_rules(database, org, ())) == ([0], 4, 2)


def test_protected_rules_stop_the_demonstration_before_its_connections_until_another_admin_says_yes(
    database: Database, org: Organization, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rules_protection.protect(database, "acme", why="much hangs on them", by=BY)
    monkeypatch.setattr(publishing, "prepare", lambda *_: org)
    started = Started(Stack(Layout(tmp_path, tmp_path), {}, further=("okta",)), SYSTEMS, {})
    airflow: Any = None
    unused: Any = nullcontext
    with pytest.raises(SecondPersonNeeded) as caught:
        publishing.publish(started, Settings(), database, airflow, TextProgress(io.StringIO()))
    with database.tenant(org.org_id) as session:
        [waits] = release_store.page(session, org.org_id, Wanted(), state=ReleaseState.PENDING).rows
    assert f"release approve {waits.release_id} --org acme" in str(caught.value.hint)
    assert names(database, org) == []
    bo = Principal(actor="airflow:bo", login="bo", roles={org.org_id: Role.ADMIN})
    Releases(database, unused).approve(org.org_id, str(waits.release_id), bo)
    assert (settle_rules(database, org, ()), len(names(database, org))) == (1, 3)


def test_the_next_person_is_nobody_who_exists_and_nobody_who_was_erased(
    database: Database, org: Organization
) -> None:
    def known() -> tuple[str, str]:
        return people.next_person(database, org).employee_id, newcomers.next_person(database, org).employee_id

    def enter(*numbers: str) -> None:
        for number in numbers:
            persons.enter(database, SystemClock(), "acme", number, {"department": "Sales"}, by=BY)

    enter(newcomers.HEAD, "77", "Ewe")
    assert known() == ("E1001", "E1001")
    enter("E1001", "E1002", "E1003")
    erasing.erase(database, "acme", "E1001", why="asked for", by=BY)
    assert known() == ("E1004", "E1004")
    erasing.erase(database, "acme", "E1003", why="asked for", by=BY)
    assert known() == ("E1004", "E1004")
