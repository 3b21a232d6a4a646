"""Runs one node: parameters, ledger, connection, act, and what its outcome means for the task.

Every door (Airflow's ordinary task, the warm coordinator, a test) comes through `run_node`.
"""

from __future__ import annotations

import datetime as dt
import json
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import structlog

from officeflow.audit.entry import AuditEntry
from officeflow.catalog.registry import missing, node_type
from officeflow.connectors.connection import Connection
from officeflow.errors import (
    ActInProgress,
    AnswerNeeded,
    ConnectorError,
    InvalidInput,
    InvalidParameters,
    NodeTypeMissing,
    NothingHappened,
    NotKnown,
    NotYet,
    OfficeFlowError,
    OutcomeUnknown,
    OutputRefused,
    Problem,
    RateLimited,
    StillAway,
    Unavailable,
)
from officeflow.expressions.cel import truths
from officeflow.ids import connection_id
from officeflow.runner import refusing, resolve, values
from officeflow.runner.masking import Mask, MaskedLog, mask_of, sensitive_values, shown
from officeflow.runner.patience import borne
from officeflow.runner.retry import Retries, may_help
from officeflow.runner.services import Services
from officeflow.runner.waiting import after_wait, refused_question, wait_question
from officeflow.runs.acts import ActRequest, Attempt, Done, Recorded, Verdict
from officeflow.sdk import (
    Act,
    Effect,
    ErrorDetails,
    Node,
    NodeInput,
    NodeOutput,
    NodeParams,
    NodeResult,
    Question,
)
from officeflow.settings import load_settings

LOOK_AGAIN = dt.timedelta(seconds=10)
"""When a node looks again whose act another worker is doing."""

MAX_OUTPUT_BYTES = 1024 * 1024
"""What later nodes may read of a node: it is in the ledger, in messages and in every later expression's
reach.
"""

RESUMING: Mapping[Effect, str] = {
    Effect.PURE: "it changes nothing, so it runs again",
    Effect.IDEMPOTENT: "doing it twice changes nothing, so it runs again",
    Effect.KEYED: "the same key is sent again, so the system answers with the first result",
    Effect.CHECK_THEN_ACT: "first it looks for what that attempt may have left",
}

AnyNode = Node[Any, Any, Any]


def run_node(node_input: NodeInput, services: Services) -> NodeResult:
    """Do the node's act once, or find that it is done; whatever happens becomes a `NodeResult`, and an
    exception never leaves.
    """
    with structlog.contextvars.bound_contextvars(
        org=node_input.org,
        workflow=node_input.workflow or node_input.dag_id,
        run_id=node_input.dag_run_id,
        node=node_input.node,
    ):
        run = _NodeRun(node_input, services)
        try:
            result = run.result()
        except Exception as error:  # noqa: BLE001 - the edge: every error becomes a result
            result = run.failed(error)
        run.settle()
        return result


@dataclass(frozen=True, slots=True)
class Prepared:
    """A node that is ready to act. `mask` hides what is sensitive in its values."""

    node: AnyNode
    params: NodeParams
    request: ActRequest
    values: Mapping[str, Any]
    mask: Mask


