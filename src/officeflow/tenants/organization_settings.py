"""What an organization has settled, read and changed as one."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from officeflow.audit.entry import reason
from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.events import rules
from officeflow.events.payloads import EMPTY_TEXT_IS_NULL, SHOWN_FIELDS
from officeflow.tenants import administration, organizations


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    time_zone: str
    """"" where none is settled: then UTC counts."""
    shown_fields: Sequence[str]
    """Fields of events' payloads that are shown although no schema names them."""
    empty_text_is_null: bool

    def to_json(self) -> dict[str, Any]:
        return {
            "time_zone": self.time_zone,
            "shown_fields": list(self.shown_fields),
            "empty_text_is_null": self.empty_text_is_null,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """None: as before. `shown_fields` are all of them; one whose name sounds private is shown only with
    `although_private`.
    """

    time_zone: str | None = None
    shown_fields: Sequence[str] | None = None
    empty_text_is_null: bool | None = None
    although_private: bool = False


def read(session: Session, org_id: uuid.UUID) -> Settled:
    return _settled(session.get_one(Organization, org_id))


def change(
    database: Database, org: str, wanted: Change, *, look: Callable[[Settled], None], why: str, by: str
) -> Settled:
    """All of the change or nothing; what is settled now.

    `look` sees what was settled, with the row locked, and raises where whoever asks meant another state.
    `InvalidInput` where the reason is empty, or as `rules.apply` and `administration.settle_time_zone`.
    """
    why = reason(why)
    with database.service() as session:
        organization = organizations.find(session, org)
        session.refresh(organization, with_for_update=True)
        before = _settled(organization)
        look(before)
        if wanted.time_zone is not None and wanted.time_zone != before.time_zone:
            administration.settle_time_zone_of(session, organization, wanted.time_zone, why=why, by=by)
        if (events := _of_events(before, wanted)) is not None:
            administration.settle_events_of(session, organization, events, why=why, by=by)
        return _settled(organization)


def _settled(organization: Organization) -> Settled:
    events = rules.current(organization)
    return Settled(
        time_zone=organizations.time_zone(organization),
        shown_fields=tuple(events[SHOWN_FIELDS]),
        empty_text_is_null=events[EMPTY_TEXT_IS_NULL],
    )


def _of_events(before: Settled, wanted: Change) -> rules.Change | None:
    """None where nothing is different."""
    shown = before.shown_fields if wanted.shown_fields is None else wanted.shown_fields
    empty = wanted.empty_text_is_null
    made = rules.Change(
        show=[name for name in dict.fromkeys(shown) if name not in before.shown_fields],
        hide=[name for name in before.shown_fields if name not in shown],
        empty_text_is_null=None if empty == before.empty_text_is_null else empty,
        although_private=wanted.although_private,
    )
    is_same = not made.show and not made.hide and made.empty_text_is_null is None
    return None if is_same else made
