"""Okta's System Log: what was done, by whom, to what."""

from __future__ import annotations

import secrets
import string
import uuid

from counterparts.okta.filters import parse
from counterparts.okta.paging import page
from counterparts.vendors.routes import Request, Response
from counterparts.vendors.store import Document, Store

LETTERS = string.ascii_letters + string.digits
Target = tuple[str, Document]
"""Its type (`User`) and the document."""


def new_id(prefix: str) -> str:
    """Twenty characters that begin with what says the kind, as `00u`."""
    return prefix + "".join(secrets.choice(LETTERS) for _ in range(20 - len(prefix)))


def note(request: Request, store: Store, event: str, message: str, *targets: Target) -> None:
    identity = str(uuid.uuid4())
    who = request.principal.subject if request.principal else "system"
    service = store.get("user", who) is None
    store.put(
        "log",
        identity,
        {
            "uuid": identity,
            "published": request.clock.text(),
            "eventType": event,
            "version": "0",
            "severity": "INFO",
            "displayMessage": message,
            "actor": {"id": who, "type": "PublicClientApp" if service else "User", "displayName": who},
            "outcome": {"result": "SUCCESS"},
            "target": [_target(kind, document) for kind, document in targets],
        },
    )


def _target(kind: str, document: Document) -> Document:
    profile = document.get("profile") or {}
    name = profile.get("login") or profile.get("name") or document.get("label") or document["id"]
    shown = profile.get("displayName") or name
    return {"id": document["id"], "type": kind, "alternateId": name, "displayName": shown}


def list_events(request: Request, store: Store) -> Response:
    query = request.query
    found = store.all("log")
    if "filter" in query:
        matches = parse(query["filter"])
        found = [event for event in found if matches(event)]
    if "since" in query:
        found = [event for event in found if event["published"] >= query["since"]]
    if "until" in query:
        found = [event for event in found if event["published"] <= query["until"]]
    for word in query.get("q", "").casefold().split():
        found = [event for event in found if word in str(event).casefold()]
    if query.get("sortOrder") == "DESCENDING":
        found = found[::-1]
    return page(request, found, usual=100, most=1000, always_next="until" not in query)
