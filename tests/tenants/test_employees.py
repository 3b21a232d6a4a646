from __future__ import annotations

import dataclasses
import datetime as dt
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from officeflow.database.engine import Database
from officeflow.database.tables import Employee, Organization
from officeflow.errors import InvalidInput
from officeflow.ids import employee_id, new_id
from officeflow.tenants import employees
from officeflow.tenants.fields import IDENTITY, TEXTS

pytestmark = pytest.mark.integration

DAY = dt.timedelta(days=1)
MONDAY = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Event:
    kind: str
    time: dt.datetime
    payload: dict[str, Any] = field(default_factory=dict)
    sensitive: dict[str, Any] = field(default_factory=dict)
    id: str = "1"


def apply(session: Session, org: Organization, *events: Event, person: str = "E1") -> Employee:
    for event in events:
        employee = employees.apply_event(
            session,
            org.org_id,
            kind=f"employee.{event.kind}",
            external_id=person,
            event_id=event.id,
            event_time=event.time,
            payload=event.payload,
            sensitive=event.sensitive,
        )
    return employee


def record(employee: Employee) -> dict[str, Any]:
    """All of the record that the events decide."""
    kept = {c.key: getattr(employee, c.key) for c in Employee.__table__.columns}
    return {
        name: value
        for name, value in kept.items()
        if name not in {"employee_id", "external_id", "created_at", "updated_at"}
    }


def test_an_onboarding_creates_the_person(database: Database, org: Organization) -> None:
    joining = Event(
        "onboard",
        MONDAY,
        {
            "given_name": "Ana",
            "last_name": "Ortiz",
            "start_date": "2026-04-01",
            "desk": {"floor": 3},
            "end_date": None,
        },
        {"bank_account": "DE02"},
        id="evt-1",
    )
    with database.tenant(org.org_id) as session:
        apply(session, org, joining)
    with database.tenant(org.org_id) as session:
        found = employees.find(session, org.org_id, "E1")
    assert found is not None
    assert employees.as_values(found) == {
        **dict.fromkeys(TEXTS),
        "employee_id": str(employee_id(org.org_id, "E1")),
        "external_id": "E1",
        "status": "preboarding",
        "given_name": "Ana",
        "family_name": "Ortiz",
        "start_date": "2026-04-01",
        "end_date": None,
        "desk": {"floor": 3},
        "bank_account": "DE02",
    }
    assert (found.last_event_at, found.last_event_id) == (MONDAY, "evt-1")
    assert "bank_account" not in found.attributes


def test_a_person_whom_nobody_is_told_of_is_none(database: Database, org: Organization) -> None:
    with database.tenant(org.org_id) as session:
        assert employees.find(session, org.org_id, "E404") is None


def test_a_late_older_event_fills_only_what_no_newer_one_has_set(
    database: Database, org: Organization
) -> None:
    transfer = Event("transfer", MONDAY + DAY, {"department": "Sales", "building": "B"}, id="new")
    older = Event(
        "update",
        MONDAY,
        {"department": "Engineering", "title": "Lead", "building": "A", "floor": 1},
        id="old",
    )
    with database.tenant(org.org_id) as session:
        person = apply(session, org, transfer, older)
        assert (person.department, person.title, person.attributes) == (
            "Sales",
            "Lead",
            {"building": "B", "floor": 1},
        )
        assert (person.last_event_at, person.last_event_id) == (MONDAY + DAY, "new")


def test_of_two_events_of_one_moment_the_later_arrival_wins(database: Database, org: Organization) -> None:
    with database.tenant(org.org_id) as session:
        person = apply(
            session, org, Event("update", MONDAY, {"title": "A"}), Event("update", MONDAY, {"title": "B"})
        )
        assert person.title == "B"


@pytest.mark.parametrize("kind", ["update", "transfer"])
@pytest.mark.parametrize("after", [-DAY, DAY])
def test_no_update_undoes_an_exit(
    database: Database, org: Organization, kind: str, after: dt.timedelta
) -> None:
    leaving = Event("exit", MONDAY, {"end_date": "2026-03-31"})
    with database.tenant(org.org_id) as session:
        person = apply(
            session, org, leaving, Event(kind, MONDAY + after, {"title": "Lead", "status": "active"})
        )
        assert (person.status, person.end_date, person.title) == ("exited", dt.date(2026, 3, 31), "Lead")


