"""Identity systems that run beside the stack: reached through proxies that can hold an answer back, connected
by the command, each a branch of one workflow.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from officeflow.connectors import fields
from officeflow.connectors.connection import Connection
from officeflow.connectors.families import Capability, Family
from officeflow.connectors.providers import provider
from tests.connectors import http_faults, ldap_faults
from tests.counterparts.process import Counterpart
from tests.e2e.conftest import Running
from tests.systems.kinds.directories import ActiveDirectory, Directory, Ldap
from tests.systems.kinds.entra import Entra
from tests.systems.kinds.google import Google
from tests.systems.kinds.keycloak import Keycloak
from tests.systems.kinds.okta import Okta
from tests.systems.kinds.scim import OddScim
from tests.systems.system import Seen, System

Params = Mapping[str, Any]
WHO = "${{ employee.external_id }}"
WRITING = ("POST", "PUT", "PATCH", "DELETE")
PATIENCE = {"timeout": "120"}
"""Of a connection: whose answer is kept back waits until it is killed, also on a slow machine."""
LEAVES = "leaves"
"""The node that all branches wait at, until the person leaves."""
LEAVING = ("suspend_account", "end_sessions")
"""What comes behind it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """What is particular to a system: a node type, its parameters, and where of an account they are seen."""

    kind: type[System]
    node: str
    params: Callable[[type[System]], Params]
    seen: Callable[[Seen], object]

    @property
    def name(self) -> str:
        return self.kind.provider

    @property
    def has_sessions(self) -> bool:
        service = provider(self.name).service(Family.IDENTITY)
        return service is not None and Capability.END_SESSIONS in service.capabilities

    def node_id(self, step: str) -> str:
        return f"{self.name}_{step}"

    def chain(self) -> Sequence[str]:
        """All that come one after the other."""
        ids = [self.node_id(step) for step, _ in self.steps()]
        first = ids.index(self.node_id(LEAVING[0]))
        return [*ids[:first], LEAVES, *ids[first:]]

    def steps(self) -> Sequence[tuple[str, Params]]:
        """Node types and parameters, in order; a system without sessions ends none."""
        login = self.kind.login(WHO)
        names = {"given_name": "${{ employee.given_name }}", "family_name": "${{ employee.family_name }}"}
        attributes = {"attributes": dict(self.kind.attributes)} if self.kind.attributes else {}
        return (
            ("create_account", {"login": login, "external_id": WHO, **names, **attributes}),
            ("add_groups", {"external_id": WHO, "groups": list(self.kind.groups[:2])}),
            (self.node, {"external_id": WHO, **self.params(self.kind)}),
            ("suspend_account", {"external_id": WHO}),
            *([("end_sessions", {"external_id": WHO})] if self.has_sessions else []),
        )

    def nodes(self) -> list[dict[str, Any]]:
        return [
            {
                "id": self.node_id(step),
                "type": f"identity.{step}",
                "name": f"{step.replace('_', ' ').capitalize()} at {self.name}",
                "connection": connection_name(self.kind),
                "params": dict(params),
                "retryPolicy": {"maxRetries": 3, "backoffMs": 100},
            }
            for step, params in self.steps()
        ]


BRANCHES = (
    Branch(
        kind=Okta,
        node="assign_application",
        params=lambda kind: {"application": kind.application},
        seen=lambda ana: ana.applications == {"Wiki"},
    ),
    Branch(
        kind=Entra,
        node="assign_licence",
        params=lambda kind: {"licence": kind.licence},
        seen=lambda ana: ana.licences == {Entra.licence},
    ),
    Branch(
        kind=Google,
        node="move_account",
        params=lambda kind: {"unit": kind.unit},
        seen=lambda ana: ana.unit == Google.unit,
    ),
    Branch(
        kind=Keycloak,
        node="assign_role",
        params=lambda kind: {"role": kind.role},
        seen=lambda ana: Keycloak.role in ana.roles,
    ),
    Branch(
        kind=Ldap,
        node="move_account",
        params=lambda kind: {"unit": kind.unit},
        seen=lambda ana: ana.unit == Ldap.unit,
    ),
    Branch(
        kind=ActiveDirectory,
        node="move_account",
        params=lambda kind: {"unit": kind.unit},
        seen=lambda ana: ana.unit == ActiveDirectory.unit,
    ),
    Branch(
        kind=OddScim,
        node="assign_role",
        params=lambda kind: {"role": kind.role},
        seen=lambda ana: ana.roles == {OddScim.role},
    ),
)
NAMES = tuple(branch.name for branch in BRANCHES)


def connection_name(kind: type[System]) -> str:
    return f"e2e-{kind.provider.replace('_', '-')}"


