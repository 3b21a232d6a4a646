"""Further connections of the organization, for nodes that look into several systems."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from officeflow.access import store
from officeflow.catalog import registry
from officeflow.connectors.connection import Connection
from officeflow.connectors.families import Family
from officeflow.database.engine import Database
from officeflow.errors import InvalidInput
from officeflow.ids import connection_id
from officeflow.sdk import Node
from officeflow.tenants import connection_uses, organizations


@dataclass(frozen=True, slots=True, kw_only=True)
class Opener:
    """For one act of a node type. What it opens refuses to change anything."""

    connect: Callable[[str], Connection]
    org: str
    kind: type[Node[Any, Any, Any]]
    correlation_id: str

    @contextmanager
    def __call__(self, name: str) -> Iterator[Any]:
        """As `Act.look_into` says."""
        from officeflow.connectors.opening import open_provider

        further = self.kind.further
        if further is None:
            raise InvalidInput(f"{self.kind.spec.type} looks into no connection but its own")
        provider = open_provider(
            self.connect(connection_id(self.org, name)),
            correlation_id=self.correlation_id,
            family=further.family,
            needs=further.needs,
            purpose=self.kind.spec.type,
            only_looks=True,
        )
        try:
            yield provider
        finally:
            provider.close()


def identity_connections(database: Database, org: uuid.UUID | str) -> list[str]:
    """By which the organization's active workflows, or its access rules, reach people's accounts, by name."""
    with organizations.entered(database, str(org)) as (session, org_id):
        used = connection_uses.types_by_name(session, org_id)
        rules = store.newest(session, org_id).rules
    named = {name for rule in rules.rules for name in rule.connections}
    return sorted(named | {name for name, types in used.items() if any(map(_is_of_identity, types))})


def _is_of_identity(kind: str) -> bool:
    return registry.is_known(kind) and registry.node_type(kind).spec.family is Family.IDENTITY
