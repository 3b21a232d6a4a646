"""What runs, acts, events and other rows say they are at.

Each set is a type of its own: the same text in two of them says two things, and mypy refuses to compare them.
"""

from __future__ import annotations

from enum import StrEnum


class RunStatus(StrEnum):
    """`workflow_runs.status`.

    CANCELLED and PAUSED are ours alone: Airflow calls such runs failed and running.
    """

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


ENDED_RUNS = (RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.CANCELLED)
OPEN_RUNS = tuple(status for status in RunStatus if status not in ENDED_RUNS)


class ShownRunStatus(StrEnum):
    """How a run is shown: as it is stored, or WAITING where it has not ended, waits, and does nothing else
    meanwhile.
    """

    PENDING = RunStatus.PENDING.value
    RUNNING = RunStatus.RUNNING.value
    WAITING = "WAITING"
    PAUSED = RunStatus.PAUSED.value
    SUCCEEDED = RunStatus.SUCCEEDED.value
    FAILED = RunStatus.FAILED.value
    CANCELLED = RunStatus.CANCELLED.value


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


class UnactedStatus(StrEnum):
    """How a node is shown and told of whose act says nothing.

    REFUSED: its try ended before its act did. FAILED: Airflow says so, and the node has said nothing.
    WAITS: for an answer, a time, or something of the platform's own that is away.
    """

    REFUSED = "REFUSED"
    FAILED = "FAILED"
    WAITS = "WAITS"


class WaitsFor(StrEnum):
    """What a node waits for: a person's answer, a moment, or a part of the platform that is away.

    That part is looked for again by itself.
    """

    ANSWER = "answer"
    TIME = "time"
    PLATFORM = "platform"


class EventStatus(StrEnum):
    """`inbox_events.status`. DISPATCHED: its runs exist. IGNORED: no workflow wanted it."""

    RECEIVED = "RECEIVED"
    DISPATCHED = "DISPATCHED"
    IGNORED = "IGNORED"


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
