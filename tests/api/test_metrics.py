"""Figures for a dashboard."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from officeflow.database.engine import Database
from officeflow.database.tables import DeadLetter, InboxEvent, Organization, OutboxMessage
from officeflow.errors import Rejected
from officeflow.ids import new_id
from officeflow.rights.permissions import Role
from officeflow.runs.figures import days
from tests.api.runs import act, add_run, ago, refuse
from tests.people.conftest import Team, team

__all__ = ["team"]
pytestmark = pytest.mark.integration
METRICS = "/organizations/acme/metrics"
NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
DAYS = "?first=2026-03-01&last=2026-03-03"
Get = Callable[[str], Any]


@pytest.fixture
def get(anybody: TestClient, as_role: Callable[[Role], dict[str, str]]) -> Get:
    headers = as_role(Role.VIEWER)

    def got(path: str) -> Any:
        answer = anybody.get(f"{METRICS}/{path}", headers=headers)
        assert answer.status_code == 200, answer.json()
        return answer.json()

    return got


@pytest.fixture
def runs(database: Database, org: Organization, other: Organization) -> None:
    hour = dt.timedelta(hours=1)
    for number, hours in enumerate((1, 2, 3)):
        add_run(
            database,
            org,
            "hire",
            f"E-{number}",
            status="SUCCEEDED",
            started_at=NOON,
            ended_at=NOON + hours * hour,
        )
    failed = add_run(
        database,
        org,
        "exit",
        "E-9",
        status="FAILED",
        started_at=NOON + 11.5 * hour,
        ended_at=NOON + 13 * hour,
    )
    act(database, failed, "groups", fails=Rejected("no such group"))
    refuse(database, failed, "mail", type="email.send")
    add_run(database, other, "hire", "E-1", status="SUCCEEDED", started_at=NOON, ended_at=NOON)
    add_run(database, org, "hire", "E-7", status="RUNNING", started_at=NOON - dt.timedelta(days=40))


def test_runs_by_day_and_status(get: Get, runs: None) -> None:
    told = get(f"runs{DAYS}")
    assert [(each["day"], each["status"], each["runs"]) for each in told["items"]] == [
        ("2026-03-02", "FAILED", 1),
        ("2026-03-02", "SUCCEEDED", 3),
    ]
    assert (told["first"], told["last"], told["time_zone"]) == ("2026-03-01", "2026-03-03", "UTC")


@pytest.mark.parametrize(
    ("zone", "today"),
    [("", "2026-03-02"), ("Pacific/Auckland", "2026-03-03"), ("Pacific/Honolulu", "2026-03-02")],
)
def test_without_a_last_day_it_is_the_organizations_today(zone: str, today: str) -> None:
    organization = Organization(settings={"time_zone": zone} if zone else {})
    found = days(organization, None, None, NOON)
    assert (found.last, found.last - found.first) == (dt.date.fromisoformat(today), dt.timedelta(days=30))


def test_days_are_the_organizations(get: Get, runs: None, database: Database, org: Organization) -> None:
    with database.service() as session:
        session.execute(
            update(Organization)
            .where(Organization.org_id == org.org_id)
            .values(settings={"time_zone": "Europe/Madrid"})
        )
    told = get(f"runs{DAYS}")
    assert [(each["day"], each["status"]) for each in told["items"]] == [
        ("2026-03-02", "SUCCEEDED"),
        ("2026-03-03", "FAILED"),
    ]


def test_open_runs_however_old(get: Get, runs: None) -> None:
    [told] = get("open-runs")["items"]
    assert (told["status"], told["runs"]) == ("RUNNING", 1)


def test_time_to_completion(get: Get, runs: None) -> None:
    told = get(f"durations{DAYS}")["items"]
    assert [(each["dag_id"], each["status"], each["runs"]) for each in told] == [
        ("acme__hire", "SUCCEEDED", 3),
        ("acme__exit", "FAILED", 1),
    ]
    assert (told[0]["median"], told[0]["longest"]) == (7200.0, 10800.0)


def test_failures_by_type_and_reason(get: Get, runs: None) -> None:
    told = get(f"failures{DAYS}")["items"]
    assert sorted((each["type"], each["code"], each["acted"], each["nodes"]) for each in told) == [
        ("email.send", "invalid_parameters", False, 1),
        ("identity.create_account", "rejected", True, 1),
    ]


def test_open_questions_by_age(get: Get, team: Team) -> None:
    team.now = ago(days=2)
    team.ask({"user": "al@acme.example"})
    team.now = ago(minutes=5)
    team.ask({"user": "al@acme.example"}, attempt=2)
    [told] = get("questions")["items"]
    assert {name: told[name] for name in ("open", "within_hour", "within_day", "within_week", "older")} == {
        "open": 2,
        "within_hour": 1,
        "within_day": 0,
        "within_week": 1,
        "older": 0,
    }


def test_events_in_and_quarantined(get: Get, database: Database, org: Organization) -> None:
    with database.tenant(org.org_id) as session:
        session.add(
            InboxEvent(
                inbox_id=new_id(),
                org_id=org.org_id,
                source="hr",
                event_id="e-1",
                kind="employee.onboard",
                employee_key="E-1",
                event_time=NOON,
                correlation_id="c",
                content_hash="h",
                payload={},
                status="IGNORED",
                received_at=NOON,
            )
        )
        session.add(
            DeadLetter(
                dead_letter_id=new_id(),
                org_id=org.org_id,
                topic="t",
                partition=0,
                offset=1,
                reason="not_json",
                detail="",
                created_at=NOON,
            )
        )
    told = get(f"events{DAYS}")
    assert told["items"] == [{"day": "2026-03-02", "status": "IGNORED", "events": 1}]
    assert told["quarantined"] == [{"day": "2026-03-02", "reason": "not_json", "messages": 1}]


def test_outbox_of_the_organization_alone(
    get: Get, database: Database, org: Organization, other: Organization
) -> None:
    for each in (org, other):
        with database.tenant(each.org_id) as session:
            session.add(
                OutboxMessage(
                    message_id=new_id(),
                    org_id=each.org_id,
                    topic="t",
                    key="k",
                    type="x",
                    payload={},
                    correlation_id="c",
                    created_at=ago(minutes=1),
                )
            )
    told = get("outbox")
    assert (told["waiting"], told["set_aside"], told["oldest_seconds"] >= 60) == (1, 0, True)


def test_what_was_counted_a_moment_ago_is_not_counted_again(
    get: Get, database: Database, org: Organization
) -> None:
    before = get("open-runs")
    add_run(database, org, "hire", "E-1", status="RUNNING")
    assert get("open-runs") == before


@pytest.mark.parametrize(
    ("query", "path", "said"),
    [
        ("?first=2026-01-01&last=2026-12-31", "query.first", "1 to 92 days"),
        ("?first=2026-03-02&last=2026-03-01", "query.first", "1 to 92 days"),
        ("?first=9999-12-31&last=9999-12-31", "query.last", "before the year 9999"),
        ("?last=0001-01-01", "query.first", "1 to 92 days"),
    ],
)
def test_days_are_bounded(
    anybody: TestClient, as_role: Callable[[Role], dict[str, str]], query: str, path: str, said: str
) -> None:
    answer = anybody.get(f"{METRICS}/runs{query}", headers=as_role(Role.VIEWER))
    (problem,) = answer.json()["problems"]
    assert (answer.status_code, problem["path"]) == (422, path)
    assert said in problem["reason"]
