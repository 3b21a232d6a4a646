"""What a task of a paused run asks people, and what of a run's row its nodes see."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from officeflow.audit.entry import who
from officeflow.database.tables import WorkflowRun
from officeflow.runs import control
from officeflow.statuses import RunControl

RESUME = "Resume the run"
CANCEL = "Cancel the run"
OPTIONS = (RESUME, CANCEL)
"""By these the question of a paused run is known."""

SUBJECT_LENGTH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is wanted of a run: `control` is PAUSE or CANCEL, `told` says who wants it, when and why; `by`
    names them for people, `why` is their reason.
    """

    control: RunControl
    by: str
    why: str
    told: str
    since: dt.datetime | None

    @property
    def subject(self) -> str:
        """A line for people, cut where it would be too long for one."""
        text = f"Paused by {self.by}: {self.why}"
        return text if len(text) <= SUBJECT_LENGTH else f"{text[: SUBJECT_LENGTH - 1]}…"


def wish_of(run: WorkflowRun) -> Wish | None:
    """None where its nodes may act."""
    wanted = next((each for each in _HOLDING if control.is_wanted(run, each)), None)
    if wanted is None:
        return None
    return Wish(
        control=wanted,
        by=who(run.control_by),
        why=run.control_why,
        told=control.told(run),
        since=run.control_at,
    )


_HOLDING = (RunControl.PAUSE, RunControl.CANCEL)
