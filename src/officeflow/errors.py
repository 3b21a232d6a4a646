"""Every error that OfficeFlow raises on purpose.

    OfficeFlowError
    ├── InvalidInput                what was given cannot be used; nothing was changed
    │   ├── InvalidDefinition       a workflow definition, with all its problems at once
    │   ├── InvalidParameters       a node's parameters, each problem with its field
    │   ├── InvalidExpression       a CEL expression or template, with line and column
    │   │   └── TooCostly           it takes more than one may: time, memory, steps
    │   ├── InvalidEvent            a lifecycle event, with the reason's code
    │   ├── AnswersDoNotFit         what was filled in does not fit the form, each problem with its field
    │   └── InvalidDelegation       nobody can stand in like this
    ├── AnswerRefused               an answer to what a person was asked that does not count
    │   ├── NotAsked                somebody else is asked
    │   ├── ConcernedPerson         it is about who answers
    │   ├── StarterMayNot           who answers has started the run
    │   ├── AlreadyAnswered         they, or others, have answered
    │   ├── PastDeadline            its time is over
    │   ├── UnknownChoice           there is no such option
    │   ├── ReasonMissing           this option needs a reason
    │   └── RequestWithdrawn        its run needs it no more
    ├── NotKnown                    an organization, run, file … that does not exist
    │   └── NodeTypeMissing         a node type that no package here has: another installation may have it
    ├── Unavailable                 a service of ours is away; the same call may work later
    │   └── EvaluatorStuck          an expression or template neither ended nor used its time
    ├── LedgerRefused               the ledger will not act
    │   ├── ParametersChanged       the key was used with other parameters
    │   ├── ActInProgress           another worker holds the key
    │   └── OutcomeUnknown          an act may have happened: a person decides
    ├── AuditBroken                 the audit log is not what it was before
    ├── OutputRefused               a node acted, and what it returned cannot be kept
    ├── NotYet                      not an error of anybody: look again at a given time
    │   └── StillAway               something of the platform's own does not answer: look again
    ├── AnswerNeeded                not an error of anybody: a person is asked
    ├── NotApproved                 a person said no, or nobody answered in time
    ├── FlowStopped                 the workflow itself says that its run cannot go on
    └── ConnectorError              a customer's system said no, or nothing
        ├── RateLimited             try again after a given delay
        ├── Transient               try again
        ├── NothingHappened         it said yes, and reading back shows no change: try again
        ├── Rejected                it will never accept this
        ├── Unauthorized            the credentials are wrong or too weak
        ├── NotFound                what the act is about is not there
        └── Conflict                it exists already, or changed meanwhile

Nobody branches on a message; `code` is stable and goes into logs, the ledger and the API.
"""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from officeflow.statuses import RefusalReason


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with an input.

    `path` is where, in the input's own terms (`nodes[3].params.start`); `reason` is what; `suggestion` is
    what to do, or "".
    """

    path: str
    reason: str
    suggestion: str = ""

    def __str__(self) -> str:
        text = f"{self.path}: {self.reason}" if self.path else self.reason
        return f"{text} ({self.suggestion})" if self.suggestion else text


class OfficeFlowError(Exception):
    """Base of all errors of ours. `hint` says what the reader can do about it."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class InvalidInput(OfficeFlowError):
    code = "invalid_input"

    def __init__(self, message: str, *, problems: Sequence[Problem] = (), hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return "\n  ".join([super().__str__(), *map(str, self.problems)])


class InvalidDefinition(InvalidInput):
    code = "invalid_definition"


class InvalidParameters(InvalidInput):
    code = "invalid_parameters"


class InvalidExpression(InvalidInput):
    code = "invalid_expression"


class TooCostly(InvalidExpression):
    """`limit` says in a few words what it takes too much of, without the expression and without values."""

    code = "expression_too_costly"

    def __init__(self, message: str, *, limit: str, problems: Sequence[Problem] = (), hint: str = "") -> None:
        super().__init__(message, problems=problems, hint=hint)
        self.limit = limit


class InvalidEvent(InvalidInput):
    code = "invalid_event"

    def __init__(self, message: str, *, reason_code: RefusalReason, problems: Sequence[Problem] = ()) -> None:
        super().__init__(message, problems=problems)
        self.reason_code = reason_code


class NotKnown(OfficeFlowError):
    code = "not_known"


class NodeTypeMissing(NotKnown):
    code = "node_type_missing"


class Unavailable(OfficeFlowError):
    code = "unavailable"


class EvaluatorStuck(Unavailable):
    code = "evaluator_stuck"


class LedgerRefused(OfficeFlowError):
    code = "ledger_refused"


class ParametersChanged(LedgerRefused):
    code = "parameters_changed"


class ActInProgress(LedgerRefused):
    code = "act_in_progress"


class OutcomeUnknown(LedgerRefused):
    code = "outcome_unknown"


class AuditBroken(OfficeFlowError):
    """The audit log is not what it was before: records were changed, taken out or put back to an earlier
    state.
    """

    code = "audit_broken"


class OutputRefused(OfficeFlowError):
    """The act itself may well be done."""

    code = "output_refused"


class NotYet(OfficeFlowError):
    """Raised by a node that has to wait: it is run again at `until` (aware), and no try is used up."""

    code = "not_yet"

    def __init__(self, message: str, *, until: dt.datetime) -> None:
        super().__init__(message)
        self.until = until


class StillAway(NotYet):
    """Raised in the place of `error`, which another look may take back."""

    def __init__(self, error: OfficeFlowError, *, until: dt.datetime) -> None:
        super().__init__(error.message, until=until)
        self.error = error


class AnswerNeeded(OfficeFlowError):
    """Raised by a node that asks a person: it is run again with the answer, no process waits meanwhile, and
    no try is used up.

    `question` is an `officeflow.sdk.Question`.
    """

    code = "answer_needed"

    def __init__(self, message: str, *, question: object) -> None:
        super().__init__(message)
        self.question = question


class EventNeeded(NotYet):
    """Raised by a node that waits for an event: it is run again when one has come, or at `until`.

    `event` is an `officeflow.sdk.AwaitedEvent`.
    """

    code = "event_needed"

    def __init__(self, message: str, *, until: dt.datetime, event: object) -> None:
        super().__init__(message, until=until)
        self.event = event


class RunNeeded(NotYet):
    """Raised by a node that waits for a run of another workflow: it is run again when that has ended, or at
    `until`.

    `call` is an `officeflow.sdk.Call`.
    """

    code = "run_needed"

    def __init__(self, message: str, *, until: dt.datetime, call: object) -> None:
        super().__init__(message, until=until)
        self.call = call


class NotApproved(OfficeFlowError):
    code = "not_approved"


class AnswersDoNotFit(InvalidInput):
    """`problems` name the fields, `form.<name>`, and never quote what was filled in."""

    code = "answers_do_not_fit"


class InvalidDelegation(InvalidInput):
    code = "invalid_delegation"


class AnswerRefused(OfficeFlowError):
    """Nothing was changed. The message says why, to who answered."""

    code = "answer_refused"


class NotAsked(AnswerRefused):
    code = "not_asked"


class ConcernedPerson(AnswerRefused):
    code = "concerned_person"


class StarterMayNot(AnswerRefused):
    code = "starter_may_not"


class AlreadyAnswered(AnswerRefused):
    """`by` says who has answered, for people; `at` when."""

    code = "already_answered"

    def __init__(self, message: str, *, by: str, at: dt.datetime | None, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.by, self.at = by, at


class PastDeadline(AnswerRefused):
    code = "past_deadline"


class UnknownChoice(AnswerRefused):
    code = "unknown_choice"


class ReasonMissing(AnswerRefused):
    code = "reason_missing"


class RequestWithdrawn(AnswerRefused):
    code = "request_withdrawn"


class NotUndoable(OfficeFlowError):
    """Nothing was taken back, and no other try would: what remains is for a person to do."""

    code = "not_undoable"


class FlowStopped(OfficeFlowError):
    """Never tried again: the same would come of it."""

    code = "flow_stopped"


class ConnectorError(OfficeFlowError):
    """A customer's system did not do what was asked.

    `provider` and `operation` name the system and the call; `status` is the protocol's own code (HTTP 409,
    SMTP 550) where there is one. `maybe_done` is True when the request may have taken effect all the same (a
    time-out after sending): the ledger then leaves the act open, and the next attempt finds out first.
    `taken` is True when the system had said yes to a write, and what came of it cannot be seen: the write is
    never made again by itself.
    """

    code = "connector_error"
    retryable: ClassVar[bool] = False
    system_in_trouble: ClassVar[bool] = False
    """Whether it says that the system rather than the request is at fault: what a breaker counts."""

    def __init__(
        self,
        message: str,
        *,
        provider: str = "",
        operation: str = "",
        status: int | None = None,
        maybe_done: bool = False,
        taken: bool = False,
        hint: str = "",
    ) -> None:
        super().__init__(message, hint=hint)
        self.provider = provider
        self.operation = operation
        self.status = status
        self.maybe_done = maybe_done or taken
        self.taken = taken


class Transient(ConnectorError):
    code = "transient"
    retryable = True
    system_in_trouble = True


class RateLimited(ConnectorError):
    """`retry_after` is the provider's own delay in seconds, or None where it gave none."""

    code = "rate_limited"
    retryable = True

    def __init__(
        self,
        message: str,
        *,
        retry_after: float | None = None,
        provider: str = "",
        operation: str = "",
        status: int | None = 429,
        maybe_done: bool = False,
    ) -> None:
        super().__init__(
            message, provider=provider, operation=operation, status=status, maybe_done=maybe_done
        )
        self.retry_after = retry_after


class NothingHappened(ConnectorError):
    code = "nothing_happened"
    retryable = True


class Rejected(ConnectorError):
    code = "rejected"


class Unauthorized(ConnectorError):
    code = "unauthorized"


class NotFound(ConnectorError):
    code = "not_found"


class Conflict(ConnectorError):
    code = "conflict"


def did_you_mean(name: str, known: Iterable[str], *, prefix: str = "", cutoff: float = 0.6) -> str:
    """A suggestion for a name that is not known: "did you mean …?", or "" where nothing is close.

    What all of them begin with, `prefix`, says nothing about how close two names are.
    """
    near = difflib.get_close_matches(
        name.removeprefix(prefix), [each.removeprefix(prefix) for each in known], n=2, cutoff=cutoff
    )
    return f"did you mean {' or '.join(prefix + each for each in near)}?" if near else ""


def plain_words(message: str) -> str:
    """A message of pydantic's as part of a sentence of ours."""
    message = message.removeprefix("Value error, ")
    return message[:1].lower() + message[1:]


def path_to(path: str, location: Sequence[int | str]) -> str:
    """`path` with a location inside it: `nodes[3]` and `("params", "to", 0)` give `nodes[3].params.to[0]`."""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path
