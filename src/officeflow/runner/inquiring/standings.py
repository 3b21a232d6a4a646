"""What a connection may do at its system, and which node types that is enough for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from officeflow.catalog import registry
from officeflow.connectors import providers
from officeflow.connectors.connection import Connection
from officeflow.connectors.declaration import Service
from officeflow.connectors.families import Capability, in_words
from officeflow.connectors.fields import problems_of
from officeflow.connectors.opening import opened_by
from officeflow.errors import InvalidInput, OfficeFlowError
from officeflow.ids import connection_id


class Enough(StrEnum):
    """Whether a credential is enough for something; CANNOT where the system has no such thing at all."""

    YES = "yes"
    NO = "no"
    NOT_TOLD = "not told"
    CANNOT = "cannot"


def of_connection(
    connect: Callable[[str], Connection],
    org: str,
    name: str,
    *,
    told: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """What the system tells of us, for each family that it serves: by looking alone. `told` is called with
    the family before each look.

    Raises what `connect` and `told` raise, and `InvalidInput` where the connection's fields will not do. That
    a system does not answer, or not let us in, is told as its `error`.
    """
    connection = connect(connection_id(org, name))
    known = providers.provider(connection.provider)
    if problems := problems_of(connection):
        raise InvalidInput(f"connection {connection.id} cannot be used", problems=problems)
    return {
        "id": connection.id,
        "provider": known.name,
        "title": known.title,
        "services": [_told(each, connection, told) for each in known.services],
    }


def _told(service: Service, connection: Connection, begins: Callable[[str], None]) -> dict[str, Any]:
    begins(f"{connection.id}: {service.family}")
    told: dict[str, Any] = {"family": str(service.family), "address": "", "who": "", "may": [], "lacks": {}}
    told |= {"notes": [], "error": None}
    try:
        client = opened_by(service, connection, correlation_id=connection.id, only_looks=True)
        with closing(client):
            told["address"] = client.address
            standing = client.standing()
    except OfficeFlowError as error:
        return {**told, "error": {"code": error.code, "message": error.message, "hint": error.hint}}
    return {
        **told,
        "who": standing.who,
        "may": [each.name for each in Capability if each in standing.may],
        "lacks": {each.name: standing.lacks[each] for each in Capability if each in standing.lacks},
        "notes": list(standing.notes),
    }


@dataclass(frozen=True, slots=True)
class _Said:
    may: frozenset[Capability]
    lacks: Mapping[Capability, str]
    has: frozenset[Capability]


def report(told: Mapping[str, Any]) -> dict[str, Any]:
    """What `of_connection` told, with what that means for each node type that the catalog has.

    `ok`: every service has let us in; `complete`: nothing is known to be missing for what the system can do.
    """
    services = told["services"]
    said = _said(str(told["provider"]), services)
    capabilities = [_capability(each, said) for each in Capability if each in said.has]
    types = list(_node_types({each["family"] for each in services}, said))
    ok = all(each["error"] is None for each in services)
    return {
        "id": told["id"],
        "provider": told["provider"],
        "title": told["title"],
        "ok": ok,
        "complete": ok and not any(each["state"] == Enough.NO for each in capabilities),
        "services": [
            {name: each[name] for name in ("family", "address", "who", "notes", "error")} for each in services
        ],
        "capabilities": capabilities,
        "node_types": types,
    }


def _said(provider: str, services: Sequence[Mapping[str, Any]]) -> _Said:
    has = frozenset(one for each in providers.provider(provider).services for one in each.capabilities)
    may = frozenset(Capability[name] for each in services for name in each["may"])
    lacks = {Capability[name]: why for each in services for name, why in each["lacks"].items()}
    return _Said(may, lacks, has)


def _enough(capability: Capability, said: _Said) -> Enough:
    if capability not in said.has:
        return Enough.CANNOT
    if capability in said.lacks:
        return Enough.NO
    return Enough.YES if capability in said.may else Enough.NOT_TOLD


def _capability(capability: Capability, said: _Said) -> dict[str, Any]:
    return {
        "capability": capability.value,
        "family": str(capability.family),
        "state": _enough(capability, said),
        "missing": said.lacks.get(capability, ""),
        "node_types": [
            name for name in registry.type_names() if capability in registry.node_type(name).needs
        ],
    }


def _node_types(families: set[str], said: _Said) -> Iterator[dict[str, Any]]:
    for name in registry.type_names():
        kind = registry.node_type(name)
        if kind.spec.family is None or str(kind.spec.family) not in families:
            continue
        states = {each: _enough(each, said) for each in kind.needs}
        cannot = [each for each, state in states.items() if state is Enough.CANNOT]
        lacks = list(
            dict.fromkeys(
                said.lacks[each] for each in Capability if each in states and states[each] is Enough.NO
            )
        )
        if cannot:
            yield {"type": name, "state": Enough.CANNOT, "missing": f"the system cannot {in_words(cannot)}"}
        elif lacks:
            yield {"type": name, "state": Enough.NO, "missing": ", ".join(lacks)}
        else:
            told = Enough.YES if states and all(s is Enough.YES for s in states.values()) else Enough.NOT_TOLD
            yield {"type": name, "state": told, "missing": ""}
