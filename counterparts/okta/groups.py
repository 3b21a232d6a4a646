"""`/api/v1/groups`."""

from __future__ import annotations

from typing import Any

from counterparts.okta import errors, log, membership, people
from counterparts.okta.assignments import apps_of_group
from counterparts.okta.filters import parse, value_at
from counterparts.okta.paging import page
from counterparts.vendors.routes import Request, Response, answer
from counterparts.vendors.store import Document, Store

FILTERED = frozenset({"id", "type", "lastUpdated", "lastMembershipUpdated"})
MOST = 10_000


def show(request: Request, store: Store, group: Document) -> dict[str, Any]:
    own = f"{request.base}/api/v1/groups/{group['id']}"
    shown = {**group, "_links": {"users": {"href": f"{own}/users"}, "apps": {"href": f"{own}/apps"}}}
    if request.query.get("expand") == "stats":
        stats = {
            "usersCount": len(membership.member_ids(store, group)),
            "appsCount": len(apps_of_group(store, group["id"])),
            "groupPushMappingsCount": 0,
        }
        shown["_embedded"] = {"stats": stats}
    return shown


def list_groups(request: Request, store: Store) -> Response:
    query = request.query
    groups = store.all(membership.GROUP)
    if "search" in query:
        matches = parse(query["search"])
        groups = [group for group in groups if matches(group)]
    if "filter" in query:
        matches = parse(query["filter"], attributes=FILTERED.__contains__)
        groups = [group for group in groups if matches(group)]
    if "q" in query:
        wanted = query["q"].casefold()
        groups = [group for group in groups if group["profile"]["name"].casefold().startswith(wanted)]
    if "sortBy" in query:
        backwards = query.get("sortOrder") == "desc"
        groups = sorted(groups, key=lambda g: str(value_at(g, query["sortBy"]) or ""), reverse=backwards)
    return page(request, groups, lambda group: show(request, store, group), usual=MOST, most=MOST)


def create(request: Request, store: Store) -> Response:
    profile = request.json.get("profile", {})
    _demand_name(store, profile)
    group = put(store, request.clock.text(), profile)
    log.note(request, store, "group.lifecycle.create", "Create Okta group", ("UserGroup", group))
    return answer(show(request, store, group))


def put(store: Store, now: str, profile: dict[str, Any], kind: str = "OKTA_GROUP") -> Document:
    identity = log.new_id("00g")
    return store.put(
        membership.GROUP,
        identity,
        {
            "id": identity,
            "created": now,
            "lastUpdated": now,
            "lastMembershipUpdated": now,
            "objectClass": ["okta:user_group"]
            if kind != "APP_GROUP"
            else ["okta:windows_security_principal"],
            "type": kind,
            "profile": {"description": None, **profile},
        },
    )


def _demand_name(store: Store, profile: dict[str, Any], *, identity: str | None = None) -> None:
    name = profile.get("name")
    if not name:
        raise errors.invalid("name", "The field cannot be left blank")
    if len(name) > 255:
        raise errors.invalid("name", "The field is too long")
    for other in store.all(membership.GROUP):
        if other["profile"]["name"] == name and other["id"] != identity and other["type"] == "OKTA_GROUP":
            raise errors.invalid("name", errors.MUST_BE_UNIQUE)


def read(request: Request, store: Store, group_id: str) -> Response:
    return answer(show(request, store, membership.find(store, group_id)))


def replace(request: Request, store: Store, group_id: str) -> Response:
    group = _own(store, group_id)
    profile = request.json.get("profile", {})
    _demand_name(store, profile, identity=group_id)
    profile = {"description": None, **profile}
    group = store.change(membership.GROUP, group_id, profile=profile, lastUpdated=request.clock.text())
    log.note(request, store, "group.profile.update", "Update Okta group", ("UserGroup", group))
    return answer(show(request, store, group))


def delete(request: Request, store: Store, group_id: str) -> Response:
    group = membership.find(store, group_id)
    if group["type"] == "BUILT_IN":
        raise errors.refused("E0000006")
    for kind in (membership.KIND, "appGroup", "groupOwner"):
        for identity, document in store.keys(kind):
            if document["groupId"] == group_id:
                store.remove(kind, identity)
    store.remove(membership.GROUP, group_id)
    log.note(request, store, "group.lifecycle.delete", "Delete Okta group", ("UserGroup", group))
    return answer(None, 204)


def _own(store: Store, group_id: str) -> Document:
    group = membership.find(store, group_id)
    if group["type"] != "OKTA_GROUP":
        raise errors.refused("E0000006")
    return group


def list_members(request: Request, store: Store, group_id: str) -> Response:
    ids = membership.member_ids(store, membership.find(store, group_id))
    users = [user for user in (store.get(people.KIND, identity) for identity in ids) if user]
    return page(request, users, lambda user: people.show(request, user), usual=1000, most=1000)


def add_member(request: Request, store: Store, group_id: str, user_id: str) -> Response:
    group = membership.find_for_change(store, group_id)
    membership.add(request, store, group, people.find(request, store, user_id))
    return answer(None, 204)


def remove_member(request: Request, store: Store, group_id: str, user_id: str) -> Response:
    group = membership.find_for_change(store, group_id)
    membership.remove(request, store, group, people.find(request, store, user_id))
    return answer(None, 204)


def list_of_user(request: Request, store: Store, identity: str) -> Response:
    user = people.find(request, store, identity)
    return answer([show(request, store, group) for group in membership.groups_of(store, user["id"])])


def list_owners(request: Request, store: Store, group_id: str) -> Response:
    membership.find(store, group_id)
    owners = [each for each in store.all("groupOwner") if each["groupId"] == group_id]
    return page(request, owners, _owner, usual=1000, most=1000)


def _owner(document: Document) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key != "groupId"}


def add_owner(request: Request, store: Store, group_id: str) -> Response:
    membership.find(store, group_id)
    user = people.find(request, store, request.json.get("id", ""))
    document = store.put(
        "groupOwner",
        membership.key(group_id, user["id"]),
        {
            "id": user["id"],
            "groupId": group_id,
            "type": request.json.get("type", "USER"),
            "resolved": True,
            "originType": "OKTA_DIRECTORY",
            "displayName": user["profile"].get("displayName") or user["profile"]["login"],
            "lastUpdated": request.clock.text(),
        },
    )
    return answer(_owner(document), 201)
