"""What people are asked: the request is opened once, and the node is given what the answers come to.

An answer that Airflow brought is recorded before anything else is done, so that nothing loses it; what counts
is the request's own row, whatever Airflow says.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from sqlalchemy.orm import Session

from officeflow.database.engine import enter_tenant
from officeflow.database.tables import HumanRequest
from officeflow.errors import AnswerNeeded, AnswerRefused, AnswersDoNotFit
from officeflow.ids import workflow_run_id
from officeflow.people import answers, holding, requests, shown, telling
from officeflow.runner.course import Course
from officeflow.runner.prepare import Prepared
from officeflow.runner.waiting import OPTIONS
from officeflow.runs.acts import Attempt
from officeflow.sdk import Answer, Decision, Question
from officeflow.sdk.question import REASON
from officeflow.statuses import RequestState
from officeflow.waiting import wakes

LEAST = dt.timedelta(seconds=1)
"""For which it is asked again where its time is as good as over: Airflow's executor needs a moment between
asking and an answer.
"""


def hear(course: Course) -> None:
    """Record the answer that the task was resumed with, where its node has an open request."""
    given, answer = course.given, course.given.answer
    if answer is None or answer.chosen in OPTIONS:
        return
    run_id = workflow_run_id(given.dag_id, given.dag_run_id)
    with course.services.database.service() as session:
        request = requests.open_at(session, run_id, given.node, given.map_index)
        if request is None or _is_of_another(answer, request):
            return
        enter_tenant(session, request.org_id)
        _take(course, session, request, answer)
    course.heard = True


def come(course: Course, prepared: Prepared, attempt: Attempt, needed: AnswerNeeded) -> Decision | None:
    """What the answers come to; None while they do not, and then `needed` asks for as long as is left."""
    question, now = needed.question, course.services.clock.now()
    if not isinstance(question, Question) or question.kind is None:
        return None
    question = _masked(course, question)
    request_of, given = prepared.request, course.given
    place = requests.Place(
        run_id=request_of.run.run_id,
        node=given.node,
        act_key=request_of.act_key,
        map_index=given.map_index,
        generation=attempt.generation,
        attempt=attempt.number,
        resuming=attempt.resuming,
        anew=given.answer is None,
    )
    with course.services.database.tenant(request_of.run.org_id) as session:
        request = requests.ask(session, place, question, now=now)
        answer = given.answer
        if answer is not None and not course.heard and not _is_of_another(answer, request):
            _take(course, session, request, answer, first=True)
        decision = answers.decision(session, request)
        if decision is not None:
            request.told_airflow_at = request.told_airflow_at or now
            wakes.notify(session, request.run_id)
            return decision
        needed.question = replace(question, timeout=_left(request, now))
        course.log.info(f"asked: {shown.in_words(holding.of_request(session, request, now=now))}")
    return None


def _is_of_another(answer: Answer, request: HumanRequest) -> bool:
    """Whether it answers something else, which the platform asked meanwhile, or which is decided."""
    return request.state != RequestState.OPEN or bool(answer.chosen and answer.chosen not in request.options)


def _take(
    course: Course, session: Session, request: HumanRequest, answer: Answer, *, first: bool = False
) -> None:
    """Why an answer does not count stands in the log, and with the request.

    `first`: it was asked before there were requests, so what Airflow says of its time holds.
    """
    now = course.services.clock.now()
    if not answer.in_time:
        if first and request.deadline is not None:
            request.deadline = now
        requests.expire(session, request, now=now)
        return
    values = dict(answer.values)
    reason = values.pop(REASON, None) if request.form is None else None
    try:
        with session.begin_nested():
            taken = answers.answer(
                session,
                request.request_id,
                choice=answer.chosen,
                door="airflow",
                login=answer.by,
                reason=reason if isinstance(reason, str) else "",
                values=values,
                now=now,
            )
    except (AnswerRefused, AnswersDoNotFit) as error:
        if request.state != RequestState.OPEN:
            return
        course.log.warning(f"the answer of {answer.by or 'somebody'} does not count: {error}")
        telling.note_refused(request, error, by=answer.by, door="airflow", now=now)
    else:
        course.log.info(f"answered by {taken.by}: {taken.yes} of {taken.needed} have said yes")


def _left(request: HumanRequest, now: dt.datetime) -> dt.timedelta | None:
    return None if request.deadline is None else max(request.deadline - now, LEAST)


def _masked(course: Course, question: Question) -> Question:
    """It is kept, mailed and shown: nothing that is sensitive goes along."""
    mask = course.mask
    return replace(question, subject=mask.text(question.subject), body=mask.text(question.body))