class _NodeRun:
    """One call of `run_node`."""

    def __init__(self, node_input: NodeInput, services: Services) -> None:
        self._input = node_input
        self._services = services
        self._retries = Retries.of(node_input, services.random)
        self._verdict: Verdict | None = None
        self._mask = Mask()
        self._key = ""
        self._story: list[dict[str, str]] = []
        self._around: values.Surroundings | None = None
        self._recorded: Exception | None = None
        self._noted = False
        self._follows = False

    # ── the way to success ──

    def result(self) -> NodeResult:
        waited = after_wait(self._input.answer)
        if waited is not None:
            self._log.info(waited.error.message if waited.error else "")
            return waited
        prepared = self._prepare()
        with structlog.contextvars.bound_contextvars(correlation_id=prepared.request.run.correlation_id):
            recorded = self._services.ledger.once(
                prepared.request, lambda attempt: self._act(prepared, attempt), self._judge
            )
            if recorded.replayed:
                self._log.info(
                    f"already done at {recorded.ended_at.isoformat(timespec='seconds')} in try"
                    f" {recorded.try_number}; returned the recorded result",
                    key=recorded.key,
                )
            return NodeResult(
                status="success",
                output=recorded.output,
                public=recorded.public,
                replayed=recorded.replayed,
                key=recorded.key,
                story=recorded.story,
                skip=self._not_taken(prepared, recorded),
            )

    def _prepare(self) -> Prepared:
        given, database = self._input, self._services.database
        node = self._node()
        if node.spec.family is not None and not given.connection:
            raise InvalidParameters(
                f"{given.type} needs a connection",
                problems=[Problem("connection", f"name one of the family {node.spec.family}")],
            )
        schema = node.schema().params
        names = resolve.names_read(given.params, given.conditions, schema)
        if node.follows_person and names & {"event", "employee"}:
            self._follows, names = True, names | {values.NOW}
        with database.service() as session:
            around = self._around = values.gather(session, given, names)
        self._mask = mask_of(around.sensitive)
        visible = {**around.values, "event": around.values[values.NOW]} if self._follows else around.values
        resolved = resolve.resolve(given.params, visible, schema)
        params: NodeParams = node.parse(resolved)
        self._mask = mask_of(around.sensitive, sensitive_values(params))
        request = ActRequest(
            run=around.run,
            node=given.node,
            type=given.type,
            effect=node.effect_of(params, self._connection),
            params=given.params if self._follows else resolved,
            connection=given.connection,
            map_index=given.map_index,
            try_number=given.try_number,
            node_id=around.drawn.node_id if around.drawn else None,
            renamed_from=around.drawn.act_key if around.drawn else "",
            mask=self._mask.text,
        )
        return Prepared(node, params, request, around.values, self._mask)

    def _node(self) -> AnyNode:
        """`StillAway` where its type is not there: the look is counted with the run."""
        given = self._input
        try:
            return node_type(given.type)()
        except NodeTypeMissing:
            with self._services.database.service() as session:
                self._around = values.gather(session, given, frozenset())
            raise self._borne(missing(given.type)) from None

    def _not_taken(self, prepared: Prepared, recorded: Recorded) -> list[str]:
        """The tasks behind this one whose condition is false, now that its own output is known."""
        if not self._input.conditions:
            return []
        nodes = {**prepared.values.get("nodes", {}), self._input.node: {"output": recorded.output}}
        seen = {**prepared.values, "nodes": nodes}
        told = truths(self._input.conditions.values(), seen)
        return [task for task, holds in zip(self._input.conditions, told, strict=True) if not holds]

    # ── the act ──

    def _act(self, prepared: Prepared, attempt: Attempt) -> Done:
        """What goes wrong in here is recorded by the ledger."""
        try:
            return self._done(prepared, attempt)
        except Exception as error:
            self._recorded = error
            raise

    def _done(self, prepared: Prepared, attempt: Attempt) -> Done:
        node, run = prepared.node, prepared.request.run
        self._key, self._story = attempt.key, attempt.story
        act = Act(
            key=attempt.key,
            node=self._input.node,
            org=run.org,
            employee=run.employee,
            run=str(run.run_id),
            correlation_id=run.correlation_id,
            attempt=attempt.number,
            resuming=attempt.resuming,
            taken=attempt.taken,
            began_at=attempt.began_at,
            now=self._services.clock.now(),
            log=self._log,
            story=attempt.story,
            answer=self._input.answer,
            seconds=self._input.timeout_ms / 1000,
            sleep=self._services.sleep,
            values=prepared.values,
            progress=attempt.progress,
            retries=self._retries.used,
        )
        provider = self._open(prepared)
        try:
            self._announce(prepared, attempt, provider)
            output = self._perform(prepared, provider, act, attempt)
        finally:
            if provider is not None:
                provider.close()
            attempt.story[:] = self._mask.value(attempt.story)
        told = _told(output)
        hidden = mask_of(self._mask.values, sensitive_values(output))
        audit = [_hidden(entry, hidden) for entry in node.audit(prepared.params, output)]
        return Done(
            output=told,
            public=hidden.value(shown(output, told)),
            sensitive=hidden.found_in(told),
            audit=audit,
        )

    def _open(self, prepared: Prepared) -> Any:
        family = prepared.node.spec.family
        if family is None:
            return None
        from officeflow.connectors.providers import open_provider

        return open_provider(
            self._connection(), correlation_id=prepared.request.run.correlation_id, family=family
        )

    def _connection(self) -> Connection:
        try:
            return self._services.connect(connection_id(self._input.org, self._input.connection or ""))
        except (Unavailable, NotKnown) as error:
            raise self._borne(error) from error

    def _borne(self, error: OfficeFlowError) -> OfficeFlowError:
        seen = self._around.seen if self._around else None
        return borne(error, seen, now=self._services.clock.now(), drawn=self._services.random())

    def _announce(self, prepared: Prepared, attempt: Attempt, provider: Any) -> None:
        where = f" at {provider.address}" if provider is not None else ""
        self._log.info(
            f"{prepared.node.spec.title}{where}, attempt {attempt.number}",
            key=attempt.key,
            connection=self._input.connection,
        )
        if attempt.resuming:
            self._log.warning(
                f"an earlier attempt left no end: {RESUMING[prepared.request.effect]}", key=attempt.key
            )

    def _perform(self, prepared: Prepared, provider: Any, act: Act, attempt: Attempt) -> NodeOutput:
        node, params = prepared.node, prepared.params
        if act.resuming and prepared.request.effect is Effect.CHECK_THEN_ACT:
            found: NodeOutput | None = node.find(params, provider, act)
            if found is not None:
                return found
            if attempt.taken:
                raise _not_seen(prepared.node, provider)
            self._settled(attempt, act)
            attempt.nothing_found()
        done: NodeOutput = node.perform(params, provider, act)
        return done

    def _settled(self, attempt: Attempt, act: Act) -> None:
        """`NotYet` while what an earlier attempt may have done may still appear: searching lags behind
        writing in many systems.
        """
        until = attempt.unsure_since + self._services.settle if attempt.unsure_since else act.now
        if act.now < until:
            raise NotYet(
                "an earlier attempt may have been taken, and it may take a while to be seen", until=until
            )

    # ── the other ways ──

    def _judge(self, error: Exception) -> Verdict:
        """Asked once by the ledger, which tells it to others, and once for the result: the delay is drawn a
        single time.
        """
        if self._verdict is None:
            self._verdict = self._retries.judge(error)
        return self._verdict

    def failed(self, error: Exception) -> NodeResult:
        if isinstance(error, Unavailable) and error is not self._recorded:
            error = self._borne(error)
        if isinstance(error, StillAway):
            return self._still_away(error)
        if isinstance(error, NotYet):
            at = self._next_look(error.until)
            looks = (
                ""
                if at == error.until
                else f"; looks at {at.isoformat(timespec='seconds')} whether that has changed"
            )
            self._log.info(f"waits until {error.until.isoformat(timespec='seconds')}: {error.message}{looks}")
            return NodeResult(
                status="retry", error=self._details(error), reschedule_at=at, key=self._key, story=self._story
            )
        if isinstance(error, AnswerNeeded) and isinstance(error.question, Question):
            refused = refused_question(error.question)
            return self.failed(refused) if refused else self._asks(error, error.question)
        if isinstance(error, ActInProgress):
            until = self._services.clock.now() + LOOK_AGAIN
            self._log.info(
                "another worker is doing this act now; looking again at"
                f" {until.isoformat(timespec='seconds')}"
            )
            return NodeResult(status="retry", error=self._details(error), reschedule_at=until, key=self._key)
        retry_in = self._judge(error).retry_in
        self._tell(error, retry_in)
        question = self._wait_question(error, retry_in)
        if question is not None:
            return self._asks(error, question)
        details = self._details(error)
        if error is not self._recorded and not isinstance(
            error, OutcomeUnknown
        ):  # of those two the ledger tells
            self._noted = refusing.note(self._services, self._input, details, retry_in=retry_in)
        return NodeResult(
            status="failed" if retry_in is None else "retry",
            error=details,
            retry_in=retry_in,
            key=self._key,
            story=self._story,
        )

    def _asks(self, error: Exception, question: Question) -> NodeResult:
        self._log.info(f"asks: {question.subject} ({' / '.join(question.options)})")
        return NodeResult(
            status="retry", error=self._details(error), question=question, key=self._key, story=self._story
        )

    def _wait_question(self, error: Exception, retry_in: float | None) -> Question | None:
        if not isinstance(error, RateLimited):
            return None
        longest = load_settings().longest_wait_seconds
        question = wait_question(error, retry_in, now=self._services.clock.now(), longest=longest)
        return question and replace(
            question, subject=self._mask.text(question.subject), body=self._mask.text(question.body)
        )

    def _next_look(self, until: dt.datetime) -> dt.datetime:
        """What waits for a date of a person's looks at it now and then."""
        return min(until, self._services.clock.now() + self._services.delay_look) if self._follows else until

    def _still_away(self, error: StillAway) -> NodeResult:
        self._log.warning(
            f"{error.error.code}: {error.error}; looking again at {error.until.isoformat(timespec='seconds')}"
        )
        details = self._details(error.error)
        self._noted = refusing.note(self._services, self._input, details, waits=True)
        return NodeResult(
            status="retry", error=details, reschedule_at=error.until, key=self._key, story=self._story
        )

    def settle(self) -> None:
        """What kept an earlier try from the act is not shown any more, unless it is what keeps this one."""
        if self._around is not None and self._around.seen is not None and not self._noted:
            refusing.forget(self._services, self._input, self._around.run)

    def _tell(self, error: Exception, retry_in: float | None) -> None:
        if not isinstance(error, OfficeFlowError):
            trace = "".join(traceback.format_exception(error))
            self._log.error(f"an error that nobody foresaw: {type(error).__name__}\n{trace}", key=self._key)
            return
        if retry_in is None:
            self._log.error(f"{error.code}: {error}", key=self._key)
        else:
            self._log.warning(f"{error.code}: {error}; trying again in {retry_in:.1f} s", key=self._key)

    def _details(self, error: Exception) -> ErrorDetails:
        if not isinstance(error, OfficeFlowError):
            text = f"{type(error).__name__}: the task's log has the traceback"
            return ErrorDetails(code="unexpected", message=text)
        remote = error if isinstance(error, ConnectorError) else None
        return ErrorDetails(
            code=error.code,
            message=self._mask.text(error.message),
            hint=self._mask.text(error.hint),
            retryable=may_help(error),
            problems=(
                tuple(_masked(problem, self._mask) for problem in error.problems)
                if isinstance(error, InvalidInput)
                else ()
            ),
            provider=remote.provider if remote else "",
            status=remote.status if remote else None,
        )

    @property
    def _log(self) -> MaskedLog:
        return MaskedLog(self._services.log, self._mask)


