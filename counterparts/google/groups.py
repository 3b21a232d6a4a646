"""`groups` of the Directory API, with their aliases.

https://developers.google.com/workspace/admin/directory/v1/guides/manage-groups
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from counterparts.google import addresses, holdings, ids, users
from counterparts.google.customer import require
from counterparts.google.failures import invalid, not_found, refused
from counterparts.google.merging import merged, without_nulls
from counterparts.google.pages import page
from counterparts.vendors.routes import Request, Response, answer
from counterparts.vendors.store import Document, Store

Json = dict[str, Any]
KIND = addresses.GROUPS
CLAUSE = re.compile(r"(email|name|memberKey)(=|:)(?:'((?:\\.|[^'\\])*)'|([^\s'*]+))(\*?)(?:\s+|$)")
"""Of `query`. https://developers.google.com/workspace/admin/directory/v1/guides/search-groups"""


def the(store: Store, key: str) -> Document:
    """The group with this id, address or alias. Raises `Refused`: 404."""
    found = addresses.find(store, KIND, key)
    if found is None:
        raise not_found("groupKey")
    return found


def insert(request: Request, store: Store) -> Response:
    given = without_nulls(request.json)
    identity = ids.group_id()
    address = addresses.claimed(store, given["email"], KIND, identity, what="email")
    group = {
        "id": identity,
        "email": address,
        "name": given.get("name") or address.partition("@")[0],
        "description": given.get("description", ""),
        "adminCreated": True,
        "aliases": [],
        **({"externalIds": given["externalIds"]} if "externalIds" in given else {}),
    }
    _check(group)
    return answer(_view(store, store.put(KIND, identity, group)))


def get(request: Request, store: Store, group_key: str) -> Response:
    del request
    return answer(_view(store, the(store, group_key)))


def list_(request: Request, store: Store) -> Response:
    found = _asked_for(request, store)
    if text := request.query.get("query"):
        found = [group for group in found if _finds(store, text, group)]
    if request.query.get("orderBy"):
        backwards = request.query.get("sortOrder") == "DESCENDING"
        found = sorted(found, key=lambda group: str(group["email"]), reverse=backwards)
    chunk, further = page(request, found, usual=200, most=200)
    counts = _counts(store)
    groups = {"groups": [_view(store, group, counts) for group in chunk]} if chunk else {}
    return answer({"kind": "admin#directory#groups", "etag": ids.etag(groups), **groups, **further})


def patch(request: Request, store: Store, group_key: str) -> Response:
    group = the(store, group_key)
    return answer(_view(store, _changed(store, group, merged(group, _taken(request.json)), request.json)))


def update(request: Request, store: Store, group_key: str) -> Response:
    group = the(store, group_key)
    kept = {name: group[name] for name in ("id", "email", "adminCreated", "aliases")}
    new = {"name": group["name"], "description": "", **_taken(without_nulls(request.json)), **kept}
    return answer(_view(store, _changed(store, group, new, request.json)))


def delete(request: Request, store: Store, group_key: str) -> Response:
    del request
    group = the(store, group_key)
    store.remove(KIND, group["id"])
    for address in (group["email"], *group["aliases"]):
        addresses.free(store, address)
    holdings.forget(store, group["id"])
    for each in store.all(holdings.MEMBERS):
        if each["groupId"] == group["id"]:
            store.remove(holdings.MEMBERS, f"{group['id']}/{each['memberId']}")
    return answer(None, 204)


def list_aliases(request: Request, store: Store, group_key: str) -> Response:
    del request
    group = the(store, group_key)
    return answer(users.aliases_view(group, group["email"], "admin#directory#alias"))


def insert_alias(request: Request, store: Store, group_key: str) -> Response:
    group = the(store, group_key)
    alias = addresses.claimed(store, request.json.get("alias") or "", KIND, group["id"], what="alias")
    store.change(KIND, group["id"], aliases=[*group["aliases"], alias])
    return answer(users.alias_view(group, group["email"], alias, "admin#directory#alias"))


def delete_alias(request: Request, store: Store, group_key: str, alias: str) -> Response:
    del request
    group = the(store, group_key)
    if alias.lower() not in group["aliases"]:
        raise not_found("alias")
    addresses.free(store, alias)
    store.change(KIND, group["id"], aliases=[each for each in group["aliases"] if each != alias.lower()])
    return answer(None, 204)


def _asked_for(request: Request, store: Store) -> list[Document]:
    """Those of a user, of a domain, or all."""
    query = request.query
    if key := query.get("userKey"):
        if query.get("customer"):
            raise refused(400, "badRequest", "Bad Request")
        who = addresses.owner(store, key)
        if who is None and addresses.is_own(store, key):
            raise not_found("userKey")
        member = key.lower() if who is None else who[1]["id"]
        groups = {each["groupId"] for each in store.all(holdings.MEMBERS) if each["memberId"] == member}
        return [group for group in store.all(KIND) if group["id"] in groups]
    if not query.get("customer") and not query.get("domain"):
        raise refused(400, "badRequest", "Bad Request")
    if customer := query.get("customer"):
        require(store, customer)
    domain = query.get("domain", "").lower()
    return [group for group in store.all(KIND) if group["email"].endswith(f"@{domain}" if domain else "")]


def _finds(store: Store, text: str, group: Document) -> bool:
    place, holds = 0, True
    while place < len(text):
        clause = CLAUSE.match(text, place)
        if clause is None:
            raise invalid("query")
        holds = _holds(store, group, clause) and holds
        place = clause.end()
    return holds


def _holds(store: Store, group: Document, clause: re.Match[str]) -> bool:
    field, operator, quoted, bare, prefix = clause.groups()
    value = (re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else bare).casefold()
    if field == "memberKey":
        who = addresses.owner(store, value)
        member = value if who is None else who[1]["id"]
        return store.get(holdings.MEMBERS, f"{group['id']}/{member}") is not None
    texts = [group["name"]] if field == "name" else [group["email"], *group["aliases"]]
    found = [str(each).casefold() for each in texts]
    if prefix:
        return any(each.startswith(value) for each in found)
    return any(each == value if operator == "=" else value in each for each in found)


def _changed(store: Store, group: Document, new: Json, given: Json) -> Document:
    if (address := given.get("email")) and address.lower() != group["email"]:
        new["email"] = addresses.claimed(store, address, KIND, group["id"], what="email")
        new["aliases"] = [*new["aliases"], group["email"]]
    new = {"name": group["name"], "description": "", **new}
    _check(new)
    return store.put(KIND, group["id"], new)


def _check(group: Json) -> None:
    """Limits: https://developers.google.com/workspace/admin/directory/reference/rest/v1/groups."""
    if not 0 < len(group["name"]) <= 73:
        raise invalid("name")
    if len(group["description"]) > 4096:
        raise invalid("description")


def _taken(given: Any) -> Json:
    return {name: given[name] for name in ("name", "description", "externalIds") if name in given}


def _counts(store: Store) -> Counter[str]:
    """How many members each group has, by its id."""
    return Counter(each["groupId"] for each in store.all(holdings.MEMBERS))


def _view(store: Store, group: Document, counts: Counter[str] | None = None) -> Json:
    counts = _counts(store) if counts is None else counts
    shown = {
        "kind": "admin#directory#group",
        **{name: value for name, value in group.items() if name != "aliases" or value},
        "directMembersCount": str(counts[group["id"]]),
    }
    return {**shown, "etag": ids.etag(shown)}
