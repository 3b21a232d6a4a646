"""Acts whose end nobody has recorded: is there something to take back?"""

from __future__ import annotations

from officeflow.catalog.registry import node_type
from officeflow.errors import OfficeFlowError
from officeflow.runner.act import act_of, opened
from officeflow.runner.course import Course
from officeflow.runner.masking import mask_of, sensitive_values
from officeflow.runner.output import done_with
from officeflow.runner.prepare import Prepared
from officeflow.runs.acts import ActRequest, Attempt, Done, lock_number
from officeflow.runs.lock import hold
from officeflow.runs.standing import Act
from officeflow.sdk import Effect
from officeflow.statuses import ActStatus


class NothingLeft(OfficeFlowError):
    """The act has left nothing behind: it was not done."""

    code = "not_done"


def settle(course: Course, act: Act) -> None:
    """Where another worker still acts, `ActInProgress`. Otherwise an act that can be looked for is, and the
    ledger knows then whether it was done; of any other nobody can tell, and it stays as it is.

    Raises what the customer's system says; nothing was done then.
    """
    number = lock_number(act.run.run_id, act.node, act.map_index)
    with hold(course.services.database, number, wait_seconds=course.services.lock_wait):
        pass
    if act.status != ActStatus.STARTED or act.effect is not Effect.CHECK_THEN_ACT or act.input is None:
        return
    node = node_type(act.type)()
    params = node.parse(act.params)
    course.mask = mask_of(sensitive_values(params), course.around and course.around.sensitive)
    request = ActRequest(
        run=act.run,
        node=act.node,
        type=act.type,
        effect=act.effect,
        params=act.params,
        connection=act.connection,
        map_index=act.map_index,
        try_number=course.given.try_number,
        mask=course.mask.text,
    )
    prepared = Prepared(node, params, request, {})
    try:
        course.services.ledger.once(request, lambda attempt: _found(course, prepared, attempt))
    except NothingLeft:
        course.log.info(f"{act.task} was begun, and has left nothing behind")


def _found(course: Course, prepared: Prepared, attempt: Attempt) -> Done:
    node, params = prepared.node, prepared.params
    with opened(course, prepared) as provider:
        found = node.find(params, provider, act_of(course, prepared, attempt))
    attempt.story[:] = course.mask.value(attempt.story)
    if found is None:
        attempt.nothing_found()
        raise NothingLeft("it was begun, and has left nothing behind")
    return done_with(found, node.audit(params, found), course.mask)
