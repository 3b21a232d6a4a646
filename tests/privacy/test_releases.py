"""What a second person has yet to decide, and what people wrote, of somebody who is erased."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager

import pytest
from sqlalchemy import Select, select, text

from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.database.tables import EventSender, InboxEvent, Organization, Release, WorkflowDraft
from officeflow.errors import InvalidInput
from officeflow.events import decisions, inbox, mass
from officeflow.events.mass import Limit
from officeflow.events.message import Message
from officeflow.ids import new_id
from officeflow.privacy import erasing, export, report, retention, written
from officeflow.privacy.about import known
from officeflow.rights.permissions import Role
from officeflow.rights.principals import Principal
from officeflow.settings import load_settings
from officeflow.statuses import ReleaseKind
from officeflow.workflows import release_store
from officeflow.workflows.publish import Publisher
from officeflow.workflows.releases import Releases
from tests.privacy.conftest import HIDDEN, NOW, SHOWN, Somebody, found_in

pytestmark = pytest.mark.integration
WHY = "they asked for it"


def leave(database: Database, org: Organization, *employees: str) -> None:
    """So many exits, with marks in what may be shown of them and in what may not."""
    messages = [
        Message(
            topic=f"employee.exit.{org.slug}",
            partition=0,
            offset=new_id().int % 10**9,
            value=json.dumps(
                {
                    "type": "employee.exit",
                    "organizationId": org.slug,
                    "employeeId": employee,
                    "payload": {"end_date": "2026-03-31", "title": SHOWN, "home": HIDDEN},
                    "timestamp": NOW.isoformat(),
                }
            ).encode(),
        )
        for employee in employees
    ]
    with database.service() as session:
        stored = inbox.store(session, messages, own_source="officeflow")
        assert not stored.refused, stored.refused


@pytest.fixture
def held(database: Database, org: Organization, somebody: Somebody) -> str:
    """The id of a release that an exit of E-77 waits for, which somebody has sent by hand, and those of two
    others.
    """
    with database.service() as session:
        settings = {mass.SETTING: {"employee.exit": Limit(per_hour=2).to_json()}}
        session.get_one(Organization, org.org_id).settings = settings
    leave(database, org, somebody.external_id, "E-78", "E-79")
    with database.service() as session:
        made = session.scalars(select(Release)).one()
        event = session.scalars(exits(somebody.external_id)).one()
        sent = {"org_id": org.org_id, "source": event.source, "event_id": event.event_id}
        session.add(EventSender(**sent, sent_by="cli:boss", sent_at=NOW))
        return str(made.release_id)


def exits(employee: str) -> Select[InboxEvent]:
    return select(InboxEvent).where(InboxEvent.employee_key == employee, InboxEvent.kind == "employee.exit")


def test_a_held_event_of_an_erased_person_is_dropped_and_released_with_nobody(
    database: Database, org: Organization, held: str, database_url: str
) -> None:
    erased = erasing.erase(database, "acme", "E-77", why=WHY, by="cli:boss")
    assert erased.report["held"] == {held: 1}
    assert erased.report["rows"]["event_senders"] == 1
    assert f"release {held}: 1 held event of theirs taken out" in report.as_text(erased)
    assert "E-77" not in "".join(found_in(database_url, SHOWN, HIDDEN).get("event_senders", []))
    with database.service() as session:
        event = session.scalars(exits(erased.pseudonym)).one()
        assert (event.status, event.payload, event.sensitive) == ("REFUSED", {}, None)
        assert event.last_error == "the person was erased"
        inbox_id = str(event.inbox_id)
    bo = Principal(actor="airflow:bo", login="bo", roles={org.org_id: Role.ADMIN})

    def publisher() -> AbstractContextManager[Publisher]:
        raise AssertionError("nothing is to be published")

    done = Releases(database, publisher).approve(org.org_id, held, bo)
    assert done["state"] == "APPROVED"
    with database.service() as session:
        found = session.execute(
            text("SELECT employee_key, status FROM inbox_events WHERE release_id = :it ORDER BY 2, 1"),
            {"it": held},
        ).all()
    assert found == [("E-78", "RECEIVED"), ("E-79", "RECEIVED"), (erased.pseudonym, "REFUSED")]
    with pytest.raises(InvalidInput, match="person was erased"):
        decisions.replay(database, SystemClock(), load_settings(), inbox_id, why="again", by="cli:boss")


def test_what_was_dispatched_before_is_not_dispatched_again_for_an_erased_person(
    database: Database, somebody: Somebody
) -> None:
    erased = erasing.erase(database, "acme", somebody.external_id, why=WHY, by="cli:boss")
    with database.service() as session:
        query = select(InboxEvent.inbox_id).where(InboxEvent.employee_key == erased.pseudonym)
        inbox_id = str(session.scalars(query).one())
    with pytest.raises(InvalidInput, match="person was erased"):
        decisions.replay(database, SystemClock(), load_settings(), inbox_id, why="again", by="cli:boss")


def test_nothing_of_a_person_is_dispatched_while_they_are_erased(
    database: Database, org: Organization, somebody: Somebody
) -> None:
    """Its run would begin with what was read before, and be in no list of the erasure."""
    with database.service() as session:
        session.execute(text("UPDATE inbox_events SET status = 'RECEIVED'"))
    with database.service() as erasing_session:
        inbox.hold_back(erasing_session, org.org_id, somebody.external_id)
        with database.service() as session:
            assert inbox.claim(session) is None
    with database.service() as session:
        claimed = inbox.claim(session)
        assert claimed is not None
        assert claimed.employee_key == somebody.external_id


def test_who_waits_behind_a_held_event_is_told_which_release(database: Database, held: str) -> None:
    with database.service() as session:
        session.execute(
            text("UPDATE inbox_events SET status = 'RECEIVED' WHERE employee_key = 'E-77' AND kind <> :exit"),
            {"exit": "employee.exit"},
        )
    with pytest.raises(InvalidInput) as refused:
        erasing.erase(database, "acme", "E-77", why=WHY, by="cli:boss")
    (problem,) = refused.value.problems
    assert (problem.path, held in problem.suggestion) == ("inbox", True)


def test_retention_leaves_alone_what_waits_for_a_second_person(database: Database, held: str) -> None:
    with database.service() as session:
        session.execute(text("UPDATE inbox_events SET received_at = now() - interval '400 days'"))
        session.execute(text("UPDATE event_senders SET sent_at = now() - interval '400 days'"))
    retention.apply(database, "acme")
    with database.service() as session:
        assert session.scalars(exits("E-77")).one().payload["title"] == SHOWN
        assert session.scalars(select(EventSender.sent_by)).all() == ["cli:boss"]
        session.execute(text("UPDATE inbox_events SET status = 'REFUSED' WHERE release_id IS NOT NULL"))
    retention.apply(database, "acme")
    with database.service() as session:
        assert session.scalars(exits("E-77")).one().payload == {}
        assert session.scalars(select(EventSender.sent_by)).all() == []
    assert held


def test_what_people_wrote_that_names_somebody_is_in_the_export_and_in_the_report(
    database: Database, org: Organization, somebody: Somebody, held: str
) -> None:
    definition = {"slug": "hire", "trigger": {"filter": "event.employee == 'E-77'"}}
    other = {"slug": "hire", "trigger": {"filter": "event.employee == 'E-770'"}, "n": 77}
    with database.service() as session:
        for title, content in (("For one", definition), ("For all", other)):
            session.add(
                WorkflowDraft(
                    draft_id=new_id(),
                    org_id=org.org_id,
                    title=title,
                    content=content,
                    created_by="cli:boss",
                    edited_by="cli:boss",
                )
            )
        release_store.ask(
            session,
            org.org_id,
            kind=ReleaseKind.PUBLISH,
            subject="hire",
            wanted={"definitions": {"hire.json": {"to": f"{SHOWN}@ACME.example"}}, "base": {}},
            why="new",
            by="cli:boss",
        )
    found = export.export(database, "acme", somebody.external_id, by="cli:boss").sections
    named = {(each["where"], each["name"]) for each in found["named_in"]}
    assert named == {("workflow_drafts", "For one"), ("releases", "publish hire")}
    assert [each["release_id"] for each in found["releases"]] == [held]
    assert [each["sent_by"] for each in found["sent_by_hand"]] == ["cli:boss"]
    assert any(event["status"] == "HELD" and event["release_id"] == held for event in found["events"])
    erased = erasing.erase(database, "acme", somebody.external_id, why=WHY, by="cli:boss")
    told = {each["where"]: each["what"] for each in erased.report["remains"]}
    assert told["workflow_drafts"] == "texts that name E-77: For one"
    assert told["releases"] == "texts that name E-77: publish hire"


@pytest.mark.parametrize(
    ("external_id", "content", "is_named"),
    [
        ("5", {"retries": 5, "after": "5 days"}, False),
        ("5", {"only": "event.employee == '5'"}, True),
        ("5", {"only": 'event.employee == "5"'}, True),
        ("anna", {"text": "savanna"}, False),
        ("anna", {"who": "anna"}, True),
        ("E.7", {"text": "E-7 and E.70"}, False),
        ("E.7", {"text": "not for E.7, she is away"}, True),
        ("E-7", {"about": "employee:E-7"}, True),
    ],
)
def test_a_text_names_somebody_where_the_identifier_stands_by_itself(
    database: Database, org: Organization, external_id: str, content: object, is_named: bool
) -> None:
    Somebody(database, org, external_id)._employ()
    with database.service() as session:
        session.add(
            WorkflowDraft(
                draft_id=new_id(),
                org_id=org.org_id,
                title="it",
                content=content,
                created_by="cli:boss",
                edited_by="cli:boss",
            )
        )
        session.flush()
        found = written.naming(session, known(session, org.org_id, external_id))
    assert bool(found) is is_named
