"""Invented people, a new one for every run of the demonstration."""

from __future__ import annotations

import datetime as dt
import unicodedata
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Numeric, cast, func, select, union_all

from officeflow.database.engine import Database
from officeflow.database.tables import Employee, Erasure, Organization

BEFORE_FIRST = 1000
"""The first person is E1001."""
GIVEN = ("Ana", "Jonas", "Mei", "Tariq", "Zoë", "Lukas", "Imani", "Noor", "Søren", "Priya", "Mateo")
FAMILY = ("García", "Lindqvist", "Okafor", "Tanaka", "Novák", "Moreau", "Haddad")
ROLES = (("Engineering", "Software Engineer"), ("Sales", "Account Executive"), ("Finance", "Controller"))
OFFICES = (("Berlin", "Europe/Berlin"), ("Lisbon", "Europe/Lisbon"), ("New York", "America/New_York"))


@dataclass(frozen=True, slots=True)
class Person:
    employee_id: str
    given_name: str
    family_name: str
    work_email: str
    department: str
    title: str
    location: str
    time_zone: str
    start_date: dt.date

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"

    def payload(self) -> dict[str, Any]:
        """The payload of the `employee.onboard` event, as an HR system would send it."""
        return {
            "first_name": self.given_name,
            "last_name": self.family_name,
            "work_email": self.work_email,
            "personal_email": f"{_ascii(self.given_name)}.{_ascii(self.family_name)}@home.example",
            "department": self.department,
            "title": self.title,
            "location": self.location,
            "time_zone": self.time_zone,
            "start_date": self.start_date.isoformat(),
            "manager_email": f"lead.{_ascii(self.department)}@acme.example",
        }


def next_person(database: Database, org: Organization) -> Person:
    """Whose employee id is above all of the organization's that look like it, also above those of people who
    were erased: their systems may know them still.
    """
    with database.tenant(org.org_id) as session:
        ids = union_all(select(Employee.external_id), select(Erasure.external_id)).subquery().c.external_id
        numbers = select(func.max(cast(func.substr(ids, 2), Numeric))).where(ids.regexp_match("^E[0-9]+$"))
        highest = int(session.scalar(numbers) or 0)
    number = max(highest, BEFORE_FIRST) - BEFORE_FIRST + 1
    return nth_person(number, domain=org.domain, today=dt.datetime.now(dt.UTC).date())


def nth_person(number: int, *, domain: str, today: dt.date) -> Person:
    """The `number`th person (from 1), who starts on a Monday at least a week after `today`.

    No two numbers share an employee id or a login.
    """
    given = GIVEN[(number - 1) % len(GIVEN)]
    family = FAMILY[(number - 1) % len(FAMILY)]
    department, title = ROLES[(number - 1) % len(ROLES)]
    location, zone = OFFICES[(number - 1) % len(OFFICES)]
    repeat = (number - 1) // (len(GIVEN) * len(FAMILY))
    login = f"{_ascii(given)}.{_ascii(family)}{repeat + 1 if repeat else ''}"
    week_ahead = today + dt.timedelta(days=7)
    return Person(
        employee_id=f"E{BEFORE_FIRST + number}",
        given_name=given,
        family_name=family,
        work_email=f"{login}@{domain}",
        department=department,
        title=title,
        location=location,
        time_zone=zone,
        start_date=week_ahead + dt.timedelta(days=-week_ahead.weekday() % 7),
    )


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.replace("ø", "o")).encode("ascii", "ignore").decode()
    return plain.lower().replace(" ", "-")
