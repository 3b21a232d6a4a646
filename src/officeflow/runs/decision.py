"""The ledger's table: what is to be done about an act, by the state that its newest row is in."""

from __future__ import annotations

import enum
from collections.abc import Mapping

from officeflow.sdk import Effect
from officeflow.statuses import ActStatus


class Decision(enum.Enum):
    BEGIN = "begin"
    """There is no row: insert it STARTED and act."""
    AGAIN = "again"
    """It is known not to be done: act, with the parameters given now."""
    RESUME = "resume"
    """An attempt left no end, and the effect allows to find out or to repeat."""
    REPLAY = "replay"
    """It is done: return the recorded output and call nobody."""
    ASK = "ask"
    """It may have happened and nothing can tell: a person decides."""
    REFUSE = "refuse"
    """The parameters are not those of the act that is recorded."""
    NEW_GENERATION = "new generation"
    """What was done was undone: act under a new key."""


TABLE: Mapping[ActStatus | None, Decision] = {
    None: Decision.BEGIN,
    ActStatus.QUEUED: Decision.AGAIN,
    ActStatus.FAILED: Decision.AGAIN,
    ActStatus.SUCCEEDED: Decision.REPLAY,
    ActStatus.ASKED: Decision.ASK,
    ActStatus.COMPENSATED: Decision.NEW_GENERATION,
}


def decide(status: ActStatus | None, effect: Effect, *, same_params: bool) -> Decision:
    """What to do, for a worker that holds the act's lock (so STARTED means: nobody is acting any more).

    `status` is that of the newest generation's row, None where there is none. A row without recorded
    parameters has the same as any.
    """
    if status in {ActStatus.STARTED, ActStatus.SUCCEEDED} and not same_params:
        return Decision.REFUSE
    if status == ActStatus.STARTED:
        return Decision.ASK if effect is Effect.AT_MOST_ONCE else Decision.RESUME
    return TABLE[status]
