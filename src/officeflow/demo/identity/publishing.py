"""What the organization needs for it: connections, access rules, published workflows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from typing import Any

from officeflow.access import store
from officeflow.access.rules import parse
from officeflow.access.store import Kept
from officeflow.airflow_api.client import AirflowApi
from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.demo import setup
from officeflow.demo.identity.starting import Started
from officeflow.demo.identity.systems import SYSTEMS
from officeflow.demo.run import prepare
from officeflow.errors import SecondPersonNeeded
from officeflow.errors.requests import ChangedMeanwhile
from officeflow.program import typed
from officeflow.settings import Settings
from officeflow.stack.counterparts import with_further
from officeflow.stack.progress import Progress
from officeflow.stack.servers import counterparts
from officeflow.workflows import rules_protection
from officeflow.workflows.publish import Publisher

JOINER, MOVER, LEAVER = (f"identity-{name}" for name in ("joiner", "mover", "leaver"))
RULES = "identity-access.json"
OWN_RULES = "demo-identity: "
"""How the names of the demonstration's rules begin; others of the organization are left alone."""
WHY = "the identity demonstration"


def publish(
    started: Started, settings: Settings, database: Database, api: AirflowApi, progress: Progress
) -> Organization:
    """All that the main demonstration has, and this one's on top of it. Rules come first: where another admin
    has to release them, nothing of this one's is there. Otherwise as `settle_rules`.
    """
    org = prepare(started.stack, settings, database, api, progress)
    absent = {each.connection for each in SYSTEMS} - {each.connection for each in started.systems}
    with progress.step("Access rules") as step:
        step.say(f"version {settle_rules(database, org, absent)}")
    with progress.step("Connections of the identity systems") as step:
        among = with_further(started.stack.further).values()
        made = counterparts.connections(started.stack, [each for each in among if each.demo])
        step.say(", ".join(setup.ensure_connections(api, made)))
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


def settle_rules(database: Database, org: Organization, absent: Collection[str]) -> int:
    """The demonstration's rules beside those that are there, but for the connections that are `absent`; the
    version that counts.

    What others set meanwhile is kept. `SecondPersonNeeded` where the rules are protected and do not have the
    demonstration's: another admin is asked.
    """
    own = [
        {**rule, "connections": {n: g for n, g in rule["connections"].items() if n not in absent}}
        for rule in setup.load_definition(RULES)["rules"]
    ]
    while True:
        with database.service() as session:
            before = store.newest(session, org.org_id)
        with suppress(ChangedMeanwhile):
            return _settled(database, org, before, own)


def _settled(database: Database, org: Organization, before: Kept, own: Iterable[dict[str, Any]]) -> int:
    """`ChangedMeanwhile` where other rules count than `before`."""

    def look(now: Kept) -> None:
        if now.version != before.version:
            raise ChangedMeanwhile(f"version {now.version} counts by now", etag=f'"{now.version}"')

    others = [rule for rule in before.document["rules"] if not rule["name"].startswith(OWN_RULES)]
    settled = rules_protection.settle(
        database, org.slug, parse({"rules": [*others, *own]}), look=look, why=WHY, by=setup.ACTOR
    )
    if settled.release is not None:
        raise SecondPersonNeeded(
            f"the access rules of {org.slug} are protected, and do not have those of the demonstration",
            hint=f"another admin says `{typed('release approve')} {settled.release.release_id}"
            f" --org {org.slug} --login LOGIN`; then call it again",
        )
    return settled.kept.version
