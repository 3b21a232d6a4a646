"""To whom a profile of inbound SSO applies: an organizational unit, or a group by rank.

https://cloud.google.com/identity/docs/reference/rest/v1/inboundSsoAssignments
"""

from __future__ import annotations

from typing import Any

from counterparts.google import addresses, customer, ids, units
from counterparts.google.failures import invalid
from counterparts.google.merging import masked
from counterparts.google.sso import (
    PROFILES,
    demand_customer,
    exists,
    listed,
    operation,
    the,
    written,
)  # fmt: skip
from counterparts.vendors.routes import Request, Response, answer
from counterparts.vendors.store import Document, Store

Json = dict[str, Any]
KIND = "inboundSsoAssignments"
MODES = frozenset({"SSO_OFF", "SAML_SSO", "DOMAIN_WIDE_SAML_IF_ENABLED"})
TAKEN = frozenset({"rank", "samlSsoInfo", "ssoMode", "signInBehavior", "targetGroup", "targetOrgUnit"})


def list_(request: Request, store: Store) -> Response:
    return answer(listed(request, store, KIND, dict))


def get(request: Request, store: Store, inbound_sso_assignments_id: str) -> Response:
    del request
    return answer(dict(the(store, KIND, f"{KIND}/{inbound_sso_assignments_id}")))


def create(request: Request, store: Store) -> Response:
    demand_customer(store, request.json)
    given = {name: value for name, value in request.json.items() if name in TAKEN}
    _check(store, given)
    target = {name: given.get(name) for name in ("targetGroup", "targetOrgUnit")}
    if any({name: each.get(name) for name in target} == target for each in store.all(KIND)):
        raise exists()
    name = f"{KIND}/{ids.name()}"
    document = {"name": name, "customer": f"customers/{customer.the(store)['id']}", **given}
    return written(store, "InboundSsoAssignment", lambda: _put(store, document))


def patch(request: Request, store: Store, inbound_sso_assignments_id: str) -> Response:
    old = the(store, KIND, f"{KIND}/{inbound_sso_assignments_id}")
    given = {name: value for name, value in request.json.items() if name in TAKEN}
    new = masked(old, given, request.query.get("updateMask", ""))
    if any(new.get(name) != old.get(name) for name in ("targetGroup", "targetOrgUnit")):
        raise invalid("target")
    if new.get("ssoMode") != "SAML_SSO":
        new.pop("samlSsoInfo", None)
    _check(store, new)
    return written(store, "InboundSsoAssignment", lambda: _put(store, new))


def delete(request: Request, store: Store, inbound_sso_assignments_id: str) -> Response:
    del request
    store.remove(KIND, the(store, KIND, f"{KIND}/{inbound_sso_assignments_id}")["name"])
    return answer(operation(None))


def _put(store: Store, new: Json) -> Json:
    """Another group of the same rank and those after it come one further down."""
    if new.get("targetGroup"):
        _make_room(store, new["rank"], new["name"])
    return dict(store.put(KIND, new["name"], new))


def _make_room(store: Store, rank: int, name: str) -> None:
    others = [each for each in store.all(KIND) if each.get("targetGroup") and each["name"] != name]
    for each in sorted(others, key=lambda other: int(other["rank"])):
        if each["rank"] == rank:
            rank += 1
            store.change(KIND, each["name"], rank=rank)


def _check(store: Store, given: Json | Document) -> None:
    mode = given.get("ssoMode")
    profile = (given.get("samlSsoInfo") or {}).get("inboundSamlSsoProfile")
    if mode not in MODES or (mode == "SAML_SSO") != bool(profile):
        raise invalid("sso_mode")
    if profile:
        the(store, PROFILES, profile)
    group, unit = given.get("targetGroup"), given.get("targetOrgUnit")
    if bool(group) == bool(unit):
        raise invalid("target")
    if bool(group) != ((given.get("rank") or 0) >= 1):
        raise invalid("rank")
    if group:
        the(store, addresses.GROUPS, group.removeprefix("groups/"))
    if unit:
        the(store, units.KIND, f"id:{unit.removeprefix('orgUnits/').removeprefix('id:')}")
