"""How long a node bears that something of the platform's own is away, and when an absence is believed.

Neither uses up a try: the task looks again. Airflow's api-server answers "there is no such connection" also
while its database does not answer, so that is believed when it was said several times, with a way through
both databases in between. A node type that is missing was there when the workflow was published: whoever
started the processes without its package can start them with it.
"""

from __future__ import annotations

import datetime as dt

from officeflow.errors import NodeTypeMissing, NotKnown, OfficeFlowError, StillAway, Unavailable
from officeflow.runs.refusals import Seen

OUTAGE = dt.timedelta(hours=1)
"""For so long a node waits for what is away; after that each look is a try.

Without OfficeFlow's database nobody counts, so it waits on.
"""

PAUSE_SECONDS = 15.0
"""Between two looks, drawn from this to twice as much: those that wait do not all come back at once."""

ABSENT_LOOKS = 3
ABSENT_PAUSE_SECONDS = 5.0


def borne(error: OfficeFlowError, seen: Seen | None, *, now: dt.datetime, drawn: float) -> OfficeFlowError:
    """The error itself, or `StillAway` where the task is to look again.

    `drawn` is a random number from 0 to 1.
    """
    again = seen if seen is not None and seen.code == error.code else None
    if isinstance(error, Unavailable | NodeTypeMissing) and (again is None or now - again.since < OUTAGE):
        return StillAway(error, until=now + dt.timedelta(seconds=PAUSE_SECONDS * (1 + drawn)))
    if (
        isinstance(error, NotKnown)
        and not isinstance(error, NodeTypeMissing)
        and (again.looks if again else 0) + 1 < ABSENT_LOOKS
    ):
        return StillAway(error, until=now + dt.timedelta(seconds=ABSENT_PAUSE_SECONDS * (1 + drawn)))
    return error
