"""What has changed, by Okta's System Log."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from urllib.parse import parse_qs, urlencode

from officeflow.connectors.call import Call
from officeflow.connectors.families.identity import Account, Changes, FollowsChanges
from officeflow.connectors.okta.api import valid
from officeflow.connectors.okta.base import OktaBase
from officeflow.connectors.okta.errors import BadPage
from officeflow.connectors.okta.types import Event, quoted
from officeflow.errors import Conflict, NotFound

AT_ONCE = 100
"""Events in one answer: each account that is in them is read."""
EMPTY_PAGES = 5
"""So many pages without an event are turned in one answer, for there may be events behind them."""
KEPT = dt.timedelta(days=90)
"""How long Okta keeps its log."""
TYPES = (
    "user.lifecycle.create",
    "user.lifecycle.activate",
    "user.lifecycle.reactivate",
    "user.lifecycle.deactivate",
    "user.lifecycle.suspend",
    "user.lifecycle.unsuspend",
    "user.lifecycle.delete.initiated",
    "user.account.update_profile",
    "user.account.update_password",
    "user.account.reset_password",
    "user.account.expire_password",
    "user.account.lock",
    "user.account.unlock",
)
FILTER = " or ".join(f"eventType eq {quoted(kind)}" for kind in TYPES)


class FollowedChanges(OktaBase, FollowsChanges):
    def changes_since(self, cursor: str | None) -> Changes:
        call = self.call("changes_since")
        if cursor is None:
            return Changes(accounts=(), deleted=(), cursor=self._beginning(call))
        asked = _read(cursor)
        if asked is None:
            raise self._unknown(call)
        since, after, at = asked
        if dt.datetime.now(dt.UTC) - at > KEPT:
            raise self._unknown(call)
        return self._changes(since, after, call)

    def _beginning(self, call: Call) -> str:
        """The moment of the newest event: by Okta's clock, and what it holds is told once more."""
        asked = {"sortOrder": "DESCENDING", "limit": "1"}
        items, _ = self._api.page("logs", call, asked)
        newest = _moment(valid(Event, items[0], call).published) if items else None
        return _cursor(newest or dt.datetime.now(dt.UTC))

    def _changes(self, since: dt.datetime, after: str, call: Call) -> Changes:
        """Behind the last event that there is, Okta names a place, too, where the next ones will be."""
        asked = {"since": _text(since), "filter": FILTER, "sortOrder": "ASCENDING", "limit": str(AT_ONCE)}
        events: list[Event] = []
        for _ in range(EMPTY_PAGES):
            try:
                items, following = self._api.page(
                    "logs", call, {**asked, **({"after": after} if after else {})}
                )
            except BadPage as error:
                raise self._unknown(call) from error
            events = [valid(Event, item, call) for item in items]
            moved = following not in {None, after}
            after = following or after
            if events or not moved:
                break
        accounts, deleted = self._read_all(_users(events), call)
        return Changes(
            accounts=accounts,
            deleted=deleted,
            cursor=_cursor(since, after),
            complete=len(events) < AT_ONCE,
        )

    def _read_all(self, ids: Iterable[str], call: Call) -> tuple[tuple[Account, ...], tuple[str, ...]]:
        accounts, deleted = [], []
        for identity in ids:
            try:
                accounts.append(self._account(self._user(identity, call)))
            except NotFound:
                deleted.append(identity)
        return tuple(accounts), tuple(deleted)

    def _unknown(self, call: Call) -> Conflict:
        text = "Okta does not know any more what has changed since then"
        return call.error(Conflict, text, hint="list all accounts, and begin anew without a cursor")


def _users(events: Iterable[Event]) -> list[str]:
    return list(
        dict.fromkeys(
            target.id
            for event in events
            for target in event.targets or ()
            if target.type == "User" and target.id
        )
    )


def _cursor(since: dt.datetime, after: str = "") -> str:
    """Where the log begins, where we are in it, and when we were."""
    return urlencode({"since": _text(since), "after": after, "at": _text(dt.datetime.now(dt.UTC))})


def _read(cursor: str) -> tuple[dt.datetime, str, dt.datetime] | None:
    """None for what is no cursor of ours."""
    try:
        found = parse_qs(cursor, keep_blank_values=True, strict_parsing=True)
        since, at = _moment(found["since"][0]), _moment(found["at"][0])
        return (since, found["after"][0], at) if since and at else None
    except (ValueError, KeyError):
        return None


def _moment(text: str) -> dt.datetime | None:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _text(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
