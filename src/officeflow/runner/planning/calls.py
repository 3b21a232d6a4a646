"""What a workflow would do that is called: its nodes are a part of the plan of the node that calls it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from officeflow.database.engine import Database
from officeflow.runner.planning.course import Callees, Course
from officeflow.runner.planning.given import Given
from officeflow.runner.planning.leaves import Computed
from officeflow.runner.planning.lines import PlannedNode
from officeflow.sdk.json_schemas import value_problems
from officeflow.tenants import organizations
from officeflow.waiting.calls import MOST_DEPTH
from officeflow.workflows import check_calls, graph
from officeflow.workflows.check_calls import Called
from officeflow.workflows.models import Definition, Node

SEES = ("event", "employee", "org")
"""What a run that is called sees as its caller does."""

PlanNodes = Callable[[Course, Definition], tuple[PlannedNode, ...]]


def callees(database: Database, org: str) -> Callees:
    """The organization's workflows, read when the first is asked for. `org` is its slug or UUID."""
    known: dict[str, Called] = {}

    def find(slug: str) -> Called | None:
        if not known:
            with organizations.entered(database, org) as (session, org_id):
                known.update(check_calls.published(session, org_id))
        return known.get(slug)

    return find


def of(
    course: Course, node: Node, found: Computed, *, plan_nodes: PlanNodes
) -> tuple[tuple[PlannedNode, ...], str]:
    """The nodes of the workflow that the node calls; none, and why, where that is not planned.

    What it is given is known as a whole, or unknown as a whole.
    """
    slug = str(node.params.get("workflow"))
    if slug in course.above:
        circle = " → ".join((*course.above, slug))
        return (), f"{slug} is not planned: workflows call each other in a circle: {circle}"
    callee = course.callees(slug)
    if callee is None:
        return (), f"{slug} is not planned: no such workflow is known here"
    why = next(_against(course, node, callee, found), "")
    if why:
        return (), f"{slug} is not planned: {why}"
    inner = Course(
        _given(course.given, found),
        graph.build(callee.definition),
        course.looks,
        course.callees,
        touched=course.touched,
        room=course.room,
        above=(*course.above, slug),
        within=f"{course.name_of(node)}.",
    )
    return plan_nodes(inner, callee.definition), ""


def _against(course: Course, node: Node, callee: Called, found: Computed) -> Iterator[str]:
    """Why it is not planned, or would not be started."""
    version, inputs = node.params.get("version"), callee.definition.inputs
    if len(course.above) > MOST_DEPTH:
        yield f"calls are nested more than {MOST_DEPTH} deep"
    if not callee.is_active:
        yield "it is deactivated, and the node would fail"
    if version not in (None, callee.version):
        yield f"version {version} is called, and version {callee.version} is published: the node would fail"
    if inputs is None:
        yield "it declares no inputs, and the node would fail"
    elif found.real is not None:
        wrong = value_problems(found.real.get("input", {}), inputs, "input")
        if wrong:
            paths = ", ".join(dict.fromkeys(each.path for each in wrong))
            yield f"it does not take what it would be given ({paths}), and the node would fail"
    if course.room.left < len(callee.definition.nodes):
        yield "the plan is long enough already"


def _given(given: Given, found: Computed) -> Given:
    """It sees the event and the person, and what it is given where that is known."""

    def seen(values: Mapping[str, Any], params: Mapping[str, Any] | None) -> dict[str, Any]:
        kept = {name: values[name] for name in SEES if name in values}
        return kept if params is None else {**kept, "input": params.get("input", {})}

    return Given(given.kind, seen(given.values, found.real), seen(given.masked, found.masked))
