"""What runs, acts, events and other rows say they are at.

Each set is a type of its own: the same text in two of them says two things, and mypy refuses to compare them.
"""

from __future__ import annotations

from enum import StrEnum


class RunStatus(StrEnum):
    """`workflow_runs.status`.

    PAUSED, COMPENSATING, CANCELLED and COMPENSATED are ours alone: Airflow calls such runs running, running,
    failed and failed. COMPENSATING takes back what it did; COMPENSATED has failed, was cancelled or undone by
    hand, and all that could be taken back is.
    """

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    COMPENSATING = "COMPENSATING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    COMPENSATED = "COMPENSATED"


ENDED_RUNS = (RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.CANCELLED, RunStatus.COMPENSATED)
OPEN_RUNS = tuple(status for status in RunStatus if status not in ENDED_RUNS)


class ShownRunStatus(StrEnum):
    """How a run is shown: as it is stored, or WAITING where it has not ended, waits, and does nothing else
    meanwhile.
    """

    PENDING = RunStatus.PENDING.value
    RUNNING = RunStatus.RUNNING.value
    WAITING = "WAITING"
    PAUSED = RunStatus.PAUSED.value
    COMPENSATING = RunStatus.COMPENSATING.value
    SUCCEEDED = RunStatus.SUCCEEDED.value
    FAILED = RunStatus.FAILED.value
    CANCELLED = RunStatus.CANCELLED.value
    COMPENSATED = RunStatus.COMPENSATED.value


class RunControl(StrEnum):
    """`workflow_runs.control`: what a person, or another run, wants of the run.

    PAUSE: no node begins its act. CANCEL: the run ends, and what it did is taken back.
    """

    NONE = ""
    PAUSE = "pause"
    CANCEL = "cancel"


class ActStatus(StrEnum):
    """`node_runs.status`.

    QUEUED is an act that was allowed (a redo) and has not begun, or one that waits for its time. STARTED with
    a free advisory lock is a crash between act and record, or an error after which nobody knows. ASKED may or
    may not have happened: a person resolves it. COMPENSATED was done and undone.
    """

    QUEUED = "QUEUED"
    STARTED = "STARTED"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    ASKED = "ASKED"
    COMPENSATED = "COMPENSATED"


ODD_ACTS = frozenset({ActStatus.FAILED, ActStatus.ASKED, ActStatus.COMPENSATED})
"""How few acts end, so that they are looked for by it."""


class UnactedStatus(StrEnum):
    """How a node is shown and told of whose act says nothing.

    REFUSED: its try ended before its act did. FAILED: Airflow says so, and the node has said nothing.
    WAITS: for an answer, a time, or something of the platform's own that is away. SKIPPED: a person gave it
    up, whatever its act was at.
    """

    REFUSED = "REFUSED"
    FAILED = "FAILED"
    WAITS = "WAITS"
    SKIPPED = "SKIPPED"


class WaitsFor(StrEnum):
    """What a node waits for: a person's answer, a moment, an event, the end of a run of another workflow, or
    a part of the platform that is away; and what a run waits for that has not begun: its turn among the runs
    of its person.

    That part is looked for again by itself.
    """

    ANSWER = "answer"
    TIME = "time"
    EVENT = "event"
    RUN = "run"
    PLATFORM = "platform"
    TURN = "turn"


class RequestKind(StrEnum):
    """`human_requests.kind`: what a person is asked for."""

    APPROVAL = "approval"
    FORM = "form"
    TASK = "task"


class DecisionRule(StrEnum):
    """`human_requests.rule`, by which the answers of several people become one.

    ANY: the first answer decides. ALL: each must say yes, and one no decides. N: so many different people
    must say yes, and it is a no as soon as that cannot come about any more.
    """

    ANY = "any"
    ALL = "all"
    N = "n"


class RequestState(StrEnum):
    """`human_requests.state`.

    EXPIRED: its deadline passed, and its default, if it has one, was taken. WITHDRAWN: its run needs it no
    more.
    """

    OPEN = "OPEN"
    DECIDED = "DECIDED"
    EXPIRED = "EXPIRED"
    WITHDRAWN = "WITHDRAWN"


class AssignmentState(StrEnum):
    """`human_assignments.state`. WITHDRAWN: the request was decided by others, or given to somebody else."""

    OPEN = "OPEN"
    ANSWERED = "ANSWERED"
    WITHDRAWN = "WITHDRAWN"


class CallState(StrEnum):
    """`run_requests.state`, of a run that another run asks for.

    WANTED: there is none yet. STARTED: it exists. ENDED: it has ended, as its own row says. REFUSED: there
    will be none.
    """

    WANTED = "WANTED"
    STARTED = "STARTED"
    ENDED = "ENDED"
    REFUSED = "REFUSED"


class ControlState(StrEnum):
    """`control_requests.state`: what became of a message that asks to start, pause, resume or cancel."""

    RECEIVED = "RECEIVED"
    DONE = "DONE"
    REFUSED = "REFUSED"


