"""Many people at once: the control `crowd`."""

from __future__ import annotations

from typing import Any

from counterparts.google import customer, groups, holdings, people
from counterparts.google.seeds import BEGINNING
from counterparts.vendors.store import Store


def bring(body: Any, store: Store) -> Any:
    """{"count", "group"?} makes so many users, `person-00001` and on, and members of the group of them."""
    domain = customer.the(store)["customerDomain"]
    group = groups.the(store, body["group"])["id"] if "group" in body else None
    for number in range(1, int(body["count"]) + 1):
        name = {"givenName": "Person", "familyName": f"Number {number}"}
        address = f"person-{number:05d}@{domain}"
        given = {"primaryEmail": address, "name": name, "password": f"password {number}"}
        identity = people.create(store, given, BEGINNING)["id"]
        if group is not None:
            member = {"groupId": group, "memberId": identity, "type": "USER", "role": "MEMBER"}
            store.put(holdings.MEMBERS, f"{group}/{identity}", {**member, "delivery_settings": "ALL_MAIL"})
    return {"count": body["count"]}
