"""How a user signs in, and what of it is still open: the password, sessions, application passwords, tokens
given to applications, verification codes.

Users' own doings (signing in, letting an application in) have no API: tests ask for them by controls.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Any

from counterparts.vendors.store import Document, Store

PASSWORDS = "_passwords"
SESSIONS = "sessions"
OF_USERS = ("tokens", "asps", "verificationCodes")
"""Documents that have the user's id as `userKey` or `userId`."""


def set_password(store: Store, identity: str, password: str, function: str | None) -> None:
    """Ends sessions and application passwords, as a new password does
    (https://support.google.com/a/answer/2537800).
    """
    salt = secrets.token_hex(16)
    kept = password.lower() if function in {"MD5", "SHA-1"} else password
    store.put(PASSWORDS, identity, {"salt": salt, "hash": _hash(salt, kept), "function": function})
    end_sessions(store, identity)
    for asp in of_user(store, "asps", identity):
        store.remove("asps", f"{identity}/{asp['codeId']}")


def end_sessions(store: Store, identity: str) -> None:
    store.put(SESSIONS, identity, {"id": identity, "open": 0})


def of_user(store: Store, kind: str, identity: str) -> list[Document]:
    owner = "userId" if kind == "verificationCodes" else "userKey"
    return [each for each in store.all(kind) if each[owner] == identity]


def forget(store: Store, identity: str) -> None:
    """All that a deleted user had open."""
    end_sessions(store, identity)
    for kind, key in zip(OF_USERS, ("clientId", "codeId", "verificationCode"), strict=True):
        for each in of_user(store, kind, identity):
            store.remove(kind, f"{identity}/{each[key]}")


def why_not(store: Store, user: Document | None, password: str | None) -> str | None:
    """Why nobody gets in with this password; None where somebody does. Without a password, whether the
    account is open at all.
    """
    if user is None:
        return "unknown"
    for state in ("archived", "suspended"):
        if user.get(state):
            return state
    known = store.get(PASSWORDS, user["id"])
    if password is not None and (known is None or not _is(known, password)):
        return "password"
    return None


def _is(known: Document, password: str) -> bool:
    functions = {"MD5": hashlib.md5, "SHA-1": hashlib.sha1}
    if known["function"] == "crypt":
        raise ValueError("passwords that came as crypt are not tried")
    if known["function"] in functions:
        password = functions[known["function"]](password.encode(), usedforsecurity=False).hexdigest()
    return hmac.compare_digest(known["hash"], _hash(known["salt"], password))


def _hash(salt: str, password: str) -> str:
    return hashlib.sha256(f"{salt}:{password}".encode()).hexdigest()


def sign_in(body: Any, store: Store) -> Any:
    """The control `sign_in`: {"user", "password"?} gives {"allowed", "why"}; a session is open afterwards."""
    from counterparts.google import addresses

    user = addresses.find(store, addresses.USERS, body["user"])
    why = why_not(store, user, body.get("password"))
    if why is None and user is not None:
        opened = (store.get(SESSIONS, user["id"]) or {"open": 0})["open"] + 1
        store.put(SESSIONS, user["id"], {"id": user["id"], "open": opened})
    return {"allowed": why is None, "why": why}