def test_an_onboarding_that_comes_late_does_not_undo_an_exit(database: Database, org: Organization) -> None:
    with database.tenant(org.org_id) as session:
        person = apply(
            session,
            org,
            Event("exit", MONDAY, {"end_date": "2026-03-31"}),
            Event("onboard", MONDAY - DAY, {"title": "Lead"}),
        )
        assert (person.status, person.end_date, person.title) == ("exited", dt.date(2026, 3, 31), "Lead")


def test_a_rehire_begins_anew(database: Database, org: Organization) -> None:
    with database.tenant(org.org_id) as session:
        person = apply(
            session, org, Event("exit", MONDAY, {"end_date": "2026-03-31"}), Event("onboard", MONDAY + DAY)
        )
        assert (person.status, person.end_date) == ("preboarding", None)


def test_a_person_first_seen_by_an_update_is_active(database: Database, org: Organization) -> None:
    with database.tenant(org.org_id) as session:
        assert apply(session, org, Event("update", MONDAY, {"title": "Lead"})).status == "active"


def test_null_empties_a_field_and_absence_leaves_it(database: Database, org: Organization) -> None:
    first = Event(
        "update", MONDAY, {"title": "Lead", "department": "Sales", "desk": 1}, {"salary": 1, "iban": "X"}
    )
    second = Event("update", MONDAY + DAY, {"title": None, "desk": None}, {"salary": None})
    with database.tenant(org.org_id) as session:
        values = employees.as_values(apply(session, org, first, second))
    assert [values[name] for name in ("title", "department", "desk", "salary", "iban")] == [
        None,
        "Sales",
        None,
        None,
        "X",
    ]


def test_a_field_that_becomes_sensitive_leaves_the_open_part(database: Database, org: Organization) -> None:
    """Whether a nested field is sensitive depends on what is inside it."""
    first = Event("update", MONDAY, {"contact": {"room": 1}, "location": "Berlin"})
    second = Event("update", MONDAY + DAY, {}, {"contact": {"address": "Lane 1"}, "location": "home"})
    with database.tenant(org.org_id) as session:
        person = apply(session, org, first, second)
        assert (person.attributes, person.location) == ({}, None)
        assert person.sensitive == {"contact": {"address": "Lane 1"}, "location": "home"}
        assert employees.as_values(person)["location"] == "home"
        person = apply(session, org, dataclasses.replace(first, time=MONDAY + 2 * DAY))
        assert (person.sensitive, person.attributes, person.location) == (
            None,
            {"contact": {"room": 1}},
            "Berlin",
        )


def test_no_field_passes_itself_off_as_the_persons_identity(database: Database, org: Organization) -> None:
    with database.tenant(org.org_id) as session:
        person = apply(
            session, org, Event("exit", MONDAY, dict.fromkeys(IDENTITY, "x"), dict.fromkeys(IDENTITY, "y"))
        )
        values = employees.as_values(person)
    assert [values[name] for name in IDENTITY] == [str(employee_id(org.org_id, "E1")), "E1", "exited"]


@pytest.mark.parametrize(
    ("payload", "path"),
    [
        ({"given_name": 5}, "payload.given_name"),
        ({"title": "t" * 256}, "payload.title"),
        ({"time_zone": "z" * 65}, "payload.time_zone"),
        ({"department": "a\0"}, "payload.department"),
        ({"start_date": "2026-02-30"}, "payload.start_date"),
        ({"end_date": 20260131}, "payload.end_date"),
    ],
)
def test_what_a_column_cannot_hold_is_named_and_nothing_is_changed(
    database: Database, org: Organization, payload: dict[str, Any], path: str
) -> None:
    with database.tenant(org.org_id) as session:
        with pytest.raises(InvalidInput) as caught:
            apply(session, org, Event("update", MONDAY, {"location": "Berlin", **payload}))
        assert [problem.path for problem in caught.value.problems] == [path]
        assert employees.every(session, org.org_id) == []


@pytest.mark.parametrize("person", ["", "x" * 256, "a\0"])
def test_an_impossible_identifier_is_refused(database: Database, org: Organization, person: str) -> None:
    with database.tenant(org.org_id) as session, pytest.raises(InvalidInput, match="external id"):
        apply(session, org, Event("update", MONDAY), person=person)


def test_a_time_without_offset_is_refused(database: Database, org: Organization) -> None:
    with database.tenant(org.org_id) as session, pytest.raises(InvalidInput, match="offset"):
        apply(session, org, Event("update", MONDAY.replace(tzinfo=None)))


