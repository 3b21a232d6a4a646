"""Before the act: the node type, the values its expressions see, its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from officeflow.catalog.registry import missing, node_type
from officeflow.errors import InvalidParameters, NodeTypeMissing, Problem
from officeflow.expressions.cel import truths
from officeflow.runner import approvals, given_up, holding, resolve, values
from officeflow.runner.course import Course
from officeflow.runner.masking import mask_of, sensitive_values
from officeflow.runs.acts import ActRequest
from officeflow.sdk import Node, NodeParams
from officeflow.sdk.execution import Rounds

AnyNode = Node[Any, Any, Any]


class LeftOut(Exception):
    """No way leads to the node in this round of a loop."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A node that is ready to act. `values` are what its expressions see."""

    node: AnyNode
    params: NodeParams
    request: ActRequest
    values: Mapping[str, Any]


def prepare(course: Course) -> Prepared:
    """Nothing has been done when this raises: `InvalidParameters`, `InvalidInput`, `NotKnown`, `NotApproved`,
    `StillAway`, `Unavailable`, `LeftOut`.
    """
    given = course.given
    node = _node(course)
    if node.spec.family is not None and not given.connection:
        raise InvalidParameters(
            f"{given.type} needs a connection",
            problems=[Problem("connection", f"name one of the family {node.spec.family}")],
        )
    schema = node.schema().params
    conditions = {**given.conditions, **{f"arrival {n}": way for n, way in enumerate(given.rounds.arrivals)}}
    names = resolve.names_read(given.params, conditions, schema) | node.reads(given.params)
    if node.follows_person and names & {"event", "employee"}:
        course.follows_person, names = True, names | {values.NOW}
    around = _gather(course, names)
    holding.hold(course, around, type(node))
    course.mask = mask_of(around.sensitive)
    if not _is_come_to(given.rounds, around.values):
        raise LeftOut
    approvals.check(course, around)
    resolved = _resolved(course, around, schema)
    params = _parsed(node, resolved, given.params)
    course.mask = mask_of(around.sensitive, sensitive_values(params))
    request = ActRequest(
        run=around.run,
        node=given.node,
        type=given.type,
        effect=node.effect_of(params, course.connection),
        params=given.params if course.follows_person else resolved,
        connection=given.connection,
        map_index=given.map_index,
        try_number=given.try_number,
        node_id=around.drawn.node_id if around.drawn else None,
        renamed_from=around.drawn.act_key if around.drawn else "",
        mask=course.mask.text,
    )
    return Prepared(node, params, request, around.values)


def _is_come_to(rounds: Rounds, seen: Mapping[str, Any]) -> bool:
    if not rounds.arrivals:
        return True
    taken = truths(rounds.arrivals, seen)
    return all(taken) if rounds.needs_all else any(taken)


def _parsed(node: AnyNode, resolved: Mapping[str, Any], drawn: Mapping[str, Any]) -> NodeParams:
    """As `Node.parse`; a problem with a value that was computed says by which expression."""
    try:
        params: NodeParams = node.parse(resolved)
    except InvalidParameters as error:
        told = resolve.expressions_by_path(drawn)
        problems = [
            replace(problem, reason=f"{problem.reason}: it is what `{told[problem.path]}` gives")
            if problem.path in told
            else problem
            for problem in error.problems
        ]
        raise InvalidParameters(error.message, problems=problems, hint=error.hint) from error
    return params


def _node(course: Course) -> AnyNode:
    """`StillAway` where its type is not there: the look is counted with the run."""
    name = course.given.type
    try:
        return node_type(name)()
    except NodeTypeMissing:
        _gather(course, frozenset())
        raise course.borne(missing(name)) from None


def _resolved(course: Course, around: values.Surroundings, schema: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return resolve.resolve(course.given.params, _visible(course, around), schema)
    except InvalidParameters as error:
        explained = given_up.explained(course, around, error)
        if explained is None:
            raise
        raise explained from error


def _gather(course: Course, names: frozenset[str]) -> values.Surroundings:
    with course.services.database.service() as session:
        course.around = values.gather(session, course.given, names)
    return course.around


def _visible(course: Course, around: values.Surroundings) -> Mapping[str, Any]:
    return {**around.values, "event": around.values[values.NOW]} if course.follows_person else around.values
