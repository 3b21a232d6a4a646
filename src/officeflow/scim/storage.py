"""What scim2-server asks of a store, given by ours; within one transaction."""

from __future__ import annotations

from typing import Any, cast

from scim2_models import Resource, ResourceType, ResponseParameters, SearchRequest
from scim2_server.storage import ScimStorage, SearchPage

from officeflow.scim import groups, resources, searching, users
from officeflow.scim.writing import Writer

AnyResource = Resource[Any]


class Storage(ScimStorage):
    """The users and groups of the organization whose transaction `writer` has."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def get(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        response_parameters: ResponseParameters[Any] | None = None,
    ) -> AnyResource:
        session, org_id = self._writer.session, self._writer.org_id
        if resource_type.name == "User":
            return users.get(session, org_id, resource_id)
        members = searching.needs_members(resources.Group, response_parameters)
        return groups.get(session, org_id, resource_id, members=members)

    def search(
        self, resource_types: list[ResourceType], search_request: SearchRequest[Any], *, position: Any = None
    ) -> SearchPage:
        del position
        return searching.search(self._writer.session, self._writer.org_id, resource_types, search_request)

    def create(self, resource_type: ResourceType, resource: AnyResource) -> AnyResource:
        if resource_type.name == "User":
            return users.create(self._writer, cast("resources.User", resource))
        return groups.create(self._writer, cast("resources.Group", resource))

    def update(
        self, resource_type: ResourceType, resource: AnyResource, *, expected_version: str | None = None
    ) -> AnyResource:
        if resource_type.name == "User":
            return users.update(self._writer, cast("resources.User", resource), expected_version)
        return groups.update(self._writer, cast("resources.Group", resource), expected_version)

    def delete(
        self, resource_type: ResourceType, resource_id: str, *, expected_version: str | None = None
    ) -> None:
        remove = users.delete if resource_type.name == "User" else groups.delete_group
        remove(self._writer, resource_id, expected_version)
