"""Licences: https://learn.microsoft.com/graph/api/user-assignlicense, and by groups:
https://learn.microsoft.com/entra/identity/users/licensing-group-advanced.

A user's `licenseAssignmentStates` say where each comes from; `assignedLicenses` are those that are in force.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from counterparts.entra.errors import bad_request, malformed, not_found
from counterparts.entra.graph import directory
from counterparts.entra.graph.call import Call, odata
from counterparts.entra.graph.presenting import selected
from counterparts.entra.schema.group import GROUP
from counterparts.entra.schema.types import ResourceType, kinds, supports
from counterparts.entra.schema.user import USER
from counterparts.entra.tenant import Tenant
from counterparts.vendors.routes import Response
from counterparts.vendors.store import Store

Document = Mapping[str, Any]
SKU = ResourceType(
    name="SubscribedSku",
    cast="microsoft.graph.subscribedSku",
    collection="subscribedSkus",
    properties=kinds(
        text="id accountId accountName appliesTo capabilityStatus skuId skuPartNumber",
        number="consumedUnits",
        object="prepaidUnits",
        objects="servicePlans",
        texts="subscriptionIds",
    ),
    default=(
        "id",
        "accountId",
        "accountName",
        "appliesTo",
        "capabilityStatus",
        "consumedUnits",
        "skuId",
        "skuPartNumber",
        "subscriptionIds",
        "prepaidUnits",
        "servicePlans",
    ),
    filters=supports({"skuId skuPartNumber": ("eq", "")}),
)


def skus(call: Call) -> Response:
    return call.many([_with_consumed(call.store, each) for each in call.store.all("subscribedSku")], SKU)


def sku(call: Call, id: str) -> Response:  # noqa: A002
    document = call.store.get("subscribedSku", id)
    if document is None:
        raise not_found(id)
    return call.one(SKU, _with_consumed(call.store, document))


def details(call: Call, id: str) -> Response:  # noqa: A002
    """The plans of a user's licences."""
    user = directory.user(call.store, id)
    held = {each["skuId"] for each in user.get("assignedLicenses") or []}
    found = [
        {
            "id": each["id"],
            "skuId": each["skuId"],
            "skuPartNumber": each["skuPartNumber"],
            "servicePlans": each["servicePlans"],
        }
        for each in call.store.all("subscribedSku")
        if each["skuId"] in held
    ]
    return odata(
        {"@odata.context": f"{call.base}/$metadata#users('{user['id']}')/licenseDetails", "value": found}
    )


def assign(call: Call, id: str) -> Response:  # noqa: A002
    user = directory.user(call.store, id)
    added, removed = _asked(call)
    if added and not user.get("usageLocation"):
        raise bad_request("License assignment cannot be done for user with invalid usage location.")
    direct = {each["skuId"]: each for each in user.get("_licences") or []}
    for identifier in removed:
        if identifier not in direct:
            raise _not_direct(user, identifier)
        del direct[identifier]
    for licence in added:
        direct[licence["skuId"]] = licence
    changed = directory.change(call.store, user, _licences=list(direct.values()))
    changed = settle(call.store, call.tenant, changed)
    wanting = {each["skuId"] for each in added} - {each["skuId"] for each in changed["assignedLicenses"]}
    if wanting:
        raise bad_request(f"Subscription with SKU {min(wanting)} does not have any available licenses.")
    return odata({"@odata.context": f"{call.base}/$metadata#users/$entity", **selected(changed, USER)})


def _not_direct(user: Document, identifier: str) -> Exception:
    inherited = {each["skuId"] for each in user.get("assignedLicenses") or []}
    if identifier in inherited:
        return bad_request(
            "User license is inherited from a group membership and it cannot be removed directly from the"
            " user."
        )
    return bad_request("User does not have a corresponding license.")


