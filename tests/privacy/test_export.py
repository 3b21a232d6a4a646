from __future__ import annotations

import json

import pytest

from officeflow.audit import store as audit
from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.errors import NotKnown
from officeflow.privacy import erasing, export, page
from tests.privacy.conftest import HIDDEN, SHOWN, Somebody

pytestmark = pytest.mark.integration
EVERYWHERE = {
    "record", "events", "sources", "runs", "acts", "questions", "answers", "mails", "awaited_events",
    "called_runs", "orders", "messages_not_taken", "messages_for_kafka", "audit",
}  # fmt: skip


def test_all_that_is_known_is_in_it_opened(somebody: Somebody, database: Database) -> None:
    found = export.export(database, "acme", somebody.external_id, by="cli:boss")
    assert {name for name, rows in found.sections.items() if rows} >= EVERYWHERE - {"mails"}
    text = {name: json.dumps(rows) for name, rows in found.sections.items()}
    for name in ("record", "events", "acts", "questions", "answers", "awaited_events", "called_runs",
                 "orders", "messages_not_taken"):  # fmt: skip
        assert HIDDEN in text[name], name
    assert SHOWN in text["runs"]
    assert len(found.sections["messages_not_taken"]) == 2


def test_nothing_of_anybody_else_is_in_it(somebody: Somebody, database: Database, org: Organization) -> None:
    Somebody(database, org, "E-78", shown="Yolanda", hidden="Quince").hired()
    found = json.dumps(export.export(database, "acme", somebody.external_id, by="cli:boss").document)
    assert "Yolanda" not in found
    assert "Quince" not in found


def test_who_took_it_is_audited_without_what_is_in_it(
    somebody: Somebody, database: Database, org: Organization
) -> None:
    export.export(database, "acme", somebody.external_id, by="cli:boss")
    with database.tenant(org.org_id) as session:
        noted = audit.newest(session, org.org_id)[-1]
    assert (noted.actor, noted.action, noted.subject) == ("cli:boss", "person.exported", "employee:E-77")
    assert SHOWN not in json.dumps(noted.details)


def test_the_page_shows_it_all_and_obeys_nothing_of_it(database: Database, org: Organization) -> None:
    evil = "<script>alert(1)</script>"
    Somebody(database, org, "E-66", shown=evil)._employ()
    shown = page.html(export.export(database, "acme", "E-66", by="cli:boss"))
    assert evil not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert set(page.TITLES) == set(export.export(database, "acme", "E-66", by="cli:boss").sections)


def test_of_an_erased_person_nothing_is_known(somebody: Somebody, database: Database) -> None:
    erasing.erase(database, "acme", somebody.external_id, why="they asked", by="cli:boss")
    with pytest.raises(NotKnown):
        export.export(database, "acme", somebody.external_id, by="cli:boss")
