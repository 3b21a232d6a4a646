"""Who belongs to what: https://learn.microsoft.com/graph/api/group-post-members."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from counterparts.entra.errors import (
    GraphError,
    bad_request,
    denied,
    malformed,
    not_found,
    synced_from_on_premises,
)
from counterparts.entra.graph import changes, directory, licences
from counterparts.entra.graph.call import Call, nothing
from counterparts.entra.graph.directory import MEMBER, OWNER
from counterparts.entra.schema.all import RESOURCES
from counterparts.entra.schema.group import GROUP
from counterparts.entra.schema.types import ResourceType
from counterparts.entra.schema.user import USER
from counterparts.vendors.routes import Response

Document = Mapping[str, Any]
ALLOWED = {"security": ("user", "group", "servicePrincipal"), "unified": ("user",)}


def of_exchange() -> GraphError:
    return bad_request("Cannot Update a mail-enabled security groups and or distribution list.")


def add(call: Call, id: str) -> Response:  # noqa: A002
    group = directory.find(call.store, id, ["group"])
    add_to(call, group, directory.referenced(call.store, call.body), MEMBER)
    return nothing()


def add_owner(call: Call, id: str) -> Response:  # noqa: A002
    group = directory.find(call.store, id, ["group"])
    add_to(call, group, directory.referenced(call.store, call.body), OWNER)
    return nothing()


def add_to(call: Call, group: Document, target: Document, relation: str) -> None:
    """Raises the vendor's refusal: by kind of the group, of who is added, or because it is there already."""
    unified = "Unified" in group["groupTypes"]
    _check_changeable(call, group, relation)
    name = "members" if relation == MEMBER else "owners"
    if target[directory.KIND] not in ALLOWED["unified" if unified else "security"]:
        raise bad_request(f"Invalid object type for '{name}'.")
    if target["id"] == group["id"]:
        raise bad_request(f"A group cannot be one of its own '{name}'.")
    if directory.linked(call.store, relation, group["id"], target["id"]):
        raise bad_request(
            "One or more added object references already exist for the following modified properties:"
            f" '{name}'."
        )
    if relation == MEMBER and target[directory.KIND] == "group" and group.get("isAssignableToRole"):
        raise bad_request("Groups cannot be members of a group that roles are assigned to.")
    directory.link(call.store, relation, group["id"], target["id"])
    _note(call, group, target, relation)


def remove(call: Call, id: str, id_1: str) -> Response:  # noqa: A002
    return _remove(call, id, id_1, MEMBER)


def remove_owner(call: Call, id: str, id_1: str) -> Response:  # noqa: A002
    return _remove(call, id, id_1, OWNER)


def _remove(call: Call, identifier: str, other: str, relation: str) -> Response:
    group = directory.find(call.store, identifier, ["group"])
    target = directory.find(call.store, other)
    _check_changeable(call, group, relation)
    if relation == OWNER and [each["id"] for each in directory.targets(call.store, OWNER, group["id"])] == [
        target["id"]
    ]:
        raise bad_request("The group must have at least one owner, hence this owner cannot be removed.")
    if not directory.unlink(call.store, relation, group["id"], target["id"]):
        raise not_found(other)
    _note(call, group, target, relation, removed="deleted")
    return nothing()


def _check_changeable(call: Call, group: Document, relation: str) -> None:
    if group.get("onPremisesSyncEnabled"):
        raise synced_from_on_premises()
    if group.get("mailEnabled") and "Unified" not in group["groupTypes"]:
        raise of_exchange()
    if relation == MEMBER and "DynamicMembership" in group["groupTypes"]:
        raise denied()
    if group.get("isAssignableToRole") and not call.may("RoleManagement.ReadWrite.Directory"):
        raise denied()


def _note(call: Call, group: Document, target: Document, relation: str, *, removed: str = "") -> None:
    if relation == MEMBER:
        changes.note(call.store, "group", group["id"], member=target["id"], removed=removed)
        licences.settle(call.store, call.tenant, target)


def of_group(call: Call, id: str, cast: str = "") -> Response:  # noqa: A002
    group = directory.find(call.store, id, ["group"])
    return _many(call, directory.targets(call.store, MEMBER, group["id"]), cast)


def owners(call: Call, id: str, cast: str = "") -> Response:  # noqa: A002
    group = directory.find(call.store, id, ["group"])
    return _many(call, directory.targets(call.store, OWNER, group["id"]), cast)


def transitive_of_group(call: Call, id: str, cast: str = "") -> Response:  # noqa: A002
    group = directory.find(call.store, id, ["group"])
    return _many(call, directory.transitive(call.store, MEMBER, group["id"], up=False), cast)


def of_user(call: Call, id: str, cast: str = "") -> Response:  # noqa: A002
    user = directory.user(call.store, id)
    return _many(call, directory.sources(call.store, MEMBER, user["id"]), cast)


def transitive_of_user(call: Call, id: str, cast: str = "") -> Response:  # noqa: A002
    user = directory.user(call.store, id)
    return _many(call, directory.transitive(call.store, MEMBER, user["id"], up=True), cast)


def of_group_in_groups(call: Call, id: str, cast: str = "") -> Response:  # noqa: A002
    group = directory.find(call.store, id, ["group"])
    return _many(call, directory.sources(call.store, MEMBER, group["id"]), cast)


def _many(call: Call, found: list[Document], cast: str) -> Response:
    """With an OData cast, those of one type alone."""
    if not cast:
        return call.many(found, _common(found), context="directoryObjects", typed=True, linked=True)
    resource = next((each for each in RESOURCES.values() if each.cast == cast), None)
    if resource is None:
        raise malformed(f"The type '{cast}' is not known.")
    fitting = [each for each in found if each[directory.KIND] == resource.kind]
    return call.many(fitting, resource, context=resource.collection, linked=True)


def _common(found: list[Document]) -> ResourceType:
    """The type that `$select` and `$filter` are read by, where several are in one list."""
    kinds = {each[directory.KIND] for each in found}
    return USER if kinds == {"user"} else GROUP