def assign_to_group(call: Call, id: str) -> Response:  # noqa: A002
    """Its members get what there is, in the order in which they came; who goes without has an error state."""
    group = directory.find(call.store, id, ["group"])
    added, removed = _asked(call)
    held = {each["skuId"]: each for each in group.get("assignedLicenses") or []}
    for identifier in removed:
        if held.pop(identifier, None) is None:
            raise bad_request("Group does not have a corresponding license.")
    held |= {each["skuId"]: each for each in added}
    changed = directory.change(call.store, group, assignedLicenses=list(held.values()))
    for member in directory.targets(call.store, directory.MEMBER, group["id"]):
        settle(call.store, call.tenant, member)
    shown = selected(changed, GROUP)
    return odata({"@odata.context": f"{call.base}/$metadata#groups/$entity", **shown}, 202)


def _asked(call: Call) -> tuple[list[dict[str, Any]], list[str]]:
    for name in ("addLicenses", "removeLicenses"):
        if not isinstance(call.body.get(name), list):
            raise malformed(
                "One or more parameters of the operation 'assignLicense' are missing from the request"
                f" payload. The missing parameters are: {name}."
            )
    removed = [str(each).lower() for each in call.body["removeLicenses"]]
    added = [
        {"skuId": str(each["skuId"]).lower(), "disabledPlans": each.get("disabledPlans", [])}
        for each in call.body["addLicenses"]
    ]
    for licence in added:
        _check(call.store, licence)
    return added, removed


def _check(store: Store, licence: Mapping[str, Any]) -> None:
    known = next((each for each in store.all("subscribedSku") if each["skuId"] == licence["skuId"]), None)
    if known is None:
        raise bad_request(f"License {licence['skuId']} does not correspond to a valid company License.")
    plans = {each["servicePlanId"] for each in known["servicePlans"]}
    if unknown := {str(each).lower() for each in licence["disabledPlans"]} - plans:
        raise bad_request(f"Plan {min(unknown)} is not part of license {licence['skuId']}.")


def settle(store: Store, tenant: Tenant, user: Document) -> Document:
    """Bring what a user holds in line with what is assigned to it and to its groups, as far as units last."""
    if user.get(directory.KIND) != "user":
        return user
    present = store.get("user", user["id"]) or user
    states = []
    held: dict[str, dict[str, Any]] = {}
    before = {each["skuId"] for each in present.get("assignedLicenses") or []}
    for group, licence in _sources(store, present):
        identifier = licence["skuId"]
        error = _error(store, present, identifier, has=identifier in held or identifier in before)
        if error == "None":
            held[identifier] = {**licence}
        states.append(
            {
                **licence,
                "assignedByGroup": group,
                "state": "Active" if error == "None" else "Error",
                "error": error,
                "lastUpdatedDateTime": tenant.now(),
            }
        )
    if held == {each["skuId"]: each for each in present.get("assignedLicenses") or []} and len(states) == len(
        present.get("licenseAssignmentStates") or []
    ):
        return present
    return directory.change(
        store, present, assignedLicenses=list(held.values()), licenseAssignmentStates=states
    )


def _sources(store: Store, user: Document) -> list[tuple[str | None, Mapping[str, Any]]]:
    found: list[tuple[str | None, Mapping[str, Any]]] = [(None, each) for each in user.get("_licences") or []]
    for group in directory.sources(store, directory.MEMBER, user["id"]):
        found += [(group["id"], each) for each in group.get("assignedLicenses") or []]
    return found


def _error(store: Store, user: Document, identifier: str, *, has: bool) -> str:
    if not has and not user.get("usageLocation"):
        return "ProhibitedInUsageLocationViolation"
    known = next((each for each in store.all("subscribedSku") if each["skuId"] == identifier), None)
    if known is None:
        return "Other"
    if not has and _consumed(store, identifier) >= known["prepaidUnits"]["enabled"]:
        return "CountViolation"
    return "None"


def _consumed(store: Store, identifier: str) -> int:
    return sum(
        any(each["skuId"] == identifier for each in user.get("assignedLicenses") or [])
        for user in store.all("user")
    )


def _with_consumed(store: Store, document: Document) -> Document:
    return {**document, "consumedUnits": _consumed(store, document["skuId"])}
