"""How a connector declares itself: `PROVIDER` in the `provider.py` of its folder.

A declaration is data. It imports no client, so that whoever lists providers pays for none. The module's
docstring, in Markdown, says in the reference what the connector speaks to and what to know about that.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from officeflow.connectors import kinds
from officeflow.connectors.connection import Connection
from officeflow.connectors.families import Capability, Family, capabilities_of
from officeflow.errors import OfficeFlowError

if TYPE_CHECKING:
    from officeflow.connectors.client import Client


class BrokenConnector(OfficeFlowError):
    """A connector that is not what it declares, or a name that is taken: a mistake of its author."""

    code = "broken_connector"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionField:
    """One field of a connection: what people call it, and where Airflow keeps it (`host`, `port`, `schema`,
    `login`, `password`, `extra.<name>`).
    """

    name: str
    kept: str
    description: str
    kind: kinds.Kind = kinds.LINE
    required: bool = False
    secret: bool = False
    credential: bool = False
    """Whether it says who we are: left out where it is only asked whether the system answers."""
    protects: bool = False
    """Whether it says how what is sent is protected on its way: who changes it has to know the secrets."""

    directory: bool = False
    """Whether it says which directory it is, where one address has those of many customers."""

    def hides(self, value: str) -> bool:
        """Whether the value is nothing for everybody's eyes: a proxy's is, where it has a user in it."""
        return self.secret and (self.kind is not kinds.PROXY or "@" in value)

    def value_in(self, connection: Connection) -> Any:
        """None where it is not given: an empty text says nothing."""
        place, _, key = self.kept.partition(".")
        value = connection.extra.get(key) if key else getattr(connection, place)
        return None if value == "" else value


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What a system does for one family: the class that speaks to it, as `module:class`, and what that can
    do.
    """

    client: str
    capabilities: frozenset[Capability]

    @property
    def family(self) -> Family:
        return next(iter(self.capabilities)).family

    def load(self) -> type[Client]:
        """The class that `client` names, imported.

        `BrokenConnector` where it cannot be, cannot do what is declared here, or can do more.
        """
        from officeflow.connectors.client import Client

        module, _, name = self.client.partition(":")
        try:
            found = getattr(importlib.import_module(module), name)
        except Exception as error:
            raise BrokenConnector(
                f"{self.client} cannot be imported: {type(error).__name__}: {error}", hint="correct that file"
            ) from error
        if not (isinstance(found, type) and issubclass(found, Client)):
            raise BrokenConnector(f"{self.client} is no officeflow.connectors.client.Client")
        if found.__abstractmethods__:
            lacking = ", ".join(sorted(found.__abstractmethods__))
            raise BrokenConnector(f"{self.client} has no {lacking}", hint="write them")
        if different := capabilities_of(found) ^ self.capabilities:
            raise BrokenConnector(
                f"{self.client} and its declaration differ in: {', '.join(sorted(different))}",
                hint="the class inherits the protocol of each capability that is declared, and no other",
            )
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A kind of system, reached with one credential; it may serve several families."""

    name: str
    """The connection type that an Airflow connection carries."""
    title: str
    services: tuple[Service, ...]
    fields: tuple[ConnectionField, ...]

    @property
    def families(self) -> tuple[Family, ...]:
        return tuple(service.family for service in self.services)

    def service(self, family: str) -> Service | None:
        return next((service for service in self.services if service.family == family), None)


TIMEOUT = ConnectionField(
    name="timeout",
    kept="extra.timeout",
    description=(
        "Seconds to wait for an answer and between its parts; 20 where it is not given. All of it may take"
        " three times as long."
    ),
    kind=kinds.SECONDS,
)
PROXY = ConnectionField(
    name="proxy",
    kept="extra.proxy",
    description=(
        "Proxy that leads there, such as http://proxy.example.com:3128, with user and password where it asks"
        " for them. What the environment names as a proxy is not used."
    ),
    kind=kinds.PROXY,
    secret=True,
)
CA_FILE = ConnectionField(
    name="ca_file",
    kept="extra.ca_file",
    description="Certificate authorities (a file) to trust beside the machine's.",
    kind=kinds.FILE,
    protects=True,
)
