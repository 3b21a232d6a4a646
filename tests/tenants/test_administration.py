"""What is decided about organizations and users, as an interface of any kind calls it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.database.tables import AuditRecord, Employee, Organization, User
from officeflow.errors import InvalidInput, NotKnown
from officeflow.events.rules import Change
from officeflow.kafka_access import KafkaAccess
from officeflow.rights.principals import Principal
from officeflow.tenants import administration, organizations, persons, user_changes

pytestmark = pytest.mark.integration

AWAY = KafkaAccess(bootstrap="127.0.0.1:1")
BY = "airflow:ana"
ROOT = Principal(actor=BY, is_platform_admin=True)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(administration, "TOPICS_SECONDS", 0.2)


def audited(database: Database) -> list[tuple[str, str, str, dict[str, Any]]]:
    with database.service() as session:
        records = session.scalars(select(AuditRecord).order_by(AuditRecord.position))
        return [(each.actor, each.action, each.subject, each.details) for each in records]


def test_an_organization_is_there_and_audited_while_kafka_is_away(database: Database) -> None:
    made = administration.create_organization(
        database, AWAY, slug="globex", name="Globex", domain="Globex.example", by=BY
    )
    assert made.without_topics is not None
    assert "127.0.0.1:1" in made.without_topics.message
    with database.service() as session:
        assert organizations.find(session, "globex").org_id == made.organization.org_id
    details = {"name": "Globex", "domain": "globex.example", "plan": "standard"}
    assert audited(database) == [(BY, "organization.created", "organization:globex", details)]


@pytest.mark.usefixtures("org")
def test_what_is_refused_is_not_audited(database: Database) -> None:
    with pytest.raises(InvalidInput, match="exists already"):
        administration.create_organization(
            database, AWAY, slug="acme", name="A", domain="other.example", by=BY
        )
    with pytest.raises(InvalidInput, match="is not a role"):
        administration.create_user(database, "acme", email="b@acme.example", name="B", role="boss", by=BY)
    with pytest.raises(NotKnown, match="acne"):
        administration.create_user(database, "acne", email="b@acme.example", name="B", role="viewer", by=BY)
    with pytest.raises(InvalidInput, match="nothing was changed"):
        administration.settle_events(database, "acme", Change(show=["salary"]), why="because", by=BY)
    with pytest.raises(InvalidInput, match="the reason is empty"):
        administration.settle_events(database, "acme", Change(show=["level"]), why=" ", by=BY)
    assert audited(database) == []


@pytest.mark.usefixtures("org")
def test_what_cannot_be_audited_is_not_done(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFICEFLOW_AUDIT_TAG_KEY", "")
    with pytest.raises(InvalidInput, match="OFFICEFLOW_AUDIT_TAG_KEY"):
        administration.create_organization(
            database, AWAY, slug="globex", name="Globex", domain="globex.example", by=BY
        )
    with pytest.raises(InvalidInput, match="OFFICEFLOW_AUDIT_TAG_KEY"):
        administration.create_user(database, "acme", email="b@acme.example", name="B", role="viewer", by=BY)
    with pytest.raises(InvalidInput, match="OFFICEFLOW_AUDIT_TAG_KEY"):
        administration.settle_events(database, "acme", Change(show=["level"]), why="swag", by=BY)
    with pytest.raises(InvalidInput, match="OFFICEFLOW_AUDIT_TAG_KEY"):
        persons.enter(database, SystemClock(), "acme", "E1", {}, by=BY)
    with database.service() as session:
        assert [each.slug for each in organizations.every(session)] == ["acme"]
        assert organizations.find(session, "acme").settings == {}
        assert session.scalars(select(User)).all() == []
        assert session.scalars(select(Employee)).all() == []


def test_a_change_of_what_is_shown_keeps_what_was_before(database: Database, org: Organization) -> None:
    settled = administration.settle_events(
        database, str(org.org_id), Change(show=["level"]), why=" swag ", by=BY
    )
    assert settled == {"shown_fields": ["level"], "empty_text_is_null": False}
    before = {"shown_fields": [], "empty_text_is_null": False}
    details = {"before": before, "after": settled, "why": "swag"}
    assert audited(database) == [(BY, "organization.events_settled", "organization:acme", details)]


@pytest.mark.usefixtures("org")
def test_who_reveals_a_person_is_on_record_with_the_fields_and_without_what_they_hold(
    database: Database,
) -> None:
    persons.enter(database, SystemClock(), "acme", "E1", {"title": "Lead", "salary": 4711}, by=BY)
    assert persons.look(database, "acme", "E1")["salary"] == persons.HIDDEN
    assert len(audited(database)) == 1, "looking reveals nothing"
    assert persons.reveal(database, "acme", "E1", by="airflow:bo")["salary"] == 4711
    assert audited(database) == [
        (BY, "employee.created", "employee:E1", {"fields": ["salary", "title"]}),
        ("airflow:bo", "employee.revealed", "employee:E1", {"fields": ["salary"]}),
    ]
    with pytest.raises(NotKnown, match="E2"):
        persons.reveal(database, "acme", "E2", by=BY)


def test_a_time_zone_is_settled_audited_and_one_that_there_is_not_is_refused(
    database: Database, org: Organization
) -> None:
    with pytest.raises(InvalidInput, match="did you mean Europe/Berlin"):
        administration.settle_time_zone(database, "acme", "Europe/Berln", why="moved", by=BY)
    with pytest.raises(InvalidInput, match="the reason is empty"):
        administration.settle_time_zone(database, "acme", "Europe/Berlin", why=" ", by=BY)
    assert administration.settle_time_zone(database, "acme", "Europe/Berlin", why="moved", by=BY)
    with database.service() as session:
        found = organizations.find(session, "acme")
        assert (organizations.time_zone(found), found.settings["time_zone"]) == ("Europe/Berlin",) * 2
    details = {"before": "", "after": "Europe/Berlin", "why": "moved"}
    assert audited(database) == [(BY, "organization.time_zone_settled", "organization:acme", details)]


@pytest.mark.usefixtures("org")
def test_what_is_decided_about_a_user_is_audited_once(database: Database) -> None:
    email = "bea@acme.example"
    administration.create_user(database, "acme", email=email, name="Bea", role="viewer", by=BY)
    for _ in range(2):
        user_changes.set_role(database, "acme", email, "operator", why="promoted", by=ROOT)
        changed = user_changes.deactivate(database, "acme", email, why="left", by=ROOT)
    assert (changed.role, changed.is_active) == ("operator", False)
    assert user_changes.activate(database, "acme", email, why="back", by=ROOT).is_active
    subject = f"user:{email}"
    assert audited(database)[1:] == [
        (BY, "user.role_changed", subject, {"before": "viewer", "after": "operator", "why": "promoted"}),
        (BY, "user.deactivated", subject, {"why": "left"}),
        (BY, "user.activated", subject, {"why": "back"}),
    ]


@pytest.mark.usefixtures("org")
def test_a_change_of_a_user_needs_a_reason_a_role_and_the_user(database: Database) -> None:
    email = "bea@acme.example"
    administration.create_user(database, "acme", email=email, name="Bea", role="viewer", by=BY)
    with pytest.raises(InvalidInput, match="the reason is empty"):
        user_changes.deactivate(database, "acme", email, why=" ", by=ROOT)
    with pytest.raises(InvalidInput, match="is not a role"):
        user_changes.set_role(database, "acme", email, "boss", why="so", by=ROOT)
    with pytest.raises(NotKnown, match="no user"):
        user_changes.set_role(database, "acme", "b@acme.example", "viewer", why="so", by=ROOT)
    assert len(audited(database)) == 1
