"""Changes since: https://learn.microsoft.com/graph/delta-query-overview.

The first round gives what there is, page by page, the next ones what has changed. A token holds the change up
to which its owner knows everything; the directory forgets tokens after seven days, and when it is told to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from counterparts.entra.errors import GraphError, malformed
from counterparts.entra.graph import changes, directory
from counterparts.entra.graph.call import Call, odata
from counterparts.entra.graph.pages import decoded, encoded
from counterparts.entra.graph.presenting import selected
from counterparts.entra.odata import query as queries
from counterparts.entra.odata.query import Query
from counterparts.entra.schema.group import GROUP
from counterparts.entra.schema.types import ResourceType
from counterparts.entra.schema.user import USER
from counterparts.vendors.routes import Response

Document = Mapping[str, Any]
LASTING = 7 * 24 * 3600
LATEST = "latest"


def users(call: Call) -> Response:
    return _delta(call, USER)


def groups(call: Call) -> Response:
    return _delta(call, GROUP)


@dataclass(frozen=True, slots=True)
class Round:
    """Where one round stands: it ends at the change `at`, its pages go on at `place`; `since` is the change
    that it begins after, None for the first round.
    """

    at: int
    place: int = 0
    since: int | None = None


def _delta(call: Call, resource: ResourceType) -> Response:
    given = call.request.seen.query
    options = {name: value for name, value in given if name in {"$deltatoken", "$skiptoken"}}
    delta, skip = options.get("$deltatoken", ""), options.get("$skiptoken", "")
    rest = [pair for pair in given if pair[0] not in options]
    known = delta != LATEST and (delta or skip)
    asked = queries.parse([*rest, *(_carried(known) if known else ())], call.request.seen.headers, resource)
    at = changes.last(call.store)
    if delta == LATEST:
        return _answered(call, asked, [], _link(call, asked, Round(at), ends=True))
    turn = Round(at)
    if delta:
        turn = Round(at, since=_state(call, delta).at)
    elif skip:
        turn = _state(call, skip)
    found = _first(call, asked) if turn.since is None else _since(call, asked, turn.since)
    return _page(call, asked, found, turn)


def _first(call: Call, asked: Query) -> list[dict[str, Any]]:
    found = asked.chosen(call.store.all(asked.resource.kind))
    return [_whole(call, each, asked) for each in found]


def _whole(call: Call, document: Document, asked: Query) -> dict[str, Any]:
    shown = selected(document, asked.resource, [name for name in asked.select if name != "members"])
    shown["id"] = document["id"]
    if asked.resource is GROUP:
        members = directory.targets(call.store, directory.MEMBER, document["id"])
        if members:
            shown["members@delta"] = [_member(each) for each in members]
    return shown


def _member(document: Document) -> dict[str, Any]:
    return {"@odata.type": f"#microsoft.graph.{document[directory.KIND]}", "id": document["id"]}


def _since(call: Call, asked: Query, number: int) -> list[dict[str, Any]]:
    """One entry for each object that has changed, whatever number of times."""
    shown: dict[str, dict[str, Any]] = {}
    for change in changes.since(call.store, asked.resource.kind, number):
        identifier = change["id"]
        document = call.store.get(asked.resource.kind, identifier)
        if document is None:
            reason = "changed" if call.store.get("deleted", identifier) else "deleted"
            shown[identifier] = {"id": identifier, "@removed": {"reason": reason}}
            continue
        entry = shown.setdefault(identifier, {})
        entry |= selected(document, asked.resource, asked.select)
        entry["id"] = identifier
        if change["member"]:
            _note_member(call, entry, change)
    return list(shown.values())


def _note_member(call: Call, entry: dict[str, Any], change: Document) -> None:
    other = change["member"]
    known = [each for each in entry.get("members@delta", []) if each["id"] != other]
    kind = next(
        (kind for kind in ("user", "group", "servicePrincipal") if call.store.get(kind, other)), "user"
    )
    noted: dict[str, Any] = {"@odata.type": f"#microsoft.graph.{kind}", "id": other}
    if change["removed"]:
        noted["@removed"] = {"reason": "deleted"}
    entry["members@delta"] = [*known, noted]


def _page(call: Call, asked: Query, found: list[dict[str, Any]], turn: Round) -> Response:
    page = found[turn.place : turn.place + asked.top]
    end = turn.place + len(page)
    if "empty_page" in call.request.told:
        page, end = [], turn.place
    elif "repeated_page" in call.request.told:
        end = turn.place
    elif end >= len(found):
        return _answered(call, asked, page, _link(call, asked, turn, ends=True))
    return _answered(call, asked, page, _link(call, asked, replace(turn, place=end)))


def _answered(call: Call, asked: Query, page: list[dict[str, Any]], link: tuple[str, str]) -> Response:
    context = f"{call.base}/$metadata#{asked.resource.collection}"
    return odata({"@odata.context": context, link[0]: link[1], "value": page})


def _link(call: Call, asked: Query, turn: Round, *, ends: bool = False) -> tuple[str, str]:
    token = encoded(
        {
            "at": turn.at,
            "place": turn.place,
            "since": turn.since,
            "made": call.tenant.now(),
            "given": [list(pair) for pair in asked.given],
        }
    )
    address = f"{call.request.base}{call.request.seen.path}"
    if ends:
        return "@odata.deltaLink", f"{address}?$deltatoken={quote(token)}"
    return "@odata.nextLink", f"{address}?$skiptoken={quote(token)}"


def _carried(token: str) -> list[tuple[str, str]]:
    """The options of the first request, which the token brings along."""
    try:
        return [(name, value) for name, value in decoded(token)["given"]]
    except (ValueError, KeyError, TypeError) as error:
        raise _badly_formed() from error


def _state(call: Call, token: str) -> Round:
    try:
        state: Mapping[str, Any] = decoded(token)
        turn = Round(int(state["at"]), int(state["place"]), state["since"])
        made = str(state["made"])
    except (ValueError, KeyError, TypeError) as error:
        raise _badly_formed() from error
    oldest, newest = changes.oldest(call.store), changes.last(call.store)
    if call.tenant.passed(made, LASTING) or not oldest <= turn.at <= newest:
        address = f"{call.request.base}{call.request.seen.path}?$deltatoken="
        raise GraphError(
            410, "syncStateNotFound", "The sync state generation is not found.", headers={"Location": address}
        )
    return turn


def _badly_formed() -> GraphError:
    return malformed("Badly formed token.")
