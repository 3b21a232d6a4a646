"""One act of undoing, in which a node type takes back what it did itself."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from pydantic import ValidationError

from officeflow.catalog.registry import node_type
from officeflow.errors import OutcomeUnknown
from officeflow.runner.act import act_of, opened
from officeflow.runner.course import Course
from officeflow.runner.masking import mask_of, sensitive_values
from officeflow.runner.prepare import AnyNode, Prepared
from officeflow.runner.undoing.plan import Step
from officeflow.runs import reservations
from officeflow.runs.acts import ActRequest, Attempt, Done
from officeflow.runs.standing import Act
from officeflow.sdk import Act as NodeAct
from officeflow.sdk import Effect, NodeOutput, UndoWay


def request_of(course: Course, step: Step, way: UndoWay) -> ActRequest:
    """Done again under the same key where an attempt left no end: `Node.undo` looks first."""
    [act] = step.acts

    def masked(text: str) -> str:
        """By what is known to be sensitive by then."""
        return course.mask.text(text)

    return ActRequest(
        run=act.run,
        node=step.key,
        type=act.type,
        effect=Effect.IDEMPOTENT,
        params={"undoes": act.key, "way": way.name},
        connection=act.connection,
        map_index=act.map_index,
        try_number=course.given.try_number,
        mask=masked,
    )


def take_back(course: Course, act: Act, request: ActRequest, way: UndoWay, attempt: Attempt) -> Done:
    course.key, course.story = attempt.key, attempt.story
    try:
        node = node_type(act.type)()
        params = node.parse(act.params)
        course.mask = mask_of(
            course.mask.values,
            sensitive_values(params),
            act.sensitive,
            course.around and course.around.sensitive,
        )
        prepared = Prepared(node, params, request, {})
        _undo(course, prepared, act, way, attempt)
    except Exception as error:
        course.recorded = error
        raise
    finally:
        attempt.story[:] = course.mask.value(attempt.story)
    return Done(output={"changed": any(step["step"] == "changed" for step in attempt.story)})


def _undo(course: Course, prepared: Prepared, act: Act, way: UndoWay, attempt: Attempt) -> None:
    with opened(course, prepared, also=way.needs) as provider:
        where = f" at {provider.address}" if provider is not None else ""
        course.log.info(f"Undo: {prepared.node.spec.title}{where} ({way.name})", key=attempt.key)
        kept = partial(reservations.give_back, course.services.database, act.run.org_id, act.key)
        undoing = replace(act_of(course, prepared, attempt), way=way.name, give_back=kept)
        output = _output(prepared.node, act)
        if output is None:
            output = _seen(prepared, act, provider, undoing)
        prepared.node.undo(prepared.params, output, provider, undoing)


def _output(node: AnyNode, act: Act) -> NodeOutput | None:
    """None where the ledger does not have what it gave, as where a person said that it was done."""
    try:
        output: NodeOutput = node.output_model.model_validate(act.output or {})
    except ValidationError:
        return None
    return output


def _seen(prepared: Prepared, act: Act, provider: Any, undoing: NodeAct) -> NodeOutput:
    """What it gave, by what it left there: it is known that it was done. `OutcomeUnknown` where nothing of it
    is to be seen, or nobody can tell.
    """
    if act.effect is Effect.CHECK_THEN_ACT:
        looking = replace(
            undoing,
            key=act.key,
            node=act.task,
            way="",
            resuming=True,
            taken=True,
            began_at=act.began_at,
        )
        there: NodeOutput | None = prepared.node.find(prepared.params, provider, looking)
        if there is not None:
            return there
    raise OutcomeUnknown(
        "it was done, and what it gave is not known: the ledger does not have it, as where a person said that"
        " it was done, and it was not found there",
        hint="take it back there by hand",
    )