@pytest.mark.rounds(10)
def test_events_that_two_processes_apply_at_once_are_both_in_the_record(
    database: Database, org: Organization
) -> None:
    """The second waits for the first, also where neither found the person."""
    start = threading.Barrier(2)

    def work(event: Event) -> None:
        with database.tenant(org.org_id) as session:
            start.wait()
            apply(session, org, event)

    events = [
        Event("update", MONDAY, {"title": "Lead", "a": 1}),
        Event("update", MONDAY + DAY, {"department": "Sales", "b": 2}),
    ]
    threads = [threading.Thread(target=work, args=[event]) for event in events]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.tenant(org.org_id) as session:
        person = employees.find(session, org.org_id, "E1")
        assert person is not None
        assert (person.title, person.department, person.attributes) == ("Lead", "Sales", {"a": 1, "b": 2})
        assert session.scalar(select(func.count()).select_from(Employee)) == 1


texts = st.sampled_from([None, "", "x", "Søren", "y"])
dates = st.sampled_from([None, "2026-01-31", "2024-02-29"])
fields = st.fixed_dictionaries(
    {},
    optional={
        "given_name": texts,
        "first_name": texts,
        "department": texts,
        "start_date": dates,
        "end_date": dates,
        "desk": texts,
        "team": texts,
    },
)
secrets = st.fixed_dictionaries({}, optional={"salary": st.integers(0, 3), "desk": texts, "end_date": dates})
kinds = st.sampled_from(["onboard", "exit", "transfer", "update"])


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Event], list[Event]]:
    """The events of one person, each with a time of its own, in two orders of arrival."""
    seconds = draw(st.lists(st.integers(0, 10**6), unique=True, min_size=1, max_size=6))
    events = [
        Event(draw(kinds), MONDAY + dt.timedelta(seconds=s), draw(fields), draw(secrets), id=str(s))
        for s in seconds
    ]
    return events, draw(st.permutations(events))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(both=histories())
def test_the_record_does_not_depend_on_the_order_of_arrival(
    database: Database, org: Organization, both: tuple[Sequence[Event], Sequence[Event]]
) -> None:
    one, two = str(new_id()), str(new_id())
    with database.tenant(org.org_id) as session:
        assert record(apply(session, org, *both[0], person=one)) == record(
            apply(session, org, *both[1], person=two)
        )


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(both=histories())
def test_events_that_are_applied_a_second_time_change_nothing(
    database: Database, org: Organization, both: tuple[Sequence[Event], Sequence[Event]]
) -> None:
    person = str(new_id())
    with database.tenant(org.org_id) as session:
        first = record(apply(session, org, *both[0], person=person))
        assert record(apply(session, org, *both[1], person=person)) == first


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(both=histories())
def test_the_status_is_what_the_newest_onboarding_or_exit_says(
    database: Database, org: Organization, both: tuple[Sequence[Event], Sequence[Event]]
) -> None:
    telling = sorted(
        (event for event in both[0] if event.kind in {"onboard", "exit"}), key=lambda event: event.time
    )
    expected = {"onboard": "preboarding", "exit": "exited"}[telling[-1].kind] if telling else "active"
    with database.tenant(org.org_id) as session:
        assert apply(session, org, *both[1], person=str(new_id())).status == expected


def test_a_person_is_found_by_id_and_by_work_address_without_a_key_and_only_in_the_own_organization(
    database: Database, org: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = {"E-1": "Ana@acme.example", "E-2": "shared@acme.example", "E-3": "shared@acme.example"}
    with database.tenant(org.org_id) as session:
        for person, address in people.items():
            payload = {"given_name": "Ana", "family_name": None, "work_email": address}
            apply(
                session, org, Event("onboard", MONDAY, payload, {"birth_date": "1990-12-31"}), person=person
            )
    monkeypatch.delenv("OFFICEFLOW_ENCRYPTION_KEYS")
    with database.service() as session:
        assert employees.named(session, org.org_id, "E-1") == employees.Named("E-1", "Ana")
        assert employees.named(session, new_id(), "E-1") is None
        assert [
            one.external_id for one in employees.named_by_address(session, org.org_id, "ANA@acme.example")
        ] == ["E-1"]
        assert [
            one.external_id for one in employees.named_by_address(session, org.org_id, "shared@acme.example")
        ] == ["E-2", "E-3"]
        assert employees.named_by_address(session, new_id(), "ana@acme.example") == []
