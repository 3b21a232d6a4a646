"""What an organization has from the start."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from counterparts.okta import apps, groups, log
from counterparts.okta.access import add_api_token
from counterparts.okta.people import KIND
from counterparts.vendors.clock import Clock
from counterparts.vendors.store import Document, Store

ADMINISTRATOR = "administrator@okta.example"


def put_user(store: Store, now: str, login: str, status: str, **profile: Any) -> Document:
    identity = log.new_id("00u")
    usual = {"login": login, "email": login, "firstName": login.partition("@")[0], "lastName": "Example"}
    return store.put(
        KIND,
        identity,
        {
            "id": identity,
            "status": status,
            "created": now,
            "activated": None if status == "STAGED" else now,
            "statusChanged": now,
            "lastLogin": None,
            "lastUpdated": now,
            "passwordChanged": None,
            "type": {"id": "oty1officeflowfake00"},
            "profile": {**usual, **profile},
        },
    )


def seeds(
    clock: Clock, secret: str, names: Iterable[str], applications: Iterable[str] = ()
) -> Callable[[Store], None]:
    """An administrator whose SSWS token is the counterpart's secret, Everyone, groups of these names, and a
    bookmark for each of the applications.
    """
    wanted, labels = tuple(names), tuple(applications)

    def fill(store: Store) -> None:
        administrator = put_user(store, clock.text(), ADMINISTRATOR, "ACTIVE")
        add_api_token(store, secret, "SUPER_ADMIN", administrator["id"])
        everyone = {"name": "Everyone", "description": "All users in your organization"}
        groups.put(store, clock.text(), everyone, "BUILT_IN")
        for name in wanted:
            groups.put(store, clock.text(), {"name": name})
        for label in labels:
            bookmark = {"label": label, "signOnMode": "BOOKMARK"}
            settings = {"app": {"url": f"https://{label.lower()}.acme.example", "requestIntegration": False}}
            apps.put(store, clock.text(), {**bookmark, "settings": settings})

    return fill
