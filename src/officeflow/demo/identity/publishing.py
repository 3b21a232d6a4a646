"""What the organization needs for it: connections, access rules, published workflows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from officeflow.access import store
from officeflow.access.rules import parse
from officeflow.airflow_api.client import AirflowApi
from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.demo import setup
from officeflow.demo.identity.starting import Started
from officeflow.demo.identity.systems import SYSTEMS
from officeflow.demo.run import prepare
from officeflow.settings import Settings
from officeflow.stack.counterparts import with_further
from officeflow.stack.progress import Progress
from officeflow.stack.servers import counterparts
from officeflow.workflows.publish import Publisher

JOINER, MOVER, LEAVER = (f"identity-{name}" for name in ("joiner", "mover", "leaver"))
RULES = "identity-access.json"
OWN_RULES = "demo-identity: "
"""How the names of the demonstration's rules begin; others of the organization are left alone."""


def publish(
    started: Started, settings: Settings, database: Database, api: AirflowApi, progress: Progress
) -> Organization:
    """All that the main demonstration has, and this one's on top of it."""
    org = prepare(started.stack, settings, database, api, progress)
    absent = {each.connection for each in SYSTEMS} - {each.connection for each in started.systems}
    with progress.step("Connections of the identity systems") as step:
        among = with_further(started.stack.further).values()
        made = counterparts.connections(started.stack, [each for each in among if each.demo])
        step.say(", ".join(setup.ensure_connections(api, made)))
    with progress.step("Access rules") as step:
        step.say(_settle(database, org, absent))
    with progress.step("Workflows of the identity systems") as step:
        wanted = [without(setup.load_definition(f"{name}.json"), absent) for name in (JOINER, MOVER, LEAVER)]
        step.say(", ".join(setup.publish_together(Publisher(database, api), wanted)))
    return org


def without(definition: dict[str, Any], connections: Collection[str]) -> dict[str, Any]:
    """The definition without the nodes of these connections and their edges, and not verifying them."""
    nodes = [
        {**node, "params": _less(node["params"], connections)}
        for node in definition["nodes"]
        if node.get("connection") not in connections
    ]
    known = {node["id"] for node in nodes}
    edges = [edge for edge in definition["edges"] if {edge["from"], edge["to"]} <= known]
    return {**definition, "nodes": nodes, "edges": edges}


def _less(params: Mapping[str, Any], connections: Collection[str]) -> dict[str, Any]:
    if "connections" not in params:
        return dict(params)
    return {**params, "connections": [name for name in params["connections"] if name not in connections]}


def _settle(database: Database, org: Organization, absent: Collection[str]) -> str:
    """The demonstration's rules beside those that are there."""
    with database.service() as session:
        others = store.newest(session, org.org_id).document["rules"]
    own = [
        {**rule, "connections": {n: g for n, g in rule["connections"].items() if n not in absent}}
        for rule in setup.load_definition(RULES)["rules"]
    ]
    rules = [*(rule for rule in others if not rule["name"].startswith(OWN_RULES)), *own]
    kept, _ = store.settle(
        database, org.slug, parse({"rules": rules}), why="the identity demonstration", by=setup.ACTOR
    )
    return f"version {kept.version}"
