"""`members` of the Directory API: users, groups and addresses from elsewhere, in groups.

https://developers.google.com/workspace/admin/directory/v1/guides/manage-group-members
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from counterparts.google import addresses, groups, holdings, ids
from counterparts.google.failures import duplicate, invalid, not_found, unmet
from counterparts.google.merging import without_nulls
from counterparts.google.pages import page
from counterparts.vendors.routes import Request, Response, answer
from counterparts.vendors.store import Document, Store

Json = dict[str, Any]
KIND = holdings.MEMBERS
ROLES = frozenset({"MANAGER", "MEMBER", "OWNER"})
DELIVERIES = frozenset({"ALL_MAIL", "DAILY", "DIGEST", "DISABLED", "NONE"})


def insert(request: Request, store: Store, group_key: str) -> Response:
    group = groups.the(store, group_key)
    given = without_nulls(request.json)
    key = given.get("email") or given.get("id")
    if not key:
        raise invalid("memberKey")
    member = _somebody(store, key)
    if store.get(KIND, f"{group['id']}/{member['memberId']}"):
        raise duplicate("Member already exists.")
    if member["type"] == "GROUP" and _contains(store, member["memberId"], group["id"]):
        raise unmet("Cyclic memberships not allowed")
    document = {"groupId": group["id"], **member, **_settings(given)}
    store.put(KIND, f"{group['id']}/{member['memberId']}", document)
    return answer(_view(store, document))


def get(request: Request, store: Store, group_key: str, member_key: str) -> Response:
    del request
    return answer(_view(store, _the(store, group_key, member_key)))


def list_(request: Request, store: Store, group_key: str) -> Response:
    group = groups.the(store, group_key)
    derived = request.query.get("includeDerivedMembership", "").lower() == "true"
    found = _derived(store, group["id"]) if derived else _direct(store)[group["id"]]
    if wanted := request.query.get("roles"):
        roles = {role.strip().upper() for role in wanted.split(",")}
        if roles - ROLES:
            raise invalid("roles")
        found = [each for each in found if each["role"] in roles]
    chunk, further = page(request, found, usual=200, most=200)
    members = {"members": [_view(store, each) for each in chunk]} if chunk else {}
    return answer({"kind": "admin#directory#members", "etag": ids.etag(members), **members, **further})


def patch(request: Request, store: Store, group_key: str, member_key: str) -> Response:
    member = _the(store, group_key, member_key)
    given = {name: value for name, value in request.json.items() if value is not None}
    return answer(_view(store, _put(store, {**member, **_settings({**member, **given})})))


def update(request: Request, store: Store, group_key: str, member_key: str) -> Response:
    member = _the(store, group_key, member_key)
    return answer(_view(store, _put(store, {**member, **_settings(without_nulls(request.json))})))


def delete(request: Request, store: Store, group_key: str, member_key: str) -> Response:
    del request
    member = _the(store, group_key, member_key)
    store.remove(KIND, f"{member['groupId']}/{member['memberId']}")
    return answer(None, 204)


def has_member(request: Request, store: Store, group_key: str, member_key: str) -> Response:
    """Direct or nested. Who is not of the customer's is asked for elsewhere (checkTransitiveMembership)."""
    del request
    group = groups.the(store, group_key)
    who = addresses.owner(store, member_key)
    if who is None:
        raise invalid("memberKey")
    return answer({"isMember": _contains(store, group["id"], who[1]["id"], itself=False)})


def _somebody(store: Store, key: str) -> Json:
    """Whom an id or address names: somebody of the customer's, or an address from elsewhere."""
    who = addresses.owner(store, key)
    if who is not None:
        return {"memberId": who[1]["id"], "type": "GROUP" if who[0] == addresses.GROUPS else "USER"}
    if not addresses.SHAPE.fullmatch(key) or addresses.is_own(store, key):
        raise not_found("memberKey")
    return {"memberId": key.lower(), "type": "USER"}


def _the(store: Store, group_key: str, member_key: str) -> Document:
    group = groups.the(store, group_key)
    who = addresses.owner(store, member_key)
    member = member_key.lower() if who is None else who[1]["id"]
    found = store.get(KIND, f"{group['id']}/{member}")
    if found is None:
        raise not_found("memberKey")
    return found


def _settings(given: Any) -> Json:
    role = given.get("role", "MEMBER")
    delivery = given.get("delivery_settings", "ALL_MAIL")
    if role not in ROLES:
        raise invalid("role")
    if delivery not in DELIVERIES:
        raise invalid("delivery_settings")
    return {"role": role, "delivery_settings": delivery}


def _put(store: Store, member: Json) -> Document:
    return store.put(KIND, f"{member['groupId']}/{member['memberId']}", member)


def _direct(store: Store) -> dict[str, list[Document]]:
    """The members of each group, by the group's id."""
    found: dict[str, list[Document]] = defaultdict(list)
    for each in store.all(KIND):
        found[each["groupId"]].append(each)
    return found


def _derived(store: Store, group: str) -> list[Document]:
    """The members, and those of groups among them, each once."""
    direct = _direct(store)
    found: dict[str, Document] = {}
    waiting = [group]
    while waiting:
        for each in direct[waiting.pop(0)]:
            if each["memberId"] not in found:
                found[each["memberId"]] = each
                waiting += [each["memberId"]] if each["type"] == "GROUP" else []
    return list(found.values())


def _contains(store: Store, group: str, member: str, *, itself: bool = True) -> bool:
    if itself and group == member:
        return True
    return any(each["memberId"] == member for each in _derived(store, group))


def _view(store: Store, member: Document) -> Json:
    kind = addresses.GROUPS if member["type"] == "GROUP" else addresses.USERS
    who = store.get(kind, member["memberId"])
    shown: Json = {
        "kind": "admin#directory#member",
        "id": member["memberId"],
        "email": member["memberId"] if who is None else who.get("primaryEmail") or who["email"],
        "role": member["role"],
        "type": member["type"],
        "delivery_settings": member["delivery_settings"],
    }
    if who is not None:
        shown["status"] = "SUSPENDED" if who.get("suspended") else "ACTIVE"
    return {**shown, "etag": ids.etag(shown)}
