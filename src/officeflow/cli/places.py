"""The organization that a command is about, found within those that somebody has."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from officeflow.cli.needs import Need, Thing, Without
from officeflow.errors import InvalidInput, NotKnown
from officeflow.program import typed
from officeflow.tenants import organizations

if TYPE_CHECKING:
    from officeflow.database.engine import Database


@dataclass(frozen=True, slots=True)
class Place:
    """`named` are parameters whose meaning is clear now, and that the command gets instead."""

    org_id: uuid.UUID
    slug: str
    named: Mapping[str, str]


def find(
    db: Database, need: Need, given: Mapping[str, Any], among: Mapping[uuid.UUID, str]
) -> list[Place] | None:
    """Where the command would act: in one organization, or (None) in none.

    `among` are the organizations that whoever acts has; what is not there, there is not. Several are answered
    only where the command is about each of them. `NotKnown`, or `InvalidInput` where it has to be named.
    """
    thing = need.thing
    if thing is not None and (text := given.get(thing.parameter)):
        return [_of_thing(db, thing, str(text), among)]
    if text := given.get(need.org):
        return [_of_name(str(text), among)]
    if need.without is Without.NOTHING:
        return None
    if need.without is Without.ANY:
        return [Place(org_id, slug, {}) for org_id, slug in among.items()]
    if len(among) != 1:
        raise InvalidInput(
            "say for which organization", hint=f"--org with one of yours: {', '.join(sorted(among.values()))}"
        )
    ((org_id, slug),) = among.items()
    return [Place(org_id, slug, {need.org: slug})]


def slugs(db: Database, org_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Of these organizations."""
    wanted = set(org_ids)
    with db.service() as session:
        return {each.org_id: each.slug for each in organizations.every(session) if each.org_id in wanted}


def _of_name(text: str, among: Mapping[uuid.UUID, str]) -> Place:
    for org_id, slug in among.items():
        if text == slug or text.lower() == str(org_id):
            return Place(org_id, slug, {})
    raise NotKnown(f"there is no organization {text[:60]!r}", hint=f"`{typed('whoami')}` shows yours")


def _of_thing(db: Database, thing: Thing, text: str, among: Mapping[uuid.UUID, str]) -> Place:
    found, missing = [], None
    for org_id, slug in among.items():
        try:
            found.append(Place(org_id, slug, {thing.parameter: _whole_name(db, thing, text, org_id)}))
        except NotKnown as error:
            missing = error
    if len(found) == 1:
        return found[0]
    if found:
        raise InvalidInput(f"several begin with {text!r}", hint="give more of it")
    raise missing or NotKnown(f"there is no {text[:60]!r}")


def _whole_name(db: Database, thing: Thing, text: str, org_id: uuid.UUID) -> str:
    """The id of what `text` names in the organization; `NotKnown`."""
    from officeflow.events import lookup
    from officeflow.people import desk
    from officeflow.runs import store

    with db.tenant(org_id) as session:
        match thing:
            case Thing.RUN:
                found = store.find_run(session, text).run_id
            case Thing.NEWEST_RUN:
                found = store.find_newest(session, text).run_id
            case Thing.EVENT:
                found = lookup.id_of(lookup.find(session, text, org_id=org_id))
            case Thing.MESSAGE:
                found = lookup.find_set_aside(session, text, org_id=org_id).message_id
            case Thing.REQUEST:
                _, found = desk.one(session, text, [org_id])
    return str(found)
