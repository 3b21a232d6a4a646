"""`roles` and `roleAssignments` of the Directory API.

https://developers.google.com/workspace/admin/directory/v1/guides/manage-roles
"""

from __future__ import annotations

from typing import Any

from counterparts.google import addresses, holdings, ids, units
from counterparts.google.customer import require
from counterparts.google.failures import duplicate, invalid, not_found, refused, unmet
from counterparts.google.merging import merged, without_nulls
from counterparts.google.pages import page
from counterparts.vendors.routes import Request, Response, answer
from counterparts.vendors.store import Document, Store

Json = dict[str, Any]
KIND = "roles"
ASSIGNMENTS = holdings.ROLE_ASSIGNMENTS
SUPER_ADMIN = "91447453000000001"
SYSTEM = {
    SUPER_ADMIN: "_SEED_ADMIN_ROLE",
    "91447453000000002": "_GROUPS_ADMIN_ROLE",
    "91447453000000003": "_USER_MANAGEMENT_ADMIN_ROLE",
    "91447453000000004": "_HELP_DESK_ADMIN_ROLE",
    "91447453000000005": "_SERVICE_ADMIN_ROLE",
}
"""Google's own, by id; they cannot be changed."""


def list_(request: Request, store: Store, customer: str) -> Response:
    require(store, customer)
    chunk, further = page(request, store.all(KIND), usual=100, most=100)
    return answer({"kind": "admin#directory#roles", "items": [_view(each) for each in chunk], **further})


def get(request: Request, store: Store, customer: str, role_id: str) -> Response:
    del request
    require(store, customer)
    return answer(_view(_the(store, role_id)))


def insert(request: Request, store: Store, customer: str) -> Response:
    require(store, customer)
    given = without_nulls(request.json)
    if any(each["roleName"] == given["roleName"] for each in store.all(KIND)):
        raise duplicate()
    role = {**_taken(given), "roleId": ids.number(), "isSystemRole": False, "isSuperAdminRole": False}
    return answer(_view(store.put(KIND, role["roleId"], role)))


def patch(request: Request, store: Store, customer: str, role_id: str) -> Response:
    require(store, customer)
    role = _own(store, role_id)
    new = {"roleName": role["roleName"], **merged(role, _taken(request.json))}
    return answer(_view(store.put(KIND, role_id, new)))


def update(request: Request, store: Store, customer: str, role_id: str) -> Response:
    require(store, customer)
    role = _own(store, role_id)
    kept = {name: role[name] for name in ("roleId", "isSystemRole", "isSuperAdminRole")}
    named = {"roleName": role["roleName"], **_taken(without_nulls(request.json))}
    return answer(_view(store.put(KIND, role_id, {**named, **kept})))


def delete(request: Request, store: Store, customer: str, role_id: str) -> Response:
    del request
    require(store, customer)
    _own(store, role_id)
    if any(each["roleId"] == role_id for each in store.all(ASSIGNMENTS)):
        raise unmet("The role is assigned.")
    store.remove(KIND, role_id)
    return answer(None, 204)


def list_assignments(request: Request, store: Store, customer: str) -> Response:
    require(store, customer)
    found = store.all(ASSIGNMENTS)
    if role := request.query.get("roleId"):
        found = [each for each in found if each["roleId"] == role]
    if key := request.query.get("userKey"):
        who = addresses.owner(store, key)
        if who is None:
            raise not_found("userKey")
        found = [each for each in found if each["assignedTo"] in _those_of(request, store, who[1]["id"])]
    chunk, further = page(request, found, usual=100, most=200)
    items = {"items": [_assignment_view(each) for each in chunk]} if chunk else {}
    return answer({"kind": "admin#directory#roleAssignments", **items, **further})


def get_assignment(
    request: Request,
    store: Store,
    customer: str,
    role_assignment_id: str,
) -> Response:
    del request
    require(store, customer)
    return answer(_assignment_view(_the_assignment(store, role_assignment_id)))


def insert_assignment(request: Request, store: Store, customer: str) -> Response:
    require(store, customer)
    given = without_nulls(request.json)
    role, who = str(given.get("roleId", "")), str(given.get("assignedTo", ""))
    if store.get(KIND, role) is None:
        raise not_found("roleId")
    if store.get(addresses.USERS, who) is None and store.get(addresses.GROUPS, who) is None:
        raise not_found("assignedTo")
    scope, unit = given.get("scopeType", "CUSTOMER"), given.get("orgUnitId", "")
    if scope not in {"CUSTOMER", "ORG_UNIT"} or (scope == "ORG_UNIT") != bool(unit):
        raise invalid("scope_type")
    if unit and store.get(units.KIND, unit if unit.startswith("id:") else f"id:{unit}") is None:
        raise not_found("orgUnitId")
    same = {"roleId": role, "assignedTo": who, "scopeType": scope, "orgUnitId": unit}
    if any(each.items() >= same.items() for each in store.all(ASSIGNMENTS)):
        raise duplicate("Role assignment already exists for the role")
    return answer(_assignment_view(assign(store, role, who, scope=scope, unit=unit)))


def delete_assignment(
    request: Request,
    store: Store,
    customer: str,
    role_assignment_id: str,
) -> Response:
    del request
    require(store, customer)
    _the_assignment(store, role_assignment_id)
    store.remove(ASSIGNMENTS, role_assignment_id)
    return answer(None, 204)


def assign(store: Store, role: str, who: str, *, scope: str = "CUSTOMER", unit: str = "") -> Document:
    document = {
        "roleAssignmentId": ids.number(),
        "roleId": role,
        "assignedTo": who,
        "assigneeType": "user" if store.get(addresses.USERS, who) else "group",
        "scopeType": scope,
        "orgUnitId": unit,
    }
    return store.put(ASSIGNMENTS, document["roleAssignmentId"], document)


def seed(store: Store) -> None:
    for identity, name in SYSTEM.items():
        role = {
            "roleId": identity,
            "roleName": name,
            "roleDescription": name.strip("_").replace("_", " ").title(),
            "rolePrivileges": [],
            "isSystemRole": True,
            "isSuperAdminRole": identity == SUPER_ADMIN,
        }
        store.put(KIND, identity, role)


def _those_of(request: Request, store: Store, who: str) -> set[str]:
    """The user, and with `includeIndirectRoleAssignments` the groups that the user is in."""
    if request.query.get("includeIndirectRoleAssignments", "").lower() != "true":
        return {who}
    return {who, *(each["groupId"] for each in store.all(holdings.MEMBERS) if each["memberId"] == who)}


def _taken(given: Any) -> Json:
    return {name: given[name] for name in ("roleName", "roleDescription", "rolePrivileges") if name in given}


def _the(store: Store, identity: str) -> Document:
    found = store.get(KIND, identity)
    if found is None:
        raise not_found("roleId")
    return found


def _own(store: Store, identity: str) -> Document:
    """One that is not Google's."""
    role = _the(store, identity)
    if role["isSystemRole"]:
        raise refused(403)
    return role


def _the_assignment(store: Store, identity: str) -> Document:
    found = store.get(ASSIGNMENTS, identity)
    if found is None:
        raise not_found("roleAssignmentId")
    return found


def _view(role: Document) -> Json:
    shown = {"kind": "admin#directory#role", **role}
    return {**shown, "etag": ids.etag(shown)}


def _assignment_view(assignment: Document) -> Json:
    shown = {"kind": "admin#directory#roleAssignment", **{k: v for k, v in assignment.items() if v != ""}}
    return {**shown, "etag": ids.etag(shown)}
