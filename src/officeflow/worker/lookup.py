"""From a task instance to the node that it is: what the generated DAG's operator would be told."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from officeflow.database.engine import Database
from officeflow.errors import InvalidDefinition, NotKnown, OfficeFlowError
from officeflow.ids import split_dag_id
from officeflow.program import typed
from officeflow.sdk import NodeInput
from officeflow.sdk.execution import tries_before
from officeflow.worker.messages import Order
from officeflow.workflows import graph as graphs
from officeflow.workflows import revisions
from officeflow.workflows.models import Definition, Node, stored_hash

REMEMBERED = 256
"""Workflows of which a process keeps a version in mind."""


class Lookup:
    """Finds nodes in the published versions. What a revision says never changes, so it is asked for once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._pinned = functools.lru_cache(maxsize=REMEMBERED)(self._newest_that_builds)

    def node_input(self, order: Order) -> NodeInput:
        """What `run_node` is told.

        `NotKnown` where the revision has no such workflow or node; `InvalidDefinition` where none of its
        versions builds.
        """
        org, slug = split_dag_id(order.dag_id)
        version, graph = (
            self._pinned(org, slug, order.revision)
            if order.revision
            else self._newest_that_builds(org, slug, None)
        )
        node = _node(graph, order)
        return NodeInput(
            node=node.id,
            type=node.type,
            org=org,
            dag_id=order.dag_id,
            dag_run_id=order.dag_run_id,
            params=node.params,
            context=order.conf,
            connection=node.connection,
            map_index=order.map_index,
            try_number=order.try_number,
            tries_before=tries_before(order.max_tries, node.retry_policy.max_retries),
            workflow=slug,
            version=version,
            retry=node.retry_policy,
            timeout_ms=node.timeout_ms,
            conditions={branch.skips: branch.condition for branch in graph.branches.get(node.id, ())},
            answer=order.answer,
            started_by=order.started_by,
        )

    @staticmethod
    def barely(order: Order) -> NodeInput:
        """What is known of a node that could not be found, or not be looked for."""
        org, slug = split_dag_id(order.dag_id)
        return NodeInput(
            node=order.task_id,
            type="",
            org=org,
            dag_id=order.dag_id,
            dag_run_id=order.dag_run_id,
            params={},
            context=order.conf,
            map_index=order.map_index,
            try_number=order.try_number,
            workflow=slug,
        )

    def _newest_that_builds(self, org: str, slug: str, revision: int | None) -> tuple[int, graphs.Graph]:
        """As the bundle's stubs do: of the newest versions, the first that builds."""
        with self._database.service() as session:
            candidates = revisions.of_workflow(session, org, slug, revision)
        if not candidates:
            where = f"revision {revision}" if revision else "the newest revision"
            raise NotKnown(
                f"{where} shows no workflow {slug!r} of {org}",
                hint=f"`{typed('workflow versions')}` lists what was published",
            )
        broken: list[str] = []
        for found in candidates:
            try:
                return found.version, _graph(found)
            except OfficeFlowError as error:
                broken.append(f"version {found.version}: {error}")
        raise InvalidDefinition(
            f"no version of {slug!r} can be run: {'; '.join(broken)}", hint="publish it anew"
        )


def _graph(found: revisions.ShownVersion) -> graphs.Graph:
    if stored_hash(found.definition) != found.content_hash:
        raise InvalidDefinition(
            "its definition is not the one that was published: somebody changed it in the database"
        )
    return graphs.build(_definition(found.definition))


def _definition(stored: Mapping[str, object]) -> Definition:
    try:
        return Definition.model_validate(stored)
    except ValueError as error:
        raise InvalidDefinition(f"it is not a definition: {error}") from error


def _node(graph: graphs.Graph, order: Order) -> Node:
    for node in graph.nodes:
        if node.id == order.task_id:
            return node
    raise NotKnown(f"the workflow has no node {order.task_id!r} in the version that this run is pinned to")
