"""The commands, for the program and for the launcher, which reads this file before anything is installed.

Standard library only.
"""

from __future__ import annotations

import difflib

COMMANDS = {
    "up": ("officeflow.cli.stack:up", "start everything on this machine and show it at work"),
    "down": ("officeflow.cli.stack:down", "stop every process; the data stays"),
    "status": ("officeflow.cli.status:status", "every process, what waits where, the last errors"),
    "logs": ("officeflow.cli.stack:logs", "the logs of the processes"),
    "doctor": ("officeflow.cli.doctor:doctor", "examine the installation: what is wrong, and what to do"),
    "reset": ("officeflow.cli.stack:reset", "stop, and remove all data, logs and secrets"),
    "whoami": ("officeflow.cli.whoami:whoami", "who acts, and what they may do in which organization"),
    "workflow": ("officeflow.cli.workflows:workflow", "definitions: check, publish, look at them"),
    "release": ("officeflow.cli.releases:release", "what one admin wants and a second one releases"),
    "node": ("officeflow.cli.nodes:node", "the catalog of node types"),
    "run": ("officeflow.cli.runs:run", "runs of workflows: list, show, watch, start, steer"),
    "ledger": ("officeflow.cli.ledger:ledger", "what nodes did, and what people decide about it"),
    "approval": ("officeflow.cli.approvals:approval", "what runs ask people, and what these answer"),
    "event": ("officeflow.cli.events:event", "send a lifecycle event, export what events look like"),
    "inbox": ("officeflow.cli.inbox:inbox", "events that arrived, messages that could not be taken"),
    "outbox": ("officeflow.cli.outbox:outbox", "messages for Kafka that wait or were set aside"),
    "org": ("officeflow.cli.tenants:org", "organizations: the tenants"),
    "user": ("officeflow.cli.tenants:user", "people who work with OfficeFlow for an organization"),
    "employee": ("officeflow.cli.tenants:employee", "the people that lifecycle events are about"),
    "person": (
        "officeflow.cli.person:person",
        "a person's data: export it, erase it, hold it",
    ),
    "connection": (
        "officeflow.cli.connections:connection",
        "where an organization's systems are, who we are there",
    ),
    "access": (
        "officeflow.cli.access:access",
        "what people should have in systems, by rules",
    ),
    "drift": ("officeflow.cli.drift:drift", "where systems differ from people and access rules"),
    "service-account": (
        "officeflow.cli.service_accounts:service_account",
        "programs that work with the API for an organization",
    ),
    "token": ("officeflow.cli.tokens:token", "what programs sign in with: make, list, revoke, rotate"),
    "api": ("officeflow.cli.api:api", "the API as a process of its own, and its description"),
    "source": ("officeflow.cli.sources:source", "systems that deliver events by webhooks"),
    "gateway": ("officeflow.cli.sources:gateway", "the process that takes deliveries of webhooks"),
    "keys": ("officeflow.cli.keys:keys", "the keys that data is encrypted by: how far, replace them"),
    "audit": ("officeflow.cli.audit:audit", "read and verify the audit log"),
    "settings": ("officeflow.cli.settings:settings", "what can be set, and what is"),
    "demo": ("officeflow.cli.demo:demo", "the demonstration's systems: where they are, how to sign in"),
    "db": ("officeflow.cli.db:db", "the tables of OfficeFlow's own database"),
    "test": ("officeflow.cli.suite:test", "run the tests; `test unit` those that need no server"),
    "bench": ("officeflow.cli.bench:bench", "list the benchmarks; `bench NAME` measures"),
}
"""Command name to `module:object` and what it does, in a line."""

FOR_HELP = ("--help", "-h")


def usage(program: str, note: str = "") -> str:
    """What `--help` prints: within 80 columns, and the same whether anything is installed or not, but for the
    `note`.
    """
    lines = [
        f"Usage: {program} COMMAND [OPTIONS] …",
        "",
        "Joiner, mover and leaver workflows on Apache Airflow.",
        "",
    ]
    width = max(map(len, COMMANDS))
    lines += [f"  {name:<{width}}  {says}" for name, (_, says) in COMMANDS.items()]
    lines += [
        "",
        f"  {'--help':<{width}}  this list; `COMMAND --help` tells of one command",
        f"  {'--version':<{width}}  which OfficeFlow this is",
    ]
    return "\n".join([*lines, *(["", note] if note else [])])


def unknown(program: str, name: str) -> tuple[str, str]:
    """What is wrong with a command that there is not, and what to do."""
    near = difflib.get_close_matches(name, COMMANDS, n=1, cutoff=0.5)
    return (
        f"there is no command {name!r}",
        f"did you mean `{program} {near[0]}`?" if near else f"`{program} --help` lists them",
    )
