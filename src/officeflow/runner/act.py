"""The act itself: the customer's system is opened and called here, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

from officeflow.connectors.families import Capability
from officeflow.errors import AnswerNeeded, EventNeeded, NothingHappened, NotYet, RunNeeded
from officeflow.runner import awaited
from officeflow.runner.course import Course
from officeflow.runner.output import done_with
from officeflow.runner.prepare import AnyNode, Prepared
from officeflow.runs import reservations
from officeflow.runs.acts import Attempt, Done
from officeflow.runs.checkpoints import keep_progress
from officeflow.runs.earlier import last_output
from officeflow.sdk import Act, Effect, NodeOutput
from officeflow.sdk.effect_words import EFFECT_WORDS


def act(course: Course, prepared: Prepared, attempt: Attempt) -> Done:
    """For the ledger, which records what goes wrong in here."""
    course.key, course.story = attempt.key, attempt.story
    try:
        output = _called(course, prepared, attempt)
        return done_with(output, prepared.node.audit(prepared.params, output), course.mask)
    except Exception as error:
        course.recorded = error
        raise


def _called(course: Course, prepared: Prepared, attempt: Attempt) -> NodeOutput:
    """What every act on a customer's system goes through, whatever node it is and whichever attempt."""
    try:
        with opened(course, prepared) as provider:
            _log_beginning(course, prepared, attempt, provider)
            return _perform(course, prepared, attempt, provider)
    finally:
        attempt.story[:] = course.mask.value(attempt.story)


@contextmanager
def opened(course: Course, prepared: Prepared, *, also: frozenset[Capability] = frozenset()) -> Iterator[Any]:
    """A provider of the family that the node needs, for this act alone; None where it needs none. `also` is
    what it must be able to do besides.
    """
    node = prepared.node
    if node.spec.family is None:
        yield None
        return
    from officeflow.connectors.opening import open_provider

    provider = open_provider(
        course.connection(),
        correlation_id=prepared.request.run.correlation_id,
        family=node.spec.family,
        needs=node.needs | also,
        purpose=node.spec.type,
    )
    try:
        yield provider
    finally:
        provider.close()


def _log_beginning(course: Course, prepared: Prepared, attempt: Attempt, provider: Any) -> None:
    where = f" at {provider.address}" if provider is not None else ""
    course.log.info(
        f"{prepared.node.spec.title}{where}, attempt {attempt.number}",
        key=attempt.key,
        connection=course.given.connection,
    )
    if attempt.resuming:
        why = EFFECT_WORDS[prepared.request.effect].resuming
        course.log.warning(f"an earlier attempt left no end: {why}", key=attempt.key)


def _perform(course: Course, prepared: Prepared, attempt: Attempt, provider: Any) -> NodeOutput:
    node, params, act = prepared.node, prepared.params, act_of(course, prepared, attempt)
    if act.resuming and prepared.request.effect is Effect.CHECK_THEN_ACT:
        found: NodeOutput | None = node.find(params, provider, act)
        if found is not None:
            return found
        if attempt.taken:
            raise _not_seen(node, provider)
        _wait_until_settled(course, attempt, act)
        attempt.nothing_found()
    return _with_what_it_needs(course, prepared, attempt, act, provider)


def _with_what_it_needs(
    course: Course, prepared: Prepared, attempt: Attempt, act: Act, provider: Any
) -> NodeOutput:
    """A node that has something to wait for says what. Where that has come already, or comes of being asked
    for, it goes on with it; otherwise its error says to the platform what it waits for.
    """
    while True:
        try:
            done: NodeOutput = prepared.node.perform(prepared.params, provider, act)
        except (AnswerNeeded, EventNeeded, RunNeeded) as needed:
            found = awaited.come(course, prepared, attempt, needed)
            if found is None:
                raise
            act = replace(act, come=found)
        else:
            return done


def act_of(course: Course, prepared: Prepared, attempt: Attempt) -> Act:
    given, services, run = course.given, course.services, prepared.request.run
    return Act(
        key=attempt.key,
        node=given.node,
        org=run.org,
        employee=run.employee,
        run=str(run.run_id),
        correlation_id=run.correlation_id,
        attempt=attempt.number,
        resuming=attempt.resuming,
        taken=attempt.taken,
        began_at=attempt.began_at,
        now=services.clock.now(),
        log=course.log,
        story=attempt.story,
        answer=given.answer,
        seconds=given.timeout_ms / 1000,
        sleep=services.sleep,
        values=prepared.values,
        progress=attempt.progress,
        last_output=partial(last_output, services.database, run, given.connection),
        keep_progress=partial(keep_progress, services.database, prepared.request, attempt),
        most_rounds=given.most_rounds,
        round_nodes=sum(each == given.node for each in given.rounds.bodies.values()),
        retries=course.retries.used,
        reserve=partial(reservations.reserve, services.database, _keeper(course, prepared, attempt.key)),
        give_back=partial(reservations.give_back, services.database, run.org_id, attempt.key),
    )


def _keeper(course: Course, prepared: Prepared, key: str) -> reservations.Keeper:
    request = prepared.request
    return reservations.Keeper(
        org_id=request.run.org_id,
        system=course.given.connection or "",
        key=key,
        run_id=request.run.run_id,
        node=request.act_key,
        map_index=request.map_index,
    )


def _wait_until_settled(course: Course, attempt: Attempt, act: Act) -> None:
    """`NotYet` while what an earlier attempt may have done may still appear: searching lags behind writing in
    many systems.
    """
    until = attempt.unsure_since + course.services.settle if attempt.unsure_since else act.now
    if act.now < until:
        text = "an earlier attempt may have been taken, and it may take a while to be seen"
        raise NotYet(text, until=until)


def _not_seen(node: AnyNode, provider: Any) -> NothingHappened:
    where = provider.address if provider is not None else "the other system"
    text = f"{where} said yes in an earlier attempt, and nothing of it is to be seen"
    hint = "it is not done again by itself, so that it is not done twice"
    return NothingHappened(text, operation=node.spec.type, taken=True, hint=hint)
