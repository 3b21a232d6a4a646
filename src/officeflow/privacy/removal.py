"""The part of an erasure that is done in our own tables, in one transaction."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from officeflow.database import sealing
from officeflow.database.keys import Keys
from officeflow.database.tables import PersonKey
from officeflow.errors import InvalidInput
from officeflow.events.topics import person_key
from officeflow.ids import new_id
from officeflow.owners import Owner
from officeflow.privacy import clearing
from officeflow.privacy.about import Person
from officeflow.privacy.places import PLACES, Place, opened

SEARCHED_AT_ONCE = 200


@dataclass(slots=True)
class Removed:
    """How many rows of each table, and how many keys; `held` has the events of each release that were held,
    and start nothing now.
    """

    rows: dict[str, int] = field(default_factory=dict)
    keys: int = 0
    held: dict[str, int] = field(default_factory=dict)


def remove(
    session: Session, keys: Keys, person: Person, runs: Sequence[uuid.UUID], pseudonym: str
) -> Removed:
    """Destroy the person's keys and empty what is theirs, in a service's transaction. What stays has the
    pseudonym.
    """
    removed = Removed()
    about = _about(person, runs, pseudonym)
    mentions = list(mentioning(session, keys, person))
    for table, statement in clearing.OF_RUNS.items():
        _note(removed, table, _count(session, statement, about))
    removed.held = {str(release): number for release, number in session.execute(text(clearing.HELD), about)}
    for table, statement in (
        ("event_senders", clearing.SENDERS),
        ("inbox_events", clearing.EVENTS),
        ("inquiries", clearing.INQUIRIES),
        ("event_waits", clearing.AWAITED),
        ("outbox_messages", clearing.OUTBOX),
        ("outbox_messages", clearing.OUTBOX_AUDIT),
    ):
        _note(removed, table, _count(session, statement, about))
    letters = [key for table, key in mentions if table == "dead_letters"]
    orders = [key for table, key in mentions if table == "control_requests"]
    _note(removed, "dead_letters", _count(session, clearing.LETTERS, {"letters": letters}))
    if orders:
        empty = keys.of_owner(Owner(person.org_id)).seal("control_requests.body", b"{}")
        _note(
            removed, "control_requests", _count(session, clearing.ORDERS, {"orders": orders, "empty": empty})
        )
    _note(removed, "employees", _replace(session, person, pseudonym))
    removed.keys = _count(session, clearing.KEYS, {"org": person.org_id, "person": person.key})
    return removed


def unsent(session: Session, person: Person, runs: Sequence[uuid.UUID]) -> int:
    """Messages about the person that Kafka has yet to take."""
    return int(session.execute(text(clearing.UNSENT), _about(person, runs, "")).scalar_one())


def _about(person: Person, runs: Sequence[uuid.UUID], pseudonym: str) -> dict[str, Any]:
    return {
        "org": person.org_id,
        "external": person.external_id,
        "pseudonym": pseudonym,
        "runs": list(runs),
        "run_names": [str(each) for each in runs],
        "key": person_key(person.org_id, person.external_id),
    }


def _replace(session: Session, person: Person, pseudonym: str) -> int:
    """Their record by one that says nothing but that there was somebody; under another id, which cannot be
    told from the identifier.
    """
    if person.employee_id is None:
        return 0
    ids = {"employee": person.employee_id, "anonymous": new_id(), "pseudonym": pseudonym}
    session.execute(text(clearing.ANONYMOUS), ids)
    for statement in clearing.TO_ANONYMOUS.values():
        session.execute(text(statement), ids)
    return _count(session, clearing.GONE, ids)


def mentioning(session: Session, keys: Keys, person: Person) -> Iterator[tuple[str, uuid.UUID]]:
    """Messages that could not be taken, and those that asked for runs, which are about the person: by the key
    that they are under, or by what they say.
    """
    own = set(
        session.scalars(
            select(PersonKey.key_id).where(PersonKey.org_id == person.org_id, PersonKey.person == person.key)
        )
    )
    for place in PLACES:
        if place.tells:
            yield from ((place.table, key) for key in _mentions_in(session, keys, place, person, own))


def _mentions_in(
    session: Session, keys: Keys, place: Place, person: Person, own: set[uuid.UUID]
) -> Iterator[uuid.UUID]:
    after = uuid.UUID(int=0)
    while True:
        statement = text(place.statement())
        rows = (
            session.execute(statement, {"org": person.org_id, "after": after, "most": SEARCHED_AT_ONCE})
            .mappings()
            .all()
        )
        for row in rows:
            values = {name: bytes(row[name]) for name in place.columns if row[name] is not None}
            if any(
                _is_under(value, own) or _names(_content(keys, place, name, value), person)
                for name, value in values.items()
            ):
                yield row["its_key"]
        if len(rows) < SEARCHED_AT_ONCE:
            return
        after = rows[-1]["its_key"]


def _is_under(stored: bytes, own: set[uuid.UUID]) -> bool:
    return sealing.is_sealed(stored) and sealing.key_of(stored)[1] in own


def _content(keys: Keys, place: Place, column: str, stored: bytes) -> bytes:
    """Empty where nothing opens it: then it tells nobody anything."""
    try:
        return opened(keys, place, column, stored) or b""
    except InvalidInput:
        return b""


def _names(content: bytes, person: Person) -> bool:
    names = [f'"{person.external_id}"'.encode(), f":{person.external_id}".encode()]
    if person.work_email:
        names.append(person.work_email.lower().encode())
    return any(name in content or name in content.lower() for name in names)


def _count(session: Session, statement: str, values: dict[str, Any]) -> int:
    result = session.execute(text(statement), values)
    return int(getattr(result, "rowcount", 0))


def _note(removed: Removed, table: str, number: int) -> None:
    if number:
        removed.rows[table] = removed.rows.get(table, 0) + number
