"""Users as documents: created, changed, deleted, brought back.

https://developers.google.com/workspace/admin/directory/v1/guides/manage-users
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from counterparts.google import addresses, holdings, ids, profiles, sign_ins, units
from counterparts.google.failures import duplicate, invalid, not_found, refused, unmet
from counterparts.google.merging import merged, without_nulls
from counterparts.vendors.store import Document, Store

Json = dict[str, Any]
KIND = addresses.USERS
DELETED = "deletedUsers"
TEST_DOMAIN = ".test-google-a.com"
"""At the end of the domain of an address that every account has beside its own."""
RESTORABLE = dt.timedelta(days=20)
OWN = frozenset(
    {
        "agreedToTerms", "aliases", "archivalTime", "creationTime", "customerId", "deletionTime", "emails",
        "etag", "hashFunction", "id", "isAdmin", "isDelegatedAdmin", "isEnforcedIn2Sv", "isEnrolledIn2Sv",
        "isMailboxSetup", "kind", "lastLoginTime", "nonEditableAliases", "orgUnitPath", "password",
        "primaryEmail", "suspensionReason", "suspensionTime", "thumbnailPhotoEtag", "thumbnailPhotoUrl",
    }
)  # fmt: skip
"""What is not taken from a body as it stands there."""


def the(store: Store, key: str, parameter: str = "userKey") -> Document:
    """The user with this id, address or alias. Raises `Refused`: 404."""
    found = addresses.find(store, KIND, key)
    if found is None:
        raise not_found(parameter)
    return found


def create(store: Store, body: Mapping[str, Any], now: str) -> Document:
    """Raises `Refused` where Google does."""
    given = without_nulls(body)
    profiles.check(store, given)
    password = given.get("password") or ""
    profiles.check_password(password, given.get("hashFunction"))
    identity = ids.user_id()
    address = addresses.claimed(store, given["primaryEmail"], KIND, identity, what="primary_user_email")
    user: Json = {
        "id": identity,
        "primaryEmail": address,
        "creationTime": now,
        "lastLoginTime": "1970-01-01T00:00:00.000Z",
        "agreedToTerms": False,
        "isMailboxSetup": True,
        "isEnrolledIn2Sv": False,
        "suspended": False,
        "archived": False,
        "changePasswordAtNextLogin": False,
        "ipWhitelisted": False,
        "includeInGlobalAddressList": True,
        "aliases": [],
        "orgUnitId": _unit(store, given.get("orgUnitPath") or "/"),
        **_taken(given),
    }
    user["emails"] = _further_addresses(given.get("emails") or [], user)
    sign_ins.set_password(store, identity, password, given.get("hashFunction"))
    return store.put(KIND, identity, _in_state({}, user, store, now))


def change(store: Store, user: Document, body: Mapping[str, Any], now: str, *, clears: bool) -> Document:
    """The user with what the body names. Without `clears` (`users.patch`) lists are not emptied, as Google
    says. Raises `Refused`.
    """
    given = {name: value for name, value in body.items() if clears or value or name not in profiles.LISTS}
    new = merged(user, _taken(given))
    profiles.check(store, new)
    if given.get("orgUnitPath"):
        new["orgUnitId"] = _unit(store, given["orgUnitPath"])
    if given.get("password"):
        profiles.check_password(given["password"], given.get("hashFunction"))
        sign_ins.set_password(store, user["id"], given["password"], given.get("hashFunction"))
    if given.get("primaryEmail"):
        new |= _renamed(store, user, given["primaryEmail"])
    if "emails" in given:
        new["emails"] = _further_addresses(given["emails"] or [], new)
    return store.put(KIND, user["id"], _in_state(user, new, store, now))


def delete(store: Store, user: Document, now: str) -> None:
    """The address is free at once; groups, roles, licences and what was open go with the user."""
    store.remove(KIND, user["id"])
    for address in (user["primaryEmail"], *user["aliases"]):
        addresses.free(store, address)
    holdings.forget(store, user["id"])
    sign_ins.forget(store, user["id"])
    store.put(DELETED, user["id"], {**user, "deletionTime": now})


def undelete(store: Store, identity: str, unit_path: str | None, now: str) -> None:
    """Raises `Refused`: 404 where nobody of this id was deleted within 20 days, 409 where the address was
    taken again.
    """
    user = store.get(DELETED, identity)
    if user is None or dt.datetime.fromisoformat(user["deletionTime"]) + RESTORABLE < _time(now):
        raise not_found("userKey")
    if store.get(addresses.KIND, user["primaryEmail"]):
        raise duplicate()
    addresses.claimed(store, user["primaryEmail"], KIND, identity, what="primary_user_email")
    kept = [address for address in user["aliases"] if store.get(addresses.KIND, address) is None]
    for address in kept:
        addresses.claimed(store, address, KIND, identity, what="alias")
    restored = {name: value for name, value in user.items() if name != "deletionTime"}
    store.remove(DELETED, identity)
    store.put(KIND, identity, {**restored, "aliases": kept, "orgUnitId": _unit(store, unit_path or "/")})


def managers(store: Store, user: Document) -> list[Document]:
    """The chain above the user, the nearest first; it ends where it comes round."""
    chain: list[Document] = []
    seen = {user["id"]}
    at: Document | None = user
    while at is not None and (at := _manager(store, at)) is not None and at["id"] not in seen:
        seen.add(at["id"])
        chain.append(at)
    return chain


def _manager(store: Store, user: Document) -> Document | None:
    entry = next((each for each in user.get("relations") or () if each.get("type") == "manager"), None)
    return None if entry is None else addresses.find(store, KIND, str(entry["value"]))


def _taken(given: Mapping[str, Any]) -> Json:
    return {name: value for name, value in given.items() if name not in OWN}


def _unit(store: Store, path: str) -> str:
    unit = units.find(store, path)
    if unit is None:
        raise invalid("INVALID_OU_ID")
    return str(unit["id"])


def _renamed(store: Store, user: Document, address: str) -> Json:
    """The old address becomes an alias."""
    if address.lower() == user["primaryEmail"]:
        return {}
    kept = [each for each in user["aliases"] if each != address.lower()]
    if address.lower() in user["aliases"]:
        addresses.free(store, address)
    new = addresses.claimed(store, address, KIND, user["id"], what="primary_user_email")
    return {"primaryEmail": new, "aliases": [*kept, user["primaryEmail"]]}


def _further_addresses(given: Any, user: Json) -> list[Json]:
    """Those that are not Google's own accounts of the user."""
    if not isinstance(given, list):
        raise invalid("emails")
    own = {user["primaryEmail"], *user["aliases"]}
    return [
        each
        for each in given
        if str(each.get("address", "")).lower() not in own and not str(each["address"]).endswith(TEST_DOMAIN)
    ]


def _in_state(old: Document, new: Json, store: Store, now: str) -> Json:
    """`new` with what follows from being suspended or archived, or no longer."""
    if new.get("suspended") and not old.get("suspended"):
        new |= {"suspensionReason": "ADMIN", "suspensionTime": now}
        sign_ins.end_sessions(store, new["id"])
    if old.get("suspended") and not new.get("suspended"):
        if old.get("suspensionReason") != "ADMIN":
            raise unmet("Cannot restore a user suspended for abuse.")
        new = {name: each for name, each in new.items() if not name.startswith("suspension")}
    if new.get("archived") and not old.get("archived"):
        if not holdings.archives(store):
            raise refused(412, "conditionNotMet", "Insufficient archived user licenses")
        new["archivalTime"] = now
        sign_ins.end_sessions(store, new["id"])
    if old.get("archived") and not new.get("archived"):
        new.pop("archivalTime", None)
    return new


def _time(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)
