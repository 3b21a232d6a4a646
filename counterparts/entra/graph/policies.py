"""Claims mapping policies: https://learn.microsoft.com/graph/api/resources/claimsmappingpolicy."""

from __future__ import annotations

import json
from typing import Any

from counterparts.entra.errors import bad_request, not_found
from counterparts.entra.graph import directory
from counterparts.entra.graph.call import Call, nothing, odata
from counterparts.entra.graph.service_principals import LINK, POLICY
from counterparts.vendors.routes import Response


def listed(call: Call) -> Response:
    context = f"{call.base}/$metadata#policies/claimsMappingPolicies"
    return odata({"@odata.context": context, "value": call.store.all(POLICY)})


def read(call: Call, id: str) -> Response:  # noqa: A002
    context = f"{call.base}/$metadata#policies/claimsMappingPolicies/$entity"
    return odata({"@odata.context": context, **_found(call, id)})


def create(call: Call) -> Response:
    _check(call.body["definition"])
    document = {
        "id": directory.new_id(),
        "deletedDateTime": None,
        "definition": call.body["definition"],
        "displayName": call.body["displayName"],
        "isOrganizationDefault": call.body.get("isOrganizationDefault", False),
    }
    call.store.put(POLICY, document["id"], document)
    context = f"{call.base}/$metadata#policies/claimsMappingPolicies/$entity"
    return odata({"@odata.context": context, **document}, 201)


def update(call: Call, id: str) -> Response:  # noqa: A002
    document = _found(call, id)
    _check(call.body.get("definition", document["definition"]))
    call.store.put(POLICY, id, {**document, **call.body})
    return nothing()


def delete(call: Call, id: str) -> Response:  # noqa: A002
    _found(call, id)
    if any(each["target"] == id for each in call.store.all(LINK)):
        raise bad_request("The policy is assigned, and cannot be deleted.")
    call.store.remove(POLICY, id)
    return nothing()


def _found(call: Call, identifier: str) -> Any:
    document = call.store.get(POLICY, identifier)
    if document is None:
        raise not_found(identifier)
    return document


def _check(definition: list[str]) -> None:
    """Each definition is JSON in a text, with a schema of claims."""
    for each in definition:
        try:
            policy = json.loads(each)["ClaimsMappingPolicy"]
        except (ValueError, KeyError, TypeError) as error:
            raise bad_request("Property definition has an invalid value.") from error
        if policy.get("Version") != 1 or not isinstance(policy.get("ClaimsSchema", []), list):
            raise bad_request("Property definition has an invalid value.")
