"""The systems of the matrix: one entry each.

A further one is a class in `kinds/` and a line here; what is tried there follows from what its provider
declares.
"""

from __future__ import annotations

from collections.abc import Iterator

from officeflow.catalog.registry import node_type, type_names
from officeflow.connectors.families import Family
from officeflow.connectors.providers import provider
from tests.systems.kinds.directories import ActiveDirectory, Ldap
from tests.systems.kinds.entra import Entra
from tests.systems.kinds.google import Google
from tests.systems.kinds.keycloak import Keycloak
from tests.systems.kinds.okta import Okta
from tests.systems.kinds.scim import Scim
from tests.systems.system import System

SYSTEMS: tuple[type[System], ...] = (Scim, Okta, Entra, Google, Keycloak, ActiveDirectory, Ldap)


def node_types() -> list[str]:
    """Of the family, without it."""
    of_family = (name for name in type_names() if node_type(name).spec.family == Family.IDENTITY)
    return [name.removeprefix("identity.") for name in of_family]


def pairs() -> Iterator[tuple[type[System], str]]:
    """Every node type at every system that has what it needs, also those that are left out."""
    for system in SYSTEMS:
        service = provider(system.provider).service(Family.IDENTITY)
        assert service is not None
        for name in node_types():
            if node_type(f"identity.{name}").needs <= service.capabilities:
                yield system, name
