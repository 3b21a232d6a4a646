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
    ├── SignInNeeded                nobody has signed in, or with what does not hold any more
    ├── NotAllowed                  who asks may not do this
    │   ├── NotAllowedHere          the same, with who and where
    │   └── NotYoursToGive          nobody gives a right that they have not
    ├── SecondPersonNeeded          somebody else has to release it
    ├── NotPending                  it was released or refused before
    ├── Unavailable                 a service of ours is away; the same call may work later
    │   └── EvaluatorStuck          an expression or template neither ended nor used its time
    ├── LedgerRefused               the ledger will not act
    │   ├── ParametersChanged       the key was used with other parameters
    │   ├── ActInProgress           another worker holds the key
    │   └── OutcomeUnknown          an act may have happened: a person decides
    ├── AuditBroken                 the audit log is not what it was before
    ├── WriteRefused                what was opened to look was asked to change something
    ├── OutputRefused               a node acted, and what it returned cannot be kept
    ├── NotYet                      not an error of anybody: look again at a given time
    │   ├── EventNeeded             look again when an event has come
    │   ├── RunNeeded               look again when a run of another workflow has ended
    │   └── StillAway               something of the platform's own does not answer: look again
    ├── AnswerNeeded                not an error of anybody: a person is asked
    │   └── RunPaused               a person wants no node of the run to begin: whoever resumes it answers
    ├── RunCancelled                the run ends before the node began
    ├── NotSteerable                a run that cannot be paused, resumed or cancelled any more
    ├── AlreadyAsked                it may be asked again once its answer is there
    ├── InUse                       something else needs what would be taken away
    ├── StillOpen                   somebody who should be out can still get in
    ├── NotApproved                 a person said no, or nobody answered in time
    ├── NotUndoable                 what a node did cannot be taken back by it
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
from collections.abc import Sequence

from officeflow.errors.base import (
    InvalidInput,
    NotKnown,
    OfficeFlowError,
    Problem,
    Unavailable,
)
from officeflow.errors.connectors import (
    Conflict,
    ConnectorError,
    NotFound,
    NothingHappened,
    RateLimited,
    Rejected,
    Transient,
    Unauthorized,
)
from officeflow.errors.people import (
    AlreadyAnswered,
    AnswerRefused,
    AnswersDoNotFit,
    ConcernedPerson,
    InvalidDelegation,
    NotApproved,
    NotAsked,
    PastDeadline,
    ReasonMissing,
    RequestWithdrawn,
    StarterMayNot,
    UnknownChoice,
)
from officeflow.errors.rights import (
    NotAllowed,
    NotAllowedHere,
    NotPending,
    NotYoursToGive,
    SecondPersonNeeded,
    SignInNeeded,
)
from officeflow.errors.words import (
    did_you_mean,
    path_to,
    plain_words,
)
from officeflow.statuses import RefusalReason

__all__ = [
    "ActInProgress",
    "AlreadyAnswered",
    "AlreadyAsked",
    "AnswerNeeded",
    "AnswerRefused",
    "AnswersDoNotFit",
    "AuditBroken",
    "ConcernedPerson",
    "Conflict",
    "ConnectorError",
    "EvaluatorStuck",
    "EventNeeded",
    "FlowStopped",
    "InUse",
    "InvalidDefinition",
    "InvalidDelegation",
    "InvalidEvent",
    "InvalidExpression",
    "InvalidInput",
    "InvalidParameters",
    "LedgerRefused",
    "NodeTypeMissing",
    "NotAllowed",
    "NotAllowedHere",
    "NotApproved",
    "NotAsked",
    "NotFound",
    "NotKnown",
    "NotPending",
    "NotSteerable",
    "NotUndoable",
    "NotYet",
    "NotYoursToGive",
    "NothingHappened",
    "OfficeFlowError",
    "OutcomeUnknown",
    "OutputRefused",
    "ParametersChanged",
    "PastDeadline",
    "Problem",
    "RateLimited",
    "ReasonMissing",
    "Rejected",
    "RequestWithdrawn",
    "RunCancelled",
    "RunNeeded",
    "RunPaused",
    "SecondPersonNeeded",
    "SignInNeeded",
    "StarterMayNot",
    "StillAway",
    "StillOpen",
    "TooCostly",
    "Transient",
    "Unauthorized",
    "Unavailable",
    "UnknownChoice",
    "WriteRefused",
    "did_you_mean",
    "path_to",
    "plain_words",
]


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


class NodeTypeMissing(NotKnown):
    code = "node_type_missing"


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


class WriteRefused(OfficeFlowError):
    """A mistake of a connector's or node type's author: plan mode reads alone. Nothing was sent."""

    code = "write_refused"


class OutputRefused(OfficeFlowError):
    """The act itself may well be done."""

    code = "output_refused"


class NotYet(OfficeFlowError):
    """Raised by a node that has to wait: it is run again at `until` (aware), and no try is used up."""

    code = "not_yet"

    def __init__(self, message: str, *, until: dt.datetime) -> None:
        super().__init__(message)
        self.until = until


class StillOpen(OfficeFlowError):
    """Somebody who should be out can still get in, or nobody can say that they cannot: the message has a line
    for each door.
    """

    code = "still_open"


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


class RunPaused(AnswerNeeded):
    """Raised in the place of a node's act, which has not begun."""

    code = "run_paused"


class RunCancelled(OfficeFlowError):
    """Raised in the place of a node's act, which has not begun and will not."""

    code = "run_cancelled"


class NotSteerable(OfficeFlowError):
    """Nothing was changed: the run has ended, or is on its way to an end that cannot be held."""

    code = "not_steerable"


class AlreadyAsked(OfficeFlowError):
    """Nothing was begun: one alone may go on, and there is one. The message has its id."""

    code = "already_asked"


class InUse(OfficeFlowError):
    """Nothing was taken away; the problems name what needs it."""

    code = "in_use"

    def __init__(self, message: str, *, problems: Sequence[Problem], hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return "\n  ".join([super().__str__(), *map(str, self.problems)])


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


class NotUndoable(OfficeFlowError):
    """Nothing was taken back, and no other try would: what remains is for a person to do."""

    code = "not_undoable"


class FlowStopped(OfficeFlowError):
    """Never tried again: the same would come of it."""

    code = "flow_stopped"
