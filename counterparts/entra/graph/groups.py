"""Groups: https://learn.microsoft.com/graph/api/resources/groups-overview."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from counterparts.entra.errors import (
    bad_request,
    denied,
    invalid_value,
    required,
    synced_from_on_premises,
    taken,
)
from counterparts.entra.graph import deleted, directory, dynamic, licences, members, rules
from counterparts.entra.graph.call import Call, nothing, odata
from counterparts.entra.graph.presenting import selected
from counterparts.entra.graph.writing import bound, living, merged, written
from counterparts.entra.permissions import GROUP_WRITE, ROLE_WRITE
from counterparts.entra.schema.group import GROUP
from counterparts.vendors.routes import Response

NEEDED = ("displayName", "mailEnabled", "mailNickname", "securityEnabled")
UNIFIED = "Unified"
DYNAMIC = "DynamicMembership"


def listed(call: Call) -> Response:
    return call.many(call.store.all("group"), GROUP)


def read(call: Call, id: str) -> Response:  # noqa: A002
    return call.one(GROUP, directory.find(call.store, id, ["group"]))


def create(call: Call) -> Response:
    fields = written(call.store, call.body, GROUP)
    for name in NEEDED:
        if fields.get(name) is None:
            raise required(name, "Group")
    _check_kind(fields)
    _check_unique(call, fields)
    if fields.get("isAssignableToRole") and not call.may(*ROLE_WRITE):
        raise denied()
    document = directory.create(call.store, "group", _new(call, fields))
    dynamic.settle_group(call.store, call.tenant, document)
    for name, relation in (("members", directory.MEMBER), ("owners", directory.OWNER)):
        for address in bound(call.body, name):
            target = directory.by_address(call.store, address)
            members.add_to(call, document, target, relation)
    shown = {"@odata.context": f"{call.base}/$metadata#groups/$entity", **selected(document, GROUP)}
    return odata(shown, 201, {"Location": f"{call.base}/groups/{document['id']}"})


def _check_kind(fields: Mapping[str, Any]) -> None:
    """Security, Microsoft 365, either with a rule; groups of Exchange cannot be written through Graph."""
    kinds = fields.get("groupTypes") or []
    if not set(kinds) <= {UNIFIED, DYNAMIC}:
        raise invalid_value("groupTypes", "Group")
    if UNIFIED in kinds and not fields.get("mailEnabled"):
        raise bad_request("Mail-enablement property must be set for groups of the type Unified.")
    if UNIFIED not in kinds and fields.get("mailEnabled"):
        raise bad_request(
            "The service does not currently support writes of mail-enabled groups. Please ensure that the"
            " mail-enablement property is unset and the security-enablement property is set."
        )
    if UNIFIED not in kinds and not fields.get("securityEnabled"):
        raise bad_request("A group without mail needs the security-enablement property to be set.")
    if (DYNAMIC in kinds) != bool(fields.get("membershipRule")):
        raise bad_request("One or more property values specified are invalid.")
    if DYNAMIC in kinds and fields.get("membershipRuleProcessingState") not in {"On", "Paused"}:
        raise required("membershipRuleProcessingState", "Group")
    if DYNAMIC in kinds:
        rules.parsed(fields["membershipRule"])
    if fields.get("isAssignableToRole") and (DYNAMIC in kinds or not fields.get("securityEnabled")):
        raise bad_request("A group that roles are assigned to is a security group with assigned members.")


def _check_unique(call: Call, fields: Mapping[str, Any], own: str = "") -> None:
    nickname = fields.get("mailNickname")
    if nickname is not None and (not nickname.isascii() or set(nickname) & set('@()\\[]";:<>, ')):
        raise invalid_value("mailNickname", "Group")
    if nickname is not None and UNIFIED in (fields.get("groupTypes") or []):
        address = f"{nickname}@{call.tenant.domains[0]}"
        if any(living(call.store, kind, "mail", address, apart_from=own) for kind in ("group", "user")):
            raise taken("mailNickname")
    if fields.get("uniqueName") and living(
        call.store, "group", "uniqueName", fields["uniqueName"], apart_from=own
    ):
        raise taken("uniqueName")


def _new(call: Call, fields: Mapping[str, Any]) -> dict[str, Any]:
    unified = UNIFIED in (fields.get("groupTypes") or [])
    mail = f"{fields['mailNickname']}@{call.tenant.domains[0]}" if unified else None
    now = call.tenant.now()
    return {
        "groupTypes": [],
        "visibility": "Public" if unified else None,
        "isAssignableToRole": None,
        **fields,
        "id": directory.new_id(),
        "mail": mail,
        "proxyAddresses": [f"SMTP:{mail}"] if mail else [],
        "createdDateTime": now,
        "renewedDateTime": now,
    }


def update(call: Call, id: str) -> Response:  # noqa: A002
    """Properties, or up to 20 members at once by `members@odata.bind`, all of them or none."""
    document = directory.find(call.store, id, ["group"])
    fields = written(call.store, call.body, GROUP, document)
    if "isAssignableToRole" in fields:
        raise bad_request("Property 'isAssignableToRole' cannot be changed after the group was created.")
    for name in NEEDED:
        if name in fields and fields[name] is None:
            raise invalid_value(name, "Group")
    if fields and not call.may(*GROUP_WRITE):
        raise denied()
    if fields:
        whole = {**document, **fields}
        if not _is_of_exchange(document):
            _check_kind(whole)
        _check_unique(call, {**fields, "groupTypes": whole.get("groupTypes")}, document["id"])
        changed = directory.change(call.store, document, **merged(document, fields))
        dynamic.settle_group(call.store, call.tenant, changed)
    for address in bound(call.body, "members"):
        members.add_to(call, document, directory.by_address(call.store, address), directory.MEMBER)
    return nothing()


def _is_of_exchange(document: Mapping[str, Any]) -> bool:
    return bool(document.get("mailEnabled")) and UNIFIED not in document["groupTypes"]


def delete(call: Call, id: str) -> Response:  # noqa: A002
    """A Microsoft 365 group can come back, a security group cannot."""
    document = directory.find(call.store, id, ["group"])
    if document.get("onPremisesSyncEnabled"):
        raise synced_from_on_premises()
    if _is_of_exchange(document):
        raise members.of_exchange()
    licensed = directory.targets(call.store, directory.MEMBER, document["id"])
    if UNIFIED in document["groupTypes"]:
        deleted.put_away(call, document)
    else:
        deleted.end(call, document)
    for each in licensed:
        licences.settle(call.store, call.tenant, each)
    return nothing()
