"""What has changed, from Keycloak's admin events and user events."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from officeflow.connectors.call import Call
from officeflow.connectors.families.identity import Account, Changes, FollowsChanges
from officeflow.connectors.keycloak.base import RealmClient
from officeflow.connectors.keycloak.realm import Params
from officeflow.connectors.keycloak.types import Event, EventsConfig
from officeflow.errors import Conflict, NotFound, Rejected

LATE = 10_000
"""Milliseconds by which an event may appear after one that is younger: each has the time when it began."""
BATCH = 200
"""Accounts in one answer."""
BY_PEOPLE = ("REGISTER", "UPDATE_PROFILE", "UPDATE_EMAIL", "VERIFY_EMAIL", "DELETE_ACCOUNT")
"""Types of user events by which people change their accounts."""
LOCKED = "USER_DISABLED_BY_PERMANENT_LOCKOUT"
LOGS: Mapping[str, Params] = {
    "admin-events": {"resourceTypes": "USER"},
    "events": {"type": (*BY_PEOPLE, LOCKED)},
}


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a log was read: the youngest event's time, and the beginnings of the ids of those that are not
    more than `LATE` older.
    """

    time: int = 0
    ids: frozenset[str] = frozenset()

    def has(self, event: Event) -> bool:
        return event.id[:13] in self.ids

    def after(self, events: Sequence[Event], known: Sequence[Event]) -> Mark:
        """With these read too; `known` are those in the log that were read before."""
        time = max([self.time, *(event.time for event in events)])
        return Mark(time, frozenset(e.id[:13] for e in [*events, *known] if e.time >= time - LATE))


class FollowsEvents(RealmClient, FollowsChanges):
    """A cursor holds a mark for each of the two logs."""

    def changes_since(self, cursor: str | None) -> Changes:
        call = self.call("changes_since")
        self._must_be_saved(call)
        if cursor is None:
            marks = {log: self._newest(log, call) for log in LOGS}
            return Changes(accounts=(), deleted=(), cursor=_written(marks))
        marks = _read(cursor, call)
        came = {log: self._came(log, mark, call) for log, mark in marks.items()}
        new = sorted((event for new, _ in came.values() for event in new), key=lambda event: event.time)
        taken, ids = _first(new)
        accounts: list[Account] = []
        deleted: list[str] = []
        for user_id in ids:
            try:
                accounts.append(self._documents.account(self._realm.user(user_id, call)))
            except NotFound:
                deleted.append(user_id)
        after = {
            log: marks[log].after([each for each in events if each.id in taken], known)
            for log, (events, known) in came.items()
        }
        return Changes(
            accounts=tuple(accounts),
            deleted=tuple(deleted),
            cursor=_written(after),
            complete=len(taken) == len(new),
        )

    def _must_be_saved(self, call: Call) -> None:
        told = self._realm.read("events/config", EventsConfig, call)
        off = [] if told.admin_events_enabled else ["admin events"]
        off += [] if told.events_enabled else ["user events"]
        unsaved = set(BY_PEOPLE) - set(told.enabled_event_types) if told.enabled_event_types else ()
        off += [f"user events {', '.join(sorted(unsaved))}"] if told.events_enabled and unsaved else []
        if off:
            raise call.error(
                Rejected,
                f"this realm does not save {' and '.join(off)}: nobody can tell what has changed",
                hint="Realm settings → Events: save admin events and user events",
            )

    def _newest(self, log: str, call: Call) -> Mark:
        events: list[Event] = []
        for page in self._realm.pages(log, Event, call, LOGS[log]):
            events += page
            if not page or page[-1].time < events[0].time - LATE:
                break
        return Mark().after(events, ())

    def _came(self, log: str, mark: Mark, call: Call) -> tuple[list[Event], list[Event]]:
        """Events that have come since the mark, and those about its time that were there before.

        `Conflict` where none of those is left: others may be gone as well.
        """
        found: dict[str, Event] = {}
        for page in self._realm.pages(log, Event, call, LOGS[log]):
            found |= {event.id: event for event in page}
            if any(event.time < mark.time - LATE for event in page):
                break
        near = [event for event in found.values() if event.time >= mark.time - LATE]
        known = [event for event in near if mark.has(event)]
        if mark.ids and not known:
            raise call.error(Conflict, "events have been cleared since: everything has to be listed again")
        return [event for event in near if not mark.has(event)], known


def _first(events: Sequence[Event]) -> tuple[set[str], list[str]]:
    """Ids of the first events, as many as belong to so many accounts as go into one answer, and of these."""
    taken: set[str] = set()
    about: dict[str, None] = {}
    for event in events:
        if event.about and event.about not in about:
            if len(about) == BATCH:
                break
            about[event.about] = None
        taken.add(event.id)
    return taken, list(about)


def _written(marks: Mapping[str, Mark]) -> str:
    told = {log: [mark.time, sorted(mark.ids)] for log, mark in marks.items()}
    return json.dumps(told, separators=(",", ":"), sort_keys=True)


def _read(cursor: str, call: Call) -> dict[str, Mark]:
    try:
        told: Any = json.loads(cursor)
        return {log: Mark(int(told[log][0]), frozenset(map(str, told[log][1]))) for log in LOGS}
    except (ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        raise call.error(Conflict, "that is no cursor of this connector: list everything") from error
