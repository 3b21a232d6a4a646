"""What each system itself keeps of a person, asked over its own ways and without our connectors."""

from __future__ import annotations

from officeflow.demo.identity.reading.active_directory import ActiveDirectory
from officeflow.demo.identity.reading.entra import Entra
from officeflow.demo.identity.reading.google import Google
from officeflow.demo.identity.reading.keycloak import Keycloak
from officeflow.demo.identity.reading.ldap import Ldap
from officeflow.demo.identity.reading.okta import Okta
from officeflow.demo.identity.reading.scim import Scim
from officeflow.demo.identity.reading.seen import Reader, Where
from officeflow.demo.identity.systems import System
from officeflow.stack.stack import Stack

READERS: dict[str, type[Reader]] = {
    "scim": Scim,
    "okta": Okta,
    "entra": Entra,
    "google": Google,
    "keycloak": Keycloak,
    "ad": ActiveDirectory,
    "ldap": Ldap,
}
"""By the system's key."""


def reader(stack: Stack, system: System) -> Reader:
    declared = system.declared
    return READERS[system.key](
        Where(
            url=declared.places(stack.ports)["url"],
            secret=stack.secrets[declared.secret],
            folder=stack.layout.data / declared.name,
        )
    )
