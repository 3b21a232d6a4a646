"""What a user or a group holds elsewhere: memberships, roles, licences."""

from __future__ import annotations

from counterparts.vendors.store import Store

MEMBERS = "members"
ROLE_ASSIGNMENTS = "roleAssignments"
LICENSES = "licenses"
SEATS = "seats"
ARCHIVED = "archivedUsers"
"""Among the seats: how many users can be archived."""


def forget(store: Store, identity: str) -> None:
    """Takes a user or group out of its groups, and its roles and licences away."""
    for each in store.all(MEMBERS):
        if each["memberId"] == identity:
            store.remove(MEMBERS, f"{each['groupId']}/{identity}")
    for each in store.all(ROLE_ASSIGNMENTS):
        if each["assignedTo"] == identity:
            store.remove(ROLE_ASSIGNMENTS, each["roleAssignmentId"])
    for each in store.all(LICENSES):
        if each["userId"] == identity:
            store.remove(LICENSES, f"{each['skuId']}/{identity}")


def seats(store: Store, sku: str) -> int:
    """How many are paid for."""
    return int((store.get(SEATS, sku) or {"seats": 0})["seats"])


def archives(store: Store) -> bool:
    """Whether one more user can be archived."""
    taken = sum(bool(each.get("archived")) for each in store.all("users"))
    return taken < seats(store, ARCHIVED)
