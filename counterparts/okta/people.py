"""Users as they are kept, and how they are found and shown."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from counterparts.okta import errors
from counterparts.okta.schema import REQUIRED, demand_known
from counterparts.vendors.routes import Request
from counterparts.vendors.store import Document, Store

KIND = "user"
PASSWORDS = "_passwords"
OPERATIONS: dict[str, tuple[str, ...]] = {
    "STAGED": ("activate", "deactivate"),
    "PROVISIONED": ("reactivate", "deactivate", "resetPassword"),
    "ACTIVE": ("suspend", "resetPassword", "expirePassword", "deactivate"),
    "RECOVERY": ("resetPassword", "deactivate"),
    "PASSWORD_EXPIRED": ("resetPassword", "expirePassword", "deactivate"),
    "LOCKED_OUT": ("unlock", "resetPassword", "deactivate"),
    "SUSPENDED": ("unsuspend", "deactivate"),
    "DEPROVISIONED": ("activate", "delete"),
}


def find(request: Request, store: Store, identity: str) -> Document:
    """By id, login, the login's part before the `@` where one person alone has it, or `me`. 404 else."""
    if identity == "me" and request.principal:
        identity = request.principal.subject
    if user := store.get(KIND, identity):
        return user
    wanted = identity.casefold()
    users = store.all(KIND)
    named = [user for user in users if user["profile"]["login"].casefold() == wanted]
    named = named or [u for u in users if u["profile"]["login"].casefold().partition("@")[0] == wanted]
    if len(named) == 1:
        return named[0]
    raise errors.not_found(identity, "User")


def demand_profile(store: Store, profile: Mapping[str, Any], *, identity: str | None = None) -> None:
    """Raises `Refused` (400) for a whole profile that Okta does not take; `identity` is whose it will be."""
    demand_known(store, profile)
    for name in REQUIRED:
        if not profile.get(name):
            raise errors.invalid(name, "The field cannot be left blank")
    login = profile["login"].casefold()
    if "@" not in login.strip("@"):
        raise errors.invalid("login", "Username must be in the form of an email address")
    for other in store.all(KIND):
        if other["id"] != identity and other["profile"]["login"].casefold() == login:
            raise errors.invalid("login", errors.MUST_BE_UNIQUE)


def move(request: Request, store: Store, user: Document, status: str, **more: Any) -> Document:
    """The user with this status."""
    now = request.clock.text()
    return store.change(KIND, user["id"], status=status, statusChanged=now, lastUpdated=now, **more)


def demand_status(user: Document, *statuses: str) -> None:
    if user["status"] not in statuses:
        raise errors.refused("E0000038")


def demand_there(user: Document) -> None:
    """A deactivated user is found when it is read or deleted, and by nothing that changes it."""
    if user["status"] == "DEPROVISIONED":
        raise errors.not_found(user["id"], "User")


def set_password(request: Request, store: Store, user: Document, password: str | None) -> Document:
    """Without one, the user has none any more."""
    if password is None:
        store.remove(PASSWORDS, user["id"])
        return store.change(KIND, user["id"], passwordChanged=None)
    store.put(PASSWORDS, user["id"], {"hash": _hash(user["id"], password)})
    return store.change(KIND, user["id"], passwordChanged=request.clock.text())


def has_password(store: Store, user: Document) -> bool:
    return store.get(PASSWORDS, user["id"]) is not None


def password_is(store: Store, user: Document, password: str) -> bool:
    kept = store.get(PASSWORDS, user["id"])
    return kept is not None and kept["hash"] == _hash(user["id"], password)


def _hash(identity: str, password: str) -> str:
    return hashlib.scrypt(password.encode(), salt=identity.encode(), n=2**4, r=8, p=1).hex()


def show(request: Request, user: Document) -> dict[str, Any]:
    own = f"{request.base}/api/v1/users/{user['id']}"
    shown = {key: value for key, value in user.items() if key != "password"}
    links: dict[str, Any] = {"self": {"href": own}}
    for name in OPERATIONS[user["status"]]:
        path = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
        method, href = ("DELETE", own) if name == "delete" else ("POST", f"{own}/lifecycle/{path}")
        links[name] = {"href": href, "method": method}
    credentials = {"provider": {"type": "OKTA", "name": "OKTA"}}
    if user.get("passwordChanged"):
        credentials["password"] = {}
    return {**shown, "credentials": credentials, "_links": links}