def _not_seen(node: AnyNode, provider: Any) -> NothingHappened:
    where = provider.address if provider is not None else "the other system"
    text = f"{where} said yes in an earlier attempt, and nothing of it is to be seen"
    hint = "it is not done again by itself, so that it is not done twice"
    return NothingHappened(text, operation=node.spec.type, taken=True, hint=hint)


def _told(output: NodeOutput) -> dict[str, Any]:
    """The output as JSON; `OutputRefused` where there is no JSON for it or there is too much of it."""
    try:
        told: dict[str, Any] = output.model_dump(mode="json")
        size = len(json.dumps(told, ensure_ascii=False, allow_nan=False).encode("utf-8", "surrogatepass"))
    except (TypeError, ValueError) as error:  # pydantic's own error is a ValueError
        raise OutputRefused(f"its output cannot be kept as JSON: {error}") from error
    if size > MAX_OUTPUT_BYTES:
        raise OutputRefused(
            f"its output of {size / 2**20:.1f} MiB is larger than {MAX_OUTPUT_BYTES / 2**20:.0f} MiB",
            hint="return a reference to what is large, not the thing itself",
        )
    return told


def _hidden(entry: AuditEntry, mask: Mask) -> AuditEntry:
    """The audit log is kept for ever, and announced."""
    return replace(
        entry,
        actor=mask.text(entry.actor),
        subject=mask.text(entry.subject),
        details=mask.value(entry.details),
    )


def _masked(problem: Problem, mask: Mask) -> Problem:
    return Problem(problem.path, mask.text(problem.reason), mask.text(problem.suggestion))
