"""What the end of a run means for others: who was asked about it, who called it, and what it called."""

from __future__ import annotations

from sqlalchemy.orm import Session

from officeflow.database.tables import WorkflowRun
from officeflow.runs import control
from officeflow.runs.open_matters import STEWARD, let_go
from officeflow.statuses import RunStatus
from officeflow.waiting import calls


def note(session: Session, run: WorkflowRun) -> None:
    """The run has ended, as its row says. To be called in the transaction in which that is written down.

    Unless it succeeded, runs that it called and that are under way are cancelled: nobody waits for them.
    """
    let_go(session, run, why=f"the run has ended: {run.status}", by=STEWARD)
    calls.child_ended(session, run)
    if run.status != RunStatus.SUCCEEDED:
        control.cancel_below(session, run, by=STEWARD, why=f"the run that called it is {run.status}")
