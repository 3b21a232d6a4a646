"""The Groups Settings API.

https://developers.google.com/workspace/admin/groups-settings/v1/reference/groups
"""

from __future__ import annotations

from typing import Any

from counterparts.google import groups
from counterparts.google.failures import invalid, refused
from counterparts.google.merging import without_nulls
from counterparts.vendors.routes import Request, Response, answer
from counterparts.vendors.store import Document, Store

Json = dict[str, Any]
KIND = "groupSettings"
USUAL: Json = {
    "whoCanJoin": "CAN_REQUEST_TO_JOIN",
    "whoCanViewMembership": "ALL_IN_DOMAIN_CAN_VIEW",
    "whoCanViewGroup": "ALL_IN_DOMAIN_CAN_VIEW",
    "whoCanPostMessage": "ALL_IN_DOMAIN_CAN_POST",
    "whoCanLeaveGroup": "ALL_MEMBERS_CAN_LEAVE",
    "whoCanContactOwner": "ALL_IN_DOMAIN_CAN_CONTACT",
    "whoCanModerateMembers": "OWNERS_AND_MANAGERS",
    "whoCanModerateContent": "OWNERS_AND_MANAGERS",
    "whoCanDiscoverGroup": "ALL_IN_DOMAIN_CAN_DISCOVER",
    "allowExternalMembers": "false",
    "allowWebPosting": "true",
    "isArchived": "false",
    "archiveOnly": "false",
    "messageModerationLevel": "MODERATE_NONE",
    "spamModerationLevel": "MODERATE",
    "replyTo": "REPLY_TO_IGNORE",
    "includeInGlobalAddressList": "true",
    "enableCollaborativeInbox": "false",
    "maxMessageBytes": 26214400,
}
"""Of a new group."""
JOINING = frozenset({"ALL_IN_DOMAIN_CAN_JOIN", "ANYONE_CAN_JOIN", "CAN_REQUEST_TO_JOIN", "INVITED_CAN_JOIN"})
OWN = frozenset({"kind", "email", "name", "description"})
"""What the group itself says."""


def get(request: Request, store: Store, group_unique_id: str) -> Response:
    _demand_json(request)
    return answer(_view(store, groups.the(store, group_unique_id)))


def change(request: Request, store: Store, group_unique_id: str) -> Response:
    """`update` and `patch`: both leave what is not named."""
    _demand_json(request)
    group = groups.the(store, group_unique_id)
    given = without_nulls(request.json)
    if given.get("whoCanJoin", "ANYONE_CAN_JOIN") not in JOINING:
        raise invalid("whoCanJoin")
    settings = {name: value for name, value in given.items() if name not in OWN}
    store.put(KIND, group["id"], {**(store.get(KIND, group["id"]) or {}), **settings})
    shown = {name: given[name] for name in ("name", "description") if name in given}
    return answer(_view(store, store.change(groups.KIND, group["id"], **shown)))


def _demand_json(request: Request) -> None:
    """Without `alt=json` this API answers in Atom, which is not played here."""
    if request.query.get("alt") != "json":
        raise refused(400, "badRequest", "alt=json is needed")


def _view(store: Store, group: Document) -> Json:
    return {
        "kind": "groupsSettings#groups",
        "email": group["email"],
        "name": group["name"],
        "description": group["description"],
        **USUAL,
        **(store.get(KIND, group["id"]) or {}),
    }
