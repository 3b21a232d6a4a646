"""One act of undoing that a compensating node does: prepared as any other node's, with what it stands for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from officeflow.catalog.registry import missing, node_type
from officeflow.errors import InvalidParameters, NodeTypeMissing, Problem
from officeflow.runner import resolve, values
from officeflow.runner.course import Course
from officeflow.runner.masking import mask_of, sensitive_values
from officeflow.runner.prepare import Prepared
from officeflow.runner.undoing.plan import Step
from officeflow.runs.acts import ActRequest
from officeflow.runs.standing import Act
from officeflow.sdk import NodeParams
from officeflow.statuses import ActStatus
from officeflow.workflows.models import Node


def prepare(course: Course, step: Step, node: Node, undo: Course) -> Prepared:
    """Its expressions see the outputs of all nodes, also of those that are taken back by now; of a node that
    it stands for, the output of the act that it is about.
    """
    try:
        kind = node_type(node.type)()
    except NodeTypeMissing:
        raise course.borne(missing(node.type)) from None
    if kind.spec.family is not None and not node.connection:
        raise InvalidParameters(
            f"{node.type} needs a connection",
            problems=[Problem("connection", f"name one of the family {kind.spec.family}")],
        )
    schema = kind.schema().params
    names = resolve.names_read(node.params, {}, schema)
    with course.services.database.service() as session:
        found = values.gather(session, course.given, names - {"nodes"})
    # What is away is counted for the task `undo`, whatever step misses it.
    course.around = replace(found, seen=undo.around.seen if undo.around else None)
    seen = {**course.around.values, "nodes": _outputs(step)}
    sensitive = [course.around.sensitive, *(act.sensitive for act in step.run.acts)]
    course.mask = mask_of(*sensitive)
    resolved = resolve.resolve(node.params, seen, schema)
    params: NodeParams = kind.parse(resolved)
    course.mask = mask_of(*sensitive, sensitive_values(params))
    request = ActRequest(
        run=replace(step.run.run, employee=course.around.run.employee),
        node=step.key,
        type=node.type,
        effect=kind.effect_of(params, course.connection),
        params=resolved,
        connection=node.connection,
        map_index=step.map_index,
        try_number=course.given.try_number,
        mask=course.mask.text,
    )
    return Prepared(kind, params, request, seen)


def _outputs(step: Step) -> dict[str, Any]:
    """As expressions see them under `nodes`."""
    nodes: dict[str, Any] = {}
    for act in _newest(step.run.acts):
        if act.map_index < 0:
            nodes[act.task] = {"output": act.output}
        else:
            nodes.setdefault(act.task, {"output": []})["output"].append(act.output)
    if step.map_index >= 0:
        nodes |= {act.task: {"output": act.output} for act in step.acts}
    return nodes


def _newest(acts: Sequence[Act]) -> list[Act]:
    """Of each node and item the newest that was done, in the order of the items."""
    done = [act for act in acts if act.status in {ActStatus.SUCCEEDED, ActStatus.COMPENSATED}]
    newest = {(act.task, act.map_index): act for act in sorted(done, key=lambda act: act.generation)}
    return sorted(newest.values(), key=lambda act: (act.task, act.map_index))
