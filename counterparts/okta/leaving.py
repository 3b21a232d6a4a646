"""What ends with a user's access: sessions, tokens, roles, memberships, applications, factors, password."""

from __future__ import annotations

from counterparts.okta import log, membership
from counterparts.okta.people import move, set_password
from counterparts.vendors.routes import Request
from counterparts.vendors.store import Document, Store

SESSION = "session"
GRANT = "grant"
REFRESH_TOKEN = "refreshToken"  # noqa: S105 - the name of a kind
ROLE = "role"
FACTOR = "factor"


def remove_of(store: Store, kind: str, user_id: str) -> int:
    """All documents of the kind that have this `userId`; how many there were."""
    found = [document for document in store.all(kind) if document["userId"] == user_id]
    for document in found:
        store.remove(kind, document["id"])
    return len(found)


def end_sessions(request: Request, store: Store, user: Document, *, tokens: bool) -> None:
    remove_of(store, SESSION, user["id"])
    log.note(request, store, "user.session.clear", "Clear user session", ("User", user))
    if tokens:
        remove_of(store, REFRESH_TOKEN, user["id"])
        log.note(request, store, "app.oauth2.token.revoke", "Revoke OAuth tokens", ("User", user))


def deprovision(request: Request, store: Store, user: Document) -> Document:
    end_sessions(request, store, user, tokens=True)
    for kind in (GRANT, ROLE, FACTOR):
        remove_of(store, kind, user["id"])
    membership.forget(store, user)
    user = set_password(request, store, user, None)
    log.note(request, store, "user.lifecycle.deactivate", "Deactivate Okta user", ("User", user))
    return move(request, store, user, "DEPROVISIONED")
