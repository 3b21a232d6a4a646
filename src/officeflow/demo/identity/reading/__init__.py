"""What each system itself keeps of a person, asked over its own ways and without our connectors."""

from __future__ import annotations

from collections.abc import Sequence

import httpx

from officeflow.demo.identity.reading.active_directory import ActiveDirectory
from officeflow.demo.identity.reading.entra import Entra
from officeflow.demo.identity.reading.google import Google
from officeflow.demo.identity.reading.keycloak import Keycloak
from officeflow.demo.identity.reading.ldap import Ldap
from officeflow.demo.identity.reading.okta import Okta
from officeflow.demo.identity.reading.scim import Scim
from officeflow.demo.identity.reading.seen import Reader, Seen, Where
from officeflow.demo.identity.systems import System
from officeflow.errors import Unavailable
from officeflow.program import typed
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


def accounts(stack: Stack, system: System, number: str) -> Sequence[Seen]:
    """All that the system has with this employee number; `Unavailable` where it does not answer."""
    from ldap3.core.exceptions import LDAPException

    try:
        return reader(stack, system).accounts(number)
    except (httpx.HTTPError, LDAPException, OSError) as error:
        raise Unavailable(
            f"{system.title} could not be asked: {error}", hint=f"`{typed(f'logs {system.counterpart}')}`"
        ) from error
