"""Who is in which group. Everybody is in Everyone; rules add some, people others."""

from __future__ import annotations

from typing import Any

from counterparts.okta import errors, log
from counterparts.vendors.routes import Request
from counterparts.vendors.store import Document, Store

GROUP = "group"
KIND = "membership"


def find(store: Store, identity: str) -> Document:
    group = store.get(GROUP, identity)
    if group is None:
        raise errors.not_found(identity, "UserGroup")
    return group


def find_for_change(store: Store, identity: str) -> Document:
    """A group whose members may be changed; others belong to Okta or to an application."""
    group = find(store, identity)
    if group["type"] == "BUILT_IN":
        raise errors.refused("E0000060")
    if group["type"] != "OKTA_GROUP":
        raise errors.refused("E0000006")
    return group


def key(group_id: str, user_id: str) -> str:
    return f"{group_id}/{user_id}"


def is_member(store: Store, group: Document, user_id: str) -> bool:
    return group["type"] == "BUILT_IN" or store.get(KIND, key(group["id"], user_id)) is not None


def member_ids(store: Store, group: Document) -> list[str]:
    if group["type"] == "BUILT_IN":
        return [user["id"] for user in store.all("user")]
    return [each["userId"] for each in store.all(KIND) if each["groupId"] == group["id"]]


def groups_of(store: Store, user_id: str) -> list[Document]:
    return [group for group in store.all(GROUP) if is_member(store, group, user_id)]


def put(store: Store, group_id: str, user_id: str, **how: Any) -> None:
    """`how`: `manual` for whom somebody added, `rules` for the ids of the rules that did."""
    old = store.get(KIND, key(group_id, user_id)) or {"manual": False, "rules": []}
    store.put(KIND, key(group_id, user_id), {**old, "groupId": group_id, "userId": user_id, **how})


def add(request: Request, store: Store, group: Document, user: Document) -> None:
    if user["status"] == "DEPROVISIONED":
        raise errors.refused("E0000038")
    known = store.get(KIND, key(group["id"], user["id"]))
    put(store, group["id"], user["id"], manual=True)
    if known is None:
        touch(request, store, group)
        log.note(
            request, store, "group.user_membership.add", "Add user to group membership", *_both(user, group)
        )


def remove(request: Request, store: Store, group: Document, user: Document) -> None:
    """Whoever is removed from a rule's group is one of the rule's exceptions from then on."""
    known = store.get(KIND, key(group["id"], user["id"]))
    if known is None:
        return
    for rule_id in known["rules"]:
        rule = store.get("rule", rule_id)
        if rule is not None:
            store.change("rule", rule_id, excluded=[*rule["excluded"], user["id"]])
    store.remove(KIND, key(group["id"], user["id"]))
    touch(request, store, group)
    log.note(
        request,
        store,
        "group.user_membership.remove",
        "Remove user from group membership",
        *_both(user, group),
    )


def touch(request: Request, store: Store, group: Document) -> None:
    store.change(GROUP, group["id"], lastMembershipUpdated=request.clock.text())


def forget(store: Store, user: Document) -> None:
    """Out of all groups and applications."""
    for kind in (KIND, "appUser"):
        for identity, document in store.keys(kind):
            if document["userId"] == user["id"]:
                store.remove(kind, identity)


def _both(user: Document, group: Document) -> tuple[log.Target, log.Target]:
    return ("User", user), ("UserGroup", group)
