"""Members by rule: who fits comes into the group, who does not goes, when a user or the rule changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from counterparts.entra.graph import changes, directory, licences, rules
from counterparts.entra.graph.directory import MEMBER
from counterparts.entra.tenant import Tenant
from counterparts.vendors.store import Store

Document = Mapping[str, Any]


def settle_user(store: Store, tenant: Tenant, user: Document) -> None:
    for group in store.all("group"):
        if group.get("membershipRuleProcessingState") == "On":
            _settle(store, tenant, group, [user])


def settle_group(store: Store, tenant: Tenant, group: Document) -> None:
    """A group whose rule is paused keeps the members that it has."""
    if group.get("membershipRuleProcessingState") == "On":
        _settle(store, tenant, group, store.all("user"))


def _settle(store: Store, tenant: Tenant, group: Document, users: Iterable[Document]) -> None:
    fits = rules.parsed(group["membershipRule"])
    for user in users:
        belongs = directory.linked(store, MEMBER, group["id"], user["id"])
        if fits(user) == belongs:
            continue
        if belongs:
            directory.unlink(store, MEMBER, group["id"], user["id"])
        else:
            directory.link(store, MEMBER, group["id"], user["id"])
        removed = "deleted" if belongs else ""
        changes.note(store, "group", group["id"], member=user["id"], removed=removed)
        licences.settle(store, tenant, user)
