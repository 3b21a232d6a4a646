"""Who is hired: people whose work address nobody knows yet, under somebody who is in all systems already."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.demo import people

COST_CENTER = "demo-identity"
"""By which the workflows know whom they are about."""
HEAD = "E900"


@dataclass(frozen=True, slots=True)
class Place:
    """A department and what somebody is there; of what it gives, what is not the same in all departments."""

    department: str
    title: str

    def payload(self) -> dict[str, Any]:
        return {"department": self.department, "title": self.title}


FIRST, SECOND = Place("Engineering", "Software Engineer"), Place("Sales", "Account Executive")


@dataclass(frozen=True, slots=True)
class Newcomer:
    """`manager` is an employee number, "" where there is none."""

    employee_id: str
    given_name: str
    family_name: str
    place: Place
    manager: str = ""

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"

    def payload(self) -> dict[str, Any]:
        """Of `employee.onboard`."""
        today = dt.datetime.now(dt.UTC).date().isoformat()
        told = {
            "given_name": self.given_name,
            "family_name": self.family_name,
            "cost_center": COST_CENTER,
            "start_date": today,
            **self.place.payload(),
        }
        return {**told, "manager_external_id": self.manager} if self.manager else told


def head() -> Newcomer:
    """Everybody's manager."""
    return Newcomer(HEAD, "Vera", "Lindner", Place("Engineering", "Head of Engineering"))


def next_person(database: Database, org: Organization) -> Newcomer:
    person = people.next_person(database, org)
    return Newcomer(person.employee_id, person.given_name, person.family_name, FIRST, HEAD)
