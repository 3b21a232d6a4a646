"""Which providers there are: what stands in `officeflow/connectors/<system>/provider.py`, found when somebody
asks.

The packages that `OFFICEFLOW_NODE_PACKAGES` names are searched the same way, in their folder `connectors`.
Listing them reads declarations alone; a client is imported when one is opened.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import inspect
import pkgutil
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from officeflow import packages
from officeflow.connectors.connection import Connection
from officeflow.connectors.declaration import BrokenConnector, Provider
from officeflow.errors import NotKnown, did_you_mean

OURS = "officeflow.connectors"
DECLARATION = "provider"
"""The module in a connector's folder that declares its `PROVIDER`."""


@functools.cache
def providers() -> Mapping[str, Provider]:
    """All providers by name, in the order of their names. Made once."""
    return MappingProxyType({name: _declared_in(module) for name, module in sorted(_places().items())})


def about(name: str) -> str:
    """What its author says about the provider, in Markdown."""
    return inspect.getdoc(importlib.import_module(_places()[name])) or ""


@functools.cache
def _places() -> Mapping[str, str]:
    """The module that declares each provider, by its name."""
    found: dict[str, str] = {}
    for module in _modules():
        name = _declared_in(module).name
        if name in found:
            raise BrokenConnector(
                f"{module} declares the provider {name}, which {found[name]} has already", hint="rename it"
            )
        found[name] = module
    return MappingProxyType(found)


def load_clients() -> None:
    """Import them all; `BrokenConnector` says which one is not what is declared."""
    for known in providers().values():
        for service in known.services:
            service.load()


def provider(name: str) -> Provider:
    """The provider called `name`; `NotKnown` suggests the nearest."""
    if name not in providers():
        hint = did_you_mean(name, providers()) or f"one of {', '.join(providers())}"
        raise NotKnown(f"there is no provider {name!r}", hint=hint)
    return providers()[name]


def provider_of(connection: Connection) -> Provider | None:
    """The connection's provider; None where it is none of ours."""
    return providers().get(connection.provider)


def _modules() -> Iterator[str]:
    yield from _declarations(OURS)
    for package in packages.named():
        yield from _of_another(package)


def _of_another(package: str) -> list[str]:
    folder = f"{package}.{packages.CONNECTORS}"
    try:
        return list(_declarations(folder)) if importlib.util.find_spec(folder) else []
    except Exception as error:
        raise packages.cannot_be_searched("connectors", package, error) from error


def _declarations(package: str) -> Iterator[str]:
    for folder in pkgutil.iter_modules(importlib.import_module(package).__path__):
        module = f"{package}.{folder.name}.{DECLARATION}"
        if folder.ispkg and importlib.util.find_spec(module):
            yield module


def _declared_in(module: str) -> Provider:
    """`BrokenConnector` where its author's code fails, in whatever way, or declares what cannot be."""
    try:
        found = vars(importlib.import_module(module)).get("PROVIDER")
    except Exception as error:
        raise BrokenConnector(
            f"{module} cannot be imported: {type(error).__name__}: {error}", hint="correct that file"
        ) from error
    if not isinstance(found, Provider):
        raise BrokenConnector(f"{module} must declare one Provider as PROVIDER")
    if not found.services or not all(service.capabilities for service in found.services):
        raise BrokenConnector(f"{module}: a provider has services, and each of them a capability")
    for service in found.services:
        if len({capability.family for capability in service.capabilities}) > 1:
            raise BrokenConnector(f"{module}: {service.client} has capabilities of several families")
    if len(set(found.families)) < len(found.services):
        raise BrokenConnector(f"{module}: two services are of one family")
    return found