@dataclass(slots=True)
class Beside:
    """A running system with its proxy, through which `connection` leads."""

    branch: Branch
    server: Counterpart
    connection: Connection
    hold: Callable[[], None]
    """Keep back the answer to the next request that asks for a change, once the system has done it."""

    def login(self, employee: str) -> str:
        return self.branch.kind.login(employee)

    def seen(self, employee: str) -> Seen | None:
        return self.people().get(self.login(employee))

    def people(self) -> Mapping[str, Seen]:
        """Whom the system has, by its own word."""
        with opened(self.branch.kind, self.server) as system:
            return system.there().people

    def sign_in(self, employee: str) -> None:
        """The person has a session, where the system has such."""
        if self.branch.has_sessions:
            with opened(self.branch.kind, self.server) as system:
                system.sign_in(self.login(employee))

    def writes(self) -> int:
        """How often it was asked for a change since it began, by its own journal."""
        return len(self.server.writes())

    def stop(self) -> None:
        self.server.stop()


@dataclass(frozen=True, slots=True)
class Systems:
    """Those that this machine can run, by provider; why the others are `missing`."""

    there: Mapping[str, Beside]
    missing: Mapping[str, str] = field(default_factory=dict)

    def of(self, name: str) -> Beside:
        if name in self.missing:
            pytest.skip(self.missing[name])
        return self.there[name]

    def writes(self) -> dict[str, int]:
        return {name: each.writes() for name, each in self.there.items()}

    def people(self) -> dict[str, Mapping[str, Seen]]:
        return {name: each.people() for name, each in self.there.items()}

    def nodes(self) -> list[dict[str, Any]]:
        """Those of the branches."""
        return [node for each in self.there.values() for node in each.branch.nodes()]

    def definition(self, slug: str) -> dict[str, Any]:
        """A workflow with a branch for each, which whoever is hired into the department of this name starts,
        and goes on with when they get a last day.
        """
        leaves = {
            "id": LEAVES,
            "type": "flow.wait_for_event",
            "name": "Wait for the last day",
            "params": {"kinds": ["employee.update"], "match": "has(event.payload.end_date)"},
        }
        chains = [each.branch.chain() for each in self.there.values()]
        return {
            "slug": slug,
            "name": slug.title(),
            "trigger": {
                "events": ["employee.onboard"],
                "filter": f'has(event.payload.department) && event.payload.department == "{slug}"',
            },
            "nodes": [*self.nodes(), leaves],
            "edges": [{"from": one, "to": other} for chain in chains for one, other in pairwise(chain)],
        }


@contextmanager
def opened(kind: type[System], server: Counterpart) -> Iterator[System]:
    system = kind(server)
    try:
        yield system
    finally:
        system.tidy()


@contextmanager
def systems_beside(server_of: Callable[[str], Counterpart], folder: Path) -> Iterator[Systems]:
    """All of them started at once, empty; they are gone at the end. `server_of` gives a fixture's server."""
    servers = {branch.name: server_of(branch.kind.fixture) for branch in BRANCHES}
    with ExitStack() as stack, ThreadPoolExecutor(len(servers)) as pool:
        for server in servers.values():
            stack.callback(server.stop)
        begun = {name: pool.submit(server.begin) for name, server in servers.items()}
        there, missing = {}, {}
        for branch in BRANCHES:
            try:
                begun[branch.name].result()
            except pytest.skip.Exception as reason:
                missing[branch.name] = str(reason)
                continue
            make = _directory if issubclass(branch.kind, Directory) else _web
            there[branch.name] = make(branch, servers[branch.name], stack, folder)
        yield Systems(there, missing)


def _web(branch: Branch, server: Counterpart, stack: ExitStack, folder: Path) -> Beside:
    with opened(branch.kind, server) as system:
        known = system.connection()
    proxy = stack.enter_context(http_faults.FaultProxy(known.host or "").running())

    def hold() -> None:
        proxy.fault(http_faults.Fault(kind="act_then_silent", methods=WRITING, not_path="token"))

    extra = {name: proxy.url if value == known.host else value for name, value in known.extra.items()}
    known = dataclasses.replace(known, host=proxy.url, extra={**extra, **PATIENCE})
    return Beside(branch, server, known, hold)


def _directory(branch: Branch, server: Any, stack: ExitStack, folder: Path) -> Beside:
    with opened(branch.kind, server) as system:
        known = system.connection()
    below = folder / branch.name
    below.mkdir()
    proxy = stack.enter_context(ldap_faults.FaultyDirectory(server, below).running())

    def hold() -> None:
        proxy.fault(ldap_faults.Fault("act_then_silent", ldap_faults.WRITING))

    extra = {**known.extra, **PATIENCE, "ca_file": str(proxy.authority)}
    return Beside(branch, server, dataclasses.replace(known, port=proxy.port, extra=extra), hold)


def connect(running: Running, beside: Beside) -> str:
    """By the command, which asks the system whether it lets us in; the connection's name."""
    name, known = connection_name(beside.branch.kind), beside.connection
    secret = {each.name for each in provider(known.provider).fields if each.secret}
    options, variables = [], {}
    for number, (each, value) in enumerate(fields.told(known).items()):
        if each in secret:
            options += ["--from-env", f"{each}=FIELD_{number}"]
            variables[f"FIELD_{number}"] = value
        else:
            options += ["--set", f"{each}={value}"]
    done = running.cli("connection", "add", "acme", name, "--provider", known.provider, *options, **variables)
    assert done.returncode == 0, done.stdout + done.stderr
    return name
