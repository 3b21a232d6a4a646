"""E-mails that Okta sends: kept, so that tests see whom it told what."""

from __future__ import annotations

from counterparts.okta.log import new_id
from counterparts.vendors.routes import Request
from counterparts.vendors.store import Document, Store


def send(request: Request, store: Store, user: Document, about: str) -> None:
    identity = new_id("eml")
    to = user["profile"]["email"]
    store.put("mail", identity, {"id": identity, "to": to, "about": about, "at": request.clock.text()})
