"""A node that waits for a run of another workflow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from officeflow.database.tables import RunRequest, Workflow, WorkflowRun
from officeflow.errors import FlowStopped, InvalidInput, InvalidParameters, Problem, RunNeeded
from officeflow.ids import run_request_id, split_dag_id
from officeflow.runner import resolve, values
from officeflow.runner.course import Course
from officeflow.runner.masking import mask_of
from officeflow.runner.prepare import Prepared
from officeflow.runs.acts import Attempt
from officeflow.sdk import Call, EndedRun, NodeInput
from officeflow.sdk.json_schemas import value_problems
from officeflow.statuses import CallState, RunStatus
from officeflow.waiting import calls
from officeflow.waiting.calls import Wanted
from officeflow.workflows import store as workflows
from officeflow.workflows.models import Definition, Output


def come(course: Course, prepared: Prepared, attempt: Attempt, needed: RunNeeded) -> EndedRun | None:
    """`FlowStopped` where there will be no such run; `InvalidInput` where its outputs are not what its
    workflow declares.
    """
    call, run = needed.call, prepared.request.run
    if not isinstance(call, Call):
        raise TypeError("RunNeeded wants a Call")
    with course.services.database.tenant(run.org_id) as session:
        request = calls.want(
            session,
            Wanted(
                request_id=run_request_id(attempt.key),
                org_id=run.org_id,
                parent_run_id=run.run_id,
                node_key=course.given.node,
                map_index=course.given.map_index,
                generation=attempt.generation,
                workflow=call.workflow,
                version=call.version,
                input=call.input,
                sensitive=course.mask.found_in(call.input),
            ),
        )
        _refused(request)
        child = calls.child_of(session, request)
    if child is None:
        return None
    return _ended(course, child)


def _refused(request: RunRequest) -> None:
    if request.state == CallState.REFUSED:
        told = request.error_details or {}
        raise FlowStopped(str(told.get("message", "")), hint=str(told.get("hint", "")))


def _ended(course: Course, child: WorkflowRun) -> EndedRun:
    output: Mapping[str, Any] = {}
    if child.status == RunStatus.SUCCEEDED:
        with course.services.database.service() as session:
            output = _outputs(session, course, child)
    return EndedRun(
        run_id=str(child.run_id),
        name=f"{child.dag_id}/{child.dag_run_id}",
        status=child.status,
        output=output,
        error=str((child.error_details or {}).get("message", "")),
    )


def _outputs(session: Session, course: Course, child: WorkflowRun) -> Mapping[str, Any]:
    """What is sensitive in them stays so."""
    org, slug = split_dag_id(child.dag_id)
    if child.workflow_id is None or child.version is None:
        return {}
    workflow = session.get_one(Workflow, child.workflow_id)
    version = workflows.version(session, workflow, child.version)
    declared = Definition.model_validate(version.definition).outputs
    if not declared:
        return {}
    drawn = {name: output.value for name, output in declared.items()}
    given = NodeInput(
        node="",
        type="",
        org=org,
        dag_id=child.dag_id,
        dag_run_id=child.dag_run_id,
        params=drawn,
        context=child.context,
        workflow=slug,
        version=child.version,
    )
    around = values.gather(session, given, resolve.names_read(drawn, {}, {}))
    course.mask = mask_of(course.mask.values, around.sensitive)
    return _checked(slug, declared, _computed(slug, drawn, around.values))


def _computed(slug: str, drawn: Mapping[str, Any], seen: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        return resolve.resolve(drawn, seen, {})
    except InvalidParameters as error:
        told = [
            Problem(problem.path.replace("params", "outputs", 1), problem.reason, problem.suggestion)
            for problem in error.problems
        ]
        text = f"the outputs of the workflow {slug} cannot be computed"
        raise InvalidInput(text, problems=told) from error


def _checked(slug: str, declared: Mapping[str, Output], found: Mapping[str, Any]) -> Mapping[str, Any]:
    problems = [
        problem
        for name, output in declared.items()
        for problem in value_problems(found[name], output.value_schema, f"outputs.{name}")
    ]
    if problems:
        raise InvalidInput(f"the workflow {slug} does not give what it declares", problems=problems)
    return found
