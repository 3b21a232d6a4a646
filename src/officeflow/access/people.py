"""What one person of an organization should have."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from officeflow.access import store
from officeflow.access.entitled import Due, due, has_left, today
from officeflow.tenants import employees, organizations, persons


@dataclass(frozen=True, slots=True, kw_only=True)
class Deserved:
    """By the `version` of the rules that counts; nothing where the person `has_left`."""

    employee: str
    version: int
    has_left: bool
    entitlements: list[Due]

    def to_json(self) -> dict[str, Any]:
        return {
            "employee": self.employee,
            "version": self.version,
            "has_left": self.has_left,
            "entitlements": [each.to_json() for each in self.entitlements],
        }


def of_person(session: Session, org_id: uuid.UUID, employee: str, now: dt.datetime) -> Deserved:
    """Named by the HR system's identifier or by ours.

    `NotKnown` where there is no such person, `InvalidInput` where a rule cannot be told of them.
    """
    person = persons.find(session, org_id, employee)
    settings = organizations.find(session, str(org_id)).settings
    kept, record = store.newest(session, org_id), employees.as_values(person)
    day = today(settings, now)
    return Deserved(
        employee=person.external_id,
        version=kept.version,
        has_left=has_left(record, day),
        entitlements=due(kept.rules, record, day),
    )
