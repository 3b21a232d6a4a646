"""The customer's systems that a benchmark has in its stack beside those of `up`, and how they are reached."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Mapping

from benchmarks.bench import PROGRESS
from benchmarks.slow_wire import SlowWire
from officeflow.connectors.connection import Connection
from officeflow.connectors.fields import assemble
from officeflow.demo import setup
from officeflow.demo.identity.systems import SYSTEMS, System
from officeflow.errors import Unavailable
from officeflow.ids import connection_id
from officeflow.layout import Layout
from officeflow.stack import counterparts as declarations
from officeflow.stack.servers import counterparts, debian, keycloak
from officeflow.stack.stack import Stack


def fetched(keys: Collection[str] = ()) -> tuple[tuple[System, ...], Mapping[str, str]]:
    """Those of the identity demonstration that can run here, their servers fetched and built; and the others
    by title, each with the reason. `keys` are those that are wanted, if not all.
    """
    layout = Layout.from_environment()
    wanted = [each for each in SYSTEMS if not keys or each.key in keys]
    servers = {each.counterpart for each in wanted}
    if "keycloak" in servers:
        with PROGRESS.step("Keycloak") as step:
            keycloak.prepare(layout, step)
    if "ldap" in servers:
        debian.fetch(layout, debian.SLAPD, PROGRESS)
    left_out = {each.title: reason for each in wanted if (reason := _refusal(layout, each))}
    return tuple(each for each in wanted if each.title not in left_out), left_out


def further(systems: Collection[System]) -> list[str]:
    """Of their servers, those that `up` does not start."""
    return [each.counterpart for each in systems if each.declared.demo]


def connections(stack: Stack, systems: Collection[System]) -> dict[str, declarations.Connection]:
    """What a connection to each is made of, by the system's key."""
    return {each.key: made for each in systems for made in counterparts.connections(stack, [each.declared])}


def opened_by(made: declarations.Connection) -> Connection:
    """As a task of the organization gets it."""
    return assemble(connection_id(setup.ORG, made.name), made.provider, made.fields)


@contextlib.contextmanager
def far(
    stack: Stack, systems: Collection[System], seconds: Mapping[str, float]
) -> Iterator[dict[str, declarations.Connection]]:
    """`connections` that lead through wires; `seconds` are those of each system's, by its key."""
    with contextlib.ExitStack() as wires:
        found = {}
        for system in systems:
            made = connections(stack, [system])[system.key]
            ports = [stack.ports[port.name] for port in system.declared.ports.values()]
            fields = dict(made.fields)
            for port in ports:
                if not any(str(port) in text for text in fields.values()):
                    continue
                wire = wires.enter_context(SlowWire(port, seconds[system.key]))
                fields = {name: _moved(text, port, wire.port) for name, text in fields.items()}
            found[system.key] = made.model_copy(update={"fields": fields})
        yield found


def _moved(text: str, port: int, to: int) -> str:
    """The field with the other port, where it is one or an address with it."""
    return str(to) if text == str(port) else text.replace(f"127.0.0.1:{port}", f"127.0.0.1:{to}")


def _refusal(layout: Layout, system: System) -> str:
    """Why it cannot run on this machine; empty where it can."""
    if not system.declared.check:
        return ""
    try:
        debian.fetch(layout, debian.SAMBA, PROGRESS)
    except Unavailable as error:
        return error.message
    return counterparts.refusal(layout, system.declared)
