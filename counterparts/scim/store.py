"""A SCIM storage that keeps its resources in a SQLite file, so that accounts survive the server."""

from __future__ import annotations

import json
import re
import sqlite3
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from scim2_models import Resource, ResourceType, ResponseParameters, ScimProvider, SearchRequest
from scim2_server.memory import InMemoryStorage
from scim2_server.storage import SearchPage

AnyResource = Resource[Any]

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS resources (type TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY"
    " KEY (type, id))"
)


class SqliteStorage(InMemoryStorage):
    """Searches in memory; every write is committed to the file before it is answered.

    A user's read-only `groups` (RFC 7643 section 4.1.2) are derived from the groups' members when it is read,
    and never stored; a deleted user leaves its groups. What it `forgets`, by SCIM's names, is taken from
    every user before it is kept.
    """

    def __init__(self, path: Path, provider: ScimProvider, *, forgets: Sequence[str] = ()) -> None:
        super().__init__()
        self._forgets = [re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name) for name in forgets]
        self._types = {str(kind.name): kind for kind in provider.resource_types}
        self._file = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._file.execute("PRAGMA synchronous=FULL")
        self._file.execute(SCHEMA)
        with provider:
            self.resources = [
                self._load(provider, kind, body)
                for kind, body in self._file.execute("SELECT type, body FROM resources")
            ]

    def _load(self, provider: ScimProvider, kind: str, body: str) -> AnyResource:
        model = cast("type[AnyResource]", provider.model_for(self._types[kind]))
        return model.model_validate(json.loads(body))

    def _keep(self, resource: AnyResource) -> None:
        if resource.meta is None:
            raise ValueError("a stored resource has meta")
        row = (resource.meta.resource_type, resource.id, json.dumps(resource.model_dump(), default=str))
        self._file.execute("INSERT OR REPLACE INTO resources VALUES (?, ?, ?)", row)

    def next_version(self) -> str:
        """Unlike a counter, it does not start again with the process: an old ETag never matches by chance."""
        return f'W/"{uuid.uuid4().hex}"'

    def create(self, resource_type: ResourceType, resource: AnyResource) -> AnyResource:
        with self.lock:
            created = super().create(resource_type, self._forgetful(resource_type, resource))
            self._keep(created)
            return self._with_groups(created)

    def update(
        self, resource_type: ResourceType, resource: AnyResource, *, expected_version: str | None = None
    ) -> AnyResource:
        if hasattr(resource, "groups"):
            resource = resource.model_copy(update={"groups": None})
        with self.lock:
            kept = self._forgetful(resource_type, resource)
            updated = super().update(resource_type, kept, expected_version=expected_version)
            self._keep(updated)
            return self._with_groups(updated)

    def delete(
        self, resource_type: ResourceType, resource_id: str, *, expected_version: str | None = None
    ) -> None:
        with self.lock:
            super().delete(resource_type, resource_id, expected_version=expected_version)
            self._file.execute(
                "DELETE FROM resources WHERE type = ? AND id = ?", (resource_type.name, resource_id)
            )
            for group in self._groups_of(resource_id):
                group.members = [member for member in group.members if member.value != resource_id]
                self.update(self._types["Group"], group)

    def get(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        response_parameters: ResponseParameters[Any] | None = None,
    ) -> AnyResource:
        with self.lock:
            return self._with_groups(
                super().get(resource_type, resource_id, response_parameters=response_parameters)
            )

    def search(
        self, resource_types: list[ResourceType], search_request: SearchRequest[Any], *, position: Any = None
    ) -> SearchPage:
        with self.lock:
            page = super().search(resource_types, search_request, position=position)
            page.resources = [self._with_groups(resource) for resource in page.resources]
            return page

    def _forgetful(self, resource_type: ResourceType, resource: AnyResource) -> AnyResource:
        if resource_type.name != "User" or not self._forgets:
            return resource
        return resource.model_copy(update=dict.fromkeys(self._forgets))

    def _groups_of(self, user_id: str | None) -> list[Any]:
        """Copies of the groups that have the user as a member."""
        groups: list[Any] = [
            r for r in self.resources if r.meta is not None and r.meta.resource_type == "Group"
        ]
        return [
            group.model_copy(deep=True)
            for group in groups
            if any(m.value == user_id for m in group.members or ())
        ]

    def _with_groups(self, resource: AnyResource) -> AnyResource:
        if resource.meta is not None and resource.meta.resource_type == "User":
            groups = [
                {"value": g.id, "display": g.display_name, "$ref": f"Groups/{g.id}"}
                for g in self._groups_of(resource.id)
            ]
            field: Any = type(resource).model_validate(
                {"schemas": resource.schemas, "userName": "-", "groups": groups}
            )
            cast("Any", resource).groups = field.groups or None
        return resource
