"""What keeps a user signed in: sessions, and the grants and refresh tokens of applications."""

from __future__ import annotations

from typing import Any

from counterparts.okta import errors, people
from counterparts.okta.leaving import GRANT, REFRESH_TOKEN, end_sessions
from counterparts.okta.paging import page
from counterparts.vendors.routes import Request, Response, answer
from counterparts.vendors.store import Document, Store


def clear(request: Request, store: Store, user_id: str) -> Response:
    user = people.find(request, store, user_id)
    end_sessions(request, store, user, tokens=request.query.get("oauthTokens") == "true")
    return answer(None, 204)


def _of(store: Store, kind: str, user: Document, client_id: str | None = None) -> list[Document]:
    return [
        each
        for each in store.all(kind)
        if each["userId"] == user["id"] and client_id in {None, each["clientId"]}
    ]


def _show(request: Request, document: Document) -> dict[str, Any]:
    links = {"client": {"href": f"{request.base}/oauth2/v1/clients/{document['clientId']}"}}
    return {"status": "ACTIVE", "issuer": request.base, **document, "_links": links}


def list_grants(request: Request, store: Store, user_id: str, client_id: str | None = None) -> Response:
    found = _of(store, GRANT, people.find(request, store, user_id), client_id)
    return page(request, found, lambda each: _show(request, each), usual=20, most=200)


def revoke_grants(request: Request, store: Store, user_id: str, client_id: str | None = None) -> Response:
    """With the tokens that were given on them."""
    user = people.find(request, store, user_id)
    for kind in (GRANT, REFRESH_TOKEN):
        for each in _of(store, kind, user, client_id):
            store.remove(kind, each["id"])
    return answer(None, 204)


def revoke_grant(request: Request, store: Store, user_id: str, grant_id: str) -> Response:
    user = people.find(request, store, user_id)
    if grant_id not in {each["id"] for each in _of(store, GRANT, user)}:
        raise errors.not_found(grant_id, "OAuth2ScopeConsentGrant")
    store.remove(GRANT, grant_id)
    return answer(None, 204)


def list_clients(request: Request, store: Store, user_id: str) -> Response:
    user = people.find(request, store, user_id)
    kinds = [*_of(store, GRANT, user), *_of(store, REFRESH_TOKEN, user)]
    clients = dict.fromkeys(each["clientId"] for each in kinds)
    return answer([{"client_id": client, "client_name": client, "client_uri": None} for client in clients])


def list_tokens(request: Request, store: Store, user_id: str, client_id: str) -> Response:
    found = _of(store, REFRESH_TOKEN, people.find(request, store, user_id), client_id)
    return page(request, found, lambda each: _show(request, each), usual=20, most=200)


def revoke_tokens(request: Request, store: Store, user_id: str, client_id: str) -> Response:
    for each in _of(store, REFRESH_TOKEN, people.find(request, store, user_id), client_id):
        store.remove(REFRESH_TOKEN, each["id"])
    return answer(None, 204)