class EventStatus(StrEnum):
    """`inbox_events.status`.

    DISPATCHED: its runs exist. IGNORED: no workflow wanted it. HELD: it is one of a mass that a second person
    has to release. REFUSED: one of those that were not released; it starts nothing.
    """

    RECEIVED = "RECEIVED"
    DISPATCHED = "DISPATCHED"
    IGNORED = "IGNORED"
    HELD = "HELD"
    REFUSED = "REFUSED"


UNDISPATCHED = (EventStatus.RECEIVED, EventStatus.HELD)
"""Of events that may still start something."""


class ReleaseKind(StrEnum):
    """`releases.kind`: what a second person decides about.

    PUBLISH: versions of protected workflows. UNPROTECT: that a workflow is protected no more. EVENTS: a mass
    of events. LIMITS: what is a mass of events. ACCESS_RULES: what people should have. UNPROTECT_RULES: that
    access rules are protected no more.
    """

    PUBLISH = "publish"
    UNPROTECT = "unprotect"
    EVENTS = "events"
    LIMITS = "limits"
    ACCESS_RULES = "access_rules"
    UNPROTECT_RULES = "unprotect_rules"


class ReleaseState(StrEnum):
    """`releases.state`. OVERRIDDEN: one person alone has released it. REPLACED: the same was asked for anew,
    with other content.
    """

    PENDING = "PENDING"
    APPROVED = "APPROVED"
    REFUSED = "REFUSED"
    OVERRIDDEN = "OVERRIDDEN"
    REPLACED = "REPLACED"


class QuarantineStatus(StrEnum):
    """`dead_letters.status`: what a person has decided about a message that could not be taken."""

    OPEN = "OPEN"
    REPLAYED = "REPLAYED"
    DISCARDED = "DISCARDED"


class RefusalReason(StrEnum):
    """`dead_letters.reason`: why a message could not be taken, for people in `events.quarantine.REASONS`."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    NOT_JSON = "not_json"
    TOO_DEEP = "too_deep"
    UNSTORABLE = "unstorable"
    WRONG_SHAPE = "wrong_shape"
    UNSUPPORTED_CONTENT_TYPE = "unsupported_content_type"
    UNSUPPORTED_VERSION = "unsupported_version"
    MISSING_ATTRIBUTE = "missing_attribute"
    INVALID_ATTRIBUTE = "invalid_attribute"
    UNKNOWN_KIND = "unknown_kind"
    KIND_MISMATCH = "kind_mismatch"
    UNKNOWN_ORGANIZATION = "unknown_organization"
    ORGANIZATION_MISMATCH = "organization_mismatch"
    INVALID_TIME = "invalid_time"
    TIME_AHEAD = "time_ahead"
    INVALID_PAYLOAD = "invalid_payload"
    CONTENT_CHANGED = "content_changed"
    OWN_SOURCE = "own_source"
    UNMAPPED = "unmapped"


class PlanStatus(StrEnum):
    """`plans.status`."""

    PLANNED = "PLANNED"
    STARTED = "STARTED"
    CANCELLED = "CANCELLED"
    MISSED = "MISSED"


class EmployeeStatus(StrEnum):
    """`employees.status`."""

    PREBOARDING = "preboarding"
    ACTIVE = "active"
    EXITED = "exited"


class RevisionAction(StrEnum):
    """`workflow_revisions.action`.

    PUBLISH: render the version. DEACTIVATE: render it still, start nothing. RETIRE: render it no more, for
    its last run has ended.
    """

    PUBLISH = "publish"
    DEACTIVATE = "deactivate"
    RETIRE = "retire"


class TokenState(StrEnum):
    """What a service account's token is at; no column has it, the times say it."""

    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


class KeyPassKind(StrEnum):
    """`key_passes.kind`: why an organization's rows are brought under other keys.

    ADOPT: they are from before its people had keys. ORGANIZATION: its own key was replaced, and those of its
    people are wrapped anew. PEOPLE: theirs were replaced too. INSTALLATION: the installation's was.
    """

    ADOPT = "ADOPT"
    ORGANIZATION = "ORGANIZATION"
    PEOPLE = "PEOPLE"
    INSTALLATION = "INSTALLATION"


class KeyPassState(StrEnum):
    """`key_passes.state`."""

    RUNNING = "RUNNING"
    DONE = "DONE"


class ErasureState(StrEnum):
    """`erasures.state`.

    WAITING: for a second person. ERASED: the key is destroyed and our tables are done; Airflow's are being
    done. WITHDRAWN: it was not done.
    """

    WAITING = "WAITING"
    ERASED = "ERASED"
    DONE = "DONE"
    WITHDRAWN = "WITHDRAWN"


class InquiryKind(StrEnum):
    """`inquiries.kind`.

    CONNECTION: what a connection may do at its system. WORKFLOW: what a run of a definition would do. RUN:
    what is still to come of a run. DRIFT: where systems differ from the record and the rules.
    """

    CONNECTION = "CONNECTION"
    WORKFLOW = "WORKFLOW"
    RUN = "RUN"
    DRIFT = "DRIFT"


class InquiryState(StrEnum):
    """`inquiries.state`.

    ASKED: no worker has it yet. TAKEN: one looks. ANSWERED: its result is there. FAILED: its result says why
    there is none.
    """

    ASKED = "ASKED"
    TAKEN = "TAKEN"
    ANSWERED = "ANSWERED"
    FAILED = "FAILED"
