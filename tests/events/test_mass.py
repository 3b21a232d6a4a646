"""A mass of events waits for a second person."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import pytest
from sqlalchemy import func, select

from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.database.tables import AuditRecord, Employee, EventSender, InboxEvent, Organization, Release
from officeflow.errors import InvalidInput, NotAllowed, NotPending, SecondPersonNeeded
from officeflow.errors.requests import ChangedMeanwhile
from officeflow.events import decisions, inbox, mass
from officeflow.events.mass import Counted, Limit
from officeflow.ids import employee_id
from officeflow.rights.permissions import Role
from officeflow.rights.principals import Principal
from officeflow.settings import load_settings
from officeflow.workflows.publish import Publisher
from officeflow.workflows.releases import Releases
from tests.events.arriving import event, message, put


def nothing_is_published() -> AbstractContextManager[Publisher]:
    raise AssertionError("nothing is to be published")


def settle(database: Database, org: Organization, **limits: Limit) -> None:
    with database.service() as session:
        known = {f"employee.{kind}": limit.to_json() for kind, limit in limits.items()}
        session.get_one(Organization, org.org_id).settings = {mass.SETTING: known}


def arrive(database: Database, numbers: range, *, kind: str = "employee.exit") -> None:
    bodies = [event(n, employee=f"E{n}", kind=kind) for n in numbers]
    put(database, *(message(body, n, topic=f"{kind}.acme") for n, body in zip(numbers, bodies, strict=True)))


def statuses(database: Database) -> dict[str, int]:
    with database.service() as session:
        rows = session.execute(select(InboxEvent.status, func.count()).group_by(InboxEvent.status))
        return {str(status): count for status, count in rows}


def release(database: Database) -> Release:
    with database.service() as session:
        return session.scalars(select(Release)).one()


def person(org: Organization, login: str, role: Role = Role.ADMIN) -> Principal:
    return Principal(actor=f"airflow:{login}", login=login, roles={org.org_id: role})


@pytest.fixture
def releases(database: Database) -> Releases:
    return Releases(database, nothing_is_published)


@pytest.fixture
def held(database: Database, org: Organization) -> str:
    """The id of a release that three events wait for."""
    settle(database, org, exit=Limit(per_hour=2))
    arrive(database, range(3))
    return str(release(database).release_id)


def test_what_is_within_the_limit_goes_on(database: Database, org: Organization) -> None:
    settle(database, org, exit=Limit(per_hour=2))
    arrive(database, range(2))
    arrive(database, range(10, 20), kind="employee.onboard")
    assert statuses(database) == {"RECEIVED": 12}


def test_everything_that_has_not_begun_is_held_with_what_comes_then(database: Database, held: str) -> None:
    arrive(database, range(3, 5))
    arrive(database, range(10, 12), kind="employee.onboard")
    assert statuses(database) == {"HELD": 5, "RECEIVED": 2}
    made = release(database)
    assert (made.subject, made.why) == (
        "employee.exit",
        "3 events of employee.exit about 3 people came within an hour",
    )
    with database.service() as session:
        assert session.scalars(select(AuditRecord.action)).all() == ["release.requested"]
        claimed = inbox.claim(session)
        assert claimed is not None
        assert claimed.kind == "employee.onboard"


def test_what_is_dispatched_just_now_is_left_alone(database: Database, org: Organization) -> None:
    settle(database, org, exit=Limit(per_hour=2))
    arrive(database, range(1))
    with database.service() as session:
        claimed = inbox.claim(session)
        assert claimed is not None
        arrive(database, range(1, 3))
        inbox.dispatched(session, claimed, [])
    assert statuses(database) == {"IGNORED": 1, "HELD": 2}


def test_later_events_of_the_person_wait_behind(database: Database, held: str) -> None:
    body = event(9, employee="E1", kind="employee.onboard", minute=5)
    put(database, message(body, 9))
    with database.service() as session:
        assert inbox.claim(session) is None


def test_released_by_an_admin(database: Database, org: Organization, held: str, releases: Releases) -> None:
    with pytest.raises(NotAllowed):
        releases.approve(org.org_id, held, person(org, "ed", Role.EDITOR))
    done = releases.approve(org.org_id, held, person(org, "bo"))
    assert (done["state"], done["held"]) == ("APPROVED", 0)
    assert statuses(database) == {"RECEIVED": 3}
    with pytest.raises(NotPending):
        releases.refuse(org.org_id, held, person(org, "bo"), why="too late")
    arrive(database, range(3, 5))
    assert statuses(database) == {"RECEIVED": 5}, "those that were released do not count any more"


def test_refused_they_start_nothing(
    database: Database, org: Organization, held: str, releases: Releases
) -> None:
    releases.refuse(org.org_id, held, person(org, "bo"), why="a wrong file")
    assert statuses(database) == {"REFUSED": 3}
    with database.service() as session:
        assert inbox.claim(session) is None
        found = session.scalars(select(InboxEvent)).first()
    assert found is not None
    assert found.last_error == "not released: a wrong file"
    with pytest.raises(InvalidInput, match="was refused"):
        replay(database, found)


def test_held_ones_are_not_replayed_past_the_release(database: Database, held: str) -> None:
    with database.service() as session:
        found = session.scalars(select(InboxEvent)).first()
    assert found is not None
    with pytest.raises(InvalidInput, match="waits for its release"):
        replay(database, found)


def replay(database: Database, found: InboxEvent) -> None:
    decisions.replay(database, SystemClock(), load_settings(), str(found.inbox_id), why="mine", by="cli:x")


def test_who_sent_one_of_them_does_not_release_them(
    database: Database, org: Organization, held: str, releases: Releases
) -> None:
    with database.service() as session:
        sender = {"source": "hr", "event_id": "1", "sent_by": "cli:Bo", "sent_at": SystemClock().now()}
        session.add(EventSender(org_id=org.org_id, **sender))
    with pytest.raises(SecondPersonNeeded):
        releases.approve(org.org_id, held, person(org, "bo"))
    assert releases.override(org.org_id, held, person(org, "bo"), why="fire")["state"] == "OVERRIDDEN"
    assert not release(database).is_announced


def test_who_decides_has_seen_how_many(
    database: Database, org: Organization, held: str, releases: Releases
) -> None:
    def seen(state: Any) -> None:
        if state["held"] != 3:
            raise ChangedMeanwhile("there are more", etag="")

    arrive(database, range(3, 4))
    with pytest.raises(ChangedMeanwhile):
        releases.approve(org.org_id, held, person(org, "bo"), seen=seen)
    assert statuses(database) == {"HELD": 4}


def test_a_share_of_the_people(database: Database, org: Organization) -> None:
    with database.service() as session:
        for n in range(50):
            key = employee_id(org.org_id, f"E{n}")
            session.add(Employee(employee_id=key, org_id=org.org_id, external_id=f"E{n}", status="active"))
    settle(database, org, exit=Limit(share=0.2))
    arrive(database, range(10))
    assert statuses(database) == {"RECEIVED": 10}
    arrive(database, range(10, 11))
    assert statuses(database) == {"HELD": 11}


@pytest.mark.parametrize(
    ("limit", "before", "looser"),
    [
        (Limit(10), Limit(), False),
        (Limit(10), Limit(9), True),
        (Limit(8), Limit(9), False),
        (Limit(), Limit(9), True),
        (Limit(8), Limit(9, 0.1), True),
        (Limit(8, 0.1), Limit(9, 0.1), False),
    ],
)
def test_what_lets_more_pass(limit: Limit, before: Limit, looser: bool) -> None:
    assert limit.is_looser_than(before) is looser


def test_few_people_are_no_share() -> None:
    assert not Counted(events=9, persons=9, population=10).exceeds(Limit(share=0.1))
    assert Counted(events=10, persons=10, population=0).exceeds(Limit(share=0.1))
