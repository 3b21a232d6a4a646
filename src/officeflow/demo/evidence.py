"""What the counterparts themselves say, asked over their own protocols and without our connectors."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

import httpx
from sqlalchemy import select

from officeflow.database.engine import Database
from officeflow.database.tables import AuditRecord
from officeflow.runs import corrections
from officeflow.statuses import ActStatus

TIMEOUT = httpx.Timeout(10)

UID_QUERY = """<?xml version="1.0" encoding="utf-8"?>
<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">
  <D:prop><C:calendar-data/></D:prop>
  <C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">
    <C:prop-filter name="UID"><C:text-match collation="i;octet">{uid}</C:text-match></C:prop-filter>
  </C:comp-filter></C:comp-filter></C:filter>
</C:calendar-query>"""
"""RFC 4791, section 7.8.6: the event with one UID."""


@dataclass(frozen=True, slots=True)
class Systems:
    """Where the demonstration's counterparts are, and who may read there."""

    scim_url: str
    scim_token: str = field(repr=False)
    inbox_url: str
    inbox_login: str
    inbox_password: str = field(repr=False)
    calendar_url: str
    calendar_login: str
    calendar_password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AccountSeen:
    login: str
    id: str
    active: bool
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MailSeen:
    to: str
    subject: str
    message_id: str


@dataclass(frozen=True, slots=True)
class MeetingSeen:
    title: str
    start: str
    end: str
    attendees: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    accounts: tuple[AccountSeen, ...] = ()
    mails: tuple[MailSeen, ...] = ()
    meetings: tuple[MeetingSeen, ...] = ()
    ledger: tuple[dict[str, Any], ...] = ()
    audit: tuple[dict[str, Any], ...] = ()

    def missing(self) -> list[str]:
        """What should be there and is not, or is there twice; empty when the evidence is complete."""
        problems = []
        for name, found in (("account", self.accounts), ("mail", self.mails), ("meeting", self.meetings)):
            if len(found) != 1:
                problems.append(f"expected one {name}, found {len(found)}")
        if self.accounts and not self.accounts[0].groups:
            problems.append("the account is in no group")
        problems += [
            f"ledger: {row['node']} is {row['status']}"
            for row in self.ledger
            if row["status"] != ActStatus.SUCCEEDED
        ]
        if not self.ledger:
            problems.append("the ledger has no row for the run")
        if not self.audit:
            problems.append("the audit log has no record of the run")
        return problems


def accounts_at(systems: Systems, login: str) -> tuple[AccountSeen, ...]:
    """Accounts with this user name, with the groups that list them as members (RFC 7644, section 3.4.2)."""
    headers = {"Authorization": f"Bearer {systems.scim_token}"}
    with httpx.Client(base_url=systems.scim_url, headers=headers, timeout=TIMEOUT, trust_env=False) as client:
        users = (
            client.get("/Users", params={"filter": f'userName eq "{login}"'})
            .raise_for_status()
            .json()
            .get("Resources", [])
        )
        groups = (
            client.get("/Groups", params={"count": 200}).raise_for_status().json().get("Resources", [])
            if users
            else []
        )
    return tuple(
        AccountSeen(
            login=user["userName"],
            id=user["id"],
            active=bool(user.get("active")),
            groups=tuple(
                sorted(
                    group["displayName"]
                    for group in groups
                    if any(m["value"] == user["id"] for m in group.get("members", ()))
                )
            ),
        )
        for user in users
    )


def mails_at(systems: Systems, recipient: str) -> tuple[MailSeen, ...]:
    """Mails to this address in the demonstration's inbox."""
    login = (systems.inbox_login, systems.inbox_password)
    with httpx.Client(base_url=systems.inbox_url, auth=login, timeout=TIMEOUT, trust_env=False) as client:
        messages = client.get("/messages/").raise_for_status().json()["messages"]
        mine = [m for m in messages if recipient in m["recipients"]["to"]]
        return tuple(
            MailSeen(to=recipient, subject=m["subject"], message_id=_message_id(client, m["id"]))
            for m in mine
        )


def _message_id(client: httpx.Client, number: int) -> str:
    source = client.get(f"/messages/{number}.source").raise_for_status().text
    for line in source.splitlines():
        if line.lower().startswith("message-id:"):
            return line.partition(":")[2].strip()
    return ""


def meetings_at(systems: Systems, uid: str) -> tuple[MeetingSeen, ...]:
    from icalendar import Calendar

    response = httpx.request(
        "REPORT",
        systems.calendar_url,
        content=UID_QUERY.format(uid=escape(uid)),
        headers={"Depth": "1", "Content-Type": "application/xml; charset=utf-8"},
        auth=(systems.calendar_login, systems.calendar_password),
        timeout=TIMEOUT,
    ).raise_for_status()
    documents = [
        e.text or ""
        for e in ET.fromstring(response.content).iter("{urn:ietf:params:xml:ns:caldav}calendar-data")  # noqa: S314 - our own server on loopback
    ]
    return tuple(_meeting(event) for text in documents for event in Calendar.from_ical(text).walk("VEVENT"))


def _meeting(event: Any) -> MeetingSeen:
    attendees = event.get("ATTENDEE", [])
    return MeetingSeen(
        title=str(event["SUMMARY"]),
        start=_moment(event["DTSTART"]),
        end=_moment(event["DTEND"]),
        attendees=tuple(
            str(a).removeprefix("mailto:")
            for a in (attendees if isinstance(attendees, list) else [attendees])
        ),
    )


def _moment(value: Any) -> str:
    moment: dt.datetime = value.dt
    return f"{moment:%Y-%m-%d %H:%M} {value.params.get('TZID', moment.tzname())}"


def ledger_of(database: Database, org_id: uuid.UUID, run_id: uuid.UUID) -> tuple[dict[str, Any], ...]:
    with database.tenant(org_id) as session:
        return tuple(
            {
                "node": r.node_key,
                "type": r.node_type,
                "status": r.status,
                "attempt": r.attempt,
                "key": r.idempotency_key,
                "output": r.output,
            }
            for r in corrections.acts_of(session, run_id)
        )


def audit_of(database: Database, org_id: uuid.UUID, correlation_id: str) -> tuple[dict[str, Any], ...]:
    with database.tenant(org_id) as session:
        rows = session.scalars(
            select(AuditRecord)
            .where(AuditRecord.correlation_id == correlation_id)
            .order_by(AuditRecord.position)
        ).all()
        return tuple(
            {"sequence": r.sequence, "actor": r.actor, "action": r.action, "subject": r.subject} for r in rows
        )
