"""The audit log through the API: searched, exported, verified by who has the key."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from listeners.steward.audit_checks import AuditChecks
from officeflow.audit import chain, searching, store, verifications
from officeflow.audit.actions import AuditAction, OwnWords
from officeflow.audit.entry import AuditEntry
from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.database.tables import AuditRecord, AuditVerification, Organization
from officeflow.rights.permissions import Role
from officeflow.settings import load_settings

pytestmark = pytest.mark.integration
AUDIT = "/organizations/acme/audit"
AsRole = Callable[[Role], dict[str, str]]


class At:
    """A clock that stands."""

    def __init__(self, day: int) -> None:
        self._day = day

    def now(self) -> dt.datetime:
        return dt.datetime(2026, 3, self._day, tzinfo=dt.UTC)


def write(database: Database, org: Organization, day: int, actor: str, action: Any, subject: str) -> None:
    entry = AuditEntry(actor=actor, action=action, subject=subject, details={"day": day})
    with database.tenant(org.org_id) as session:
        store.append(session, org.org_id, entry, clock=At(day))


@pytest.fixture
def log(database: Database, org: Organization, other: Organization) -> None:
    write(database, org, 1, "node:acme__hire/mail", AuditAction.ACT_DONE, "employee:E-1")
    write(database, org, 2, "airflow:ana", AuditAction.RUN_PAUSED, "run:1")
    write(database, org, 3, "airflow:ana", OwnWords("=cmd()"), "org:acme")
    write(database, other, 2, "airflow:ana", AuditAction.RUN_PAUSED, "run:2")


@pytest.mark.parametrize(
    ("query", "days"),
    [
        ("", [3, 2, 1]),
        ("actor=airflow:ana", [3, 2]),
        ("actor=node:acme__hire/mail", [1]),
        ("action=act.done", [1]),
        ("action=run.paused&actor=airflow:ana", [2]),
        ("subject=employee:E-1", [1]),
        ("subject=organization:acme", [3]),
        ("since=2026-03-02T00:00:00Z", [3, 2]),
        ("until=2026-03-02T00:00:00Z", [1]),
        ("actor=airflow:bo", []),
    ],
)
def test_searched(anybody: TestClient, as_role: AsRole, log: None, query: str, days: list[int]) -> None:
    told = anybody.get(f"{AUDIT}/records?{query}", headers=as_role(Role.AUDITOR)).json()
    assert [each["details"]["day"] for each in told["items"]] == days


def test_pages_and_one_record(anybody: TestClient, as_role: AsRole, log: None) -> None:
    headers = as_role(Role.AUDITOR)
    first = anybody.get(f"{AUDIT}/records?limit=2", headers=headers).json()
    rest = anybody.get(
        f"{AUDIT}/records", params={"limit": 2, "cursor": first["next"]}, headers=headers
    ).json()
    assert [each["details"]["day"] for each in first["items"] + rest["items"]] == [3, 2, 1]
    one = first["items"][0]
    assert anybody.get(f"{AUDIT}/records/{one['id']}", headers=headers).json() == one


def test_who_operates_does_not_read_it(anybody: TestClient, as_role: AsRole) -> None:
    answer = anybody.get(f"{AUDIT}/records", headers=as_role(Role.OPERATOR))
    assert (answer.status_code, answer.json()["permission"]) == (403, "audit.read")


class TestExport:
    def test_lines_of_json_the_oldest_first(
        self,
        anybody: TestClient,
        as_role: AsRole,
        log: None,
        database: Database,
        org: Organization,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(searching, "AT_ONCE", 2)
        answer = anybody.get(f"{AUDIT}/export?actor=airflow:ana", headers=as_role(Role.AUDITOR))
        assert answer.headers["content-type"] == "application/x-ndjson"
        assert "audit-acme-" in answer.headers["content-disposition"]
        assert [json.loads(line)["details"]["day"] for line in answer.text.splitlines()] == [2, 3]
        with database.tenant(org.org_id) as session:
            made = AuditRecord.action == AuditAction.AUDIT_EXPORTED
            [record] = session.scalars(select(AuditRecord).where(made))
        assert record.actor.startswith("airflow:auditor-")
        assert record.details["actor"] == "airflow:ana"

    def test_nothing_that_a_spreadsheet_computes(
        self, anybody: TestClient, as_role: AsRole, log: None
    ) -> None:
        answer = anybody.get(f"{AUDIT}/export?format=csv", headers=as_role(Role.AUDITOR))
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        assert [row["action"] for row in rows] == ["act.done", "run.paused", "'=cmd()"]
        assert json.loads(rows[0]["details"]) == {"day": 1}


class TestVerification:
    def verified(self, database: Database) -> None:
        AuditChecks(load_settings(audit_anchors="", kafka_bootstrap=""), database, SystemClock()).act()

    def test_the_steward_says_whether_it_is_whole(
        self, anybody: TestClient, as_role: AsRole, log: None, database: Database, org: Organization
    ) -> None:
        headers = as_role(Role.AUDITOR)
        chain.chain_pending(database, key=chain.key_from_settings())
        asked = anybody.post(f"{AUDIT}/verifications", headers=headers)
        assert (asked.status_code, asked.json()["is_whole"]) == (202, None)
        again = anybody.post(f"{AUDIT}/verifications", headers=headers)
        assert again.json()["id"] == asked.json()["id"]
        self.verified(database)
        where = asked.headers["location"].partition("/v1")[2]
        told = anybody.get(where, headers=headers).json()
        assert (told["is_whole"], told["records"], told["problems"], told["error"]) == (True, 3, [], "")
        assert told["anchor"].startswith("3:")
        assert anybody.get(f"{AUDIT}/verifications", headers=headers).json()["items"] == [told]

    def test_one_that_was_forged_is_found(
        self, anybody: TestClient, as_role: AsRole, log: None, database: Database, org: Organization
    ) -> None:
        with database.tenant(org.org_id) as session:
            session.connection().exec_driver_sql(
                "INSERT INTO audit_records (record_id, org_id, actor, action, subject, details)"
                " VALUES (gen_random_uuid(), %s, 'airflow:eve', 'act.done', 'x', '{}')",
                (org.org_id,),
            )
        headers = as_role(Role.AUDITOR)
        anybody.post(f"{AUDIT}/verifications", headers=headers)
        self.verified(database)
        [told] = anybody.get(f"{AUDIT}/verifications", headers=headers).json()["items"]
        assert told["is_whole"] is False
        assert "was not written by OfficeFlow" in told["problems"][0]

    def test_once_a_day_by_itself(self, database: Database, org: Organization, log: None) -> None:
        self.verified(database)
        with database.tenant(org.org_id) as session:
            assert session.scalars(select(AuditVerification)).all() == []
        with database.service() as session:
            session.connection().exec_driver_sql(
                "UPDATE organizations SET created_at = now() - interval '25 hours' WHERE slug = 'acme'"
            )
        self.verified(database)
        self.verified(database)
        with database.tenant(org.org_id) as session:
            [row] = session.scalars(select(AuditVerification))
        assert (row.asked_by, row.problems) == (verifications.STEWARD, [])
