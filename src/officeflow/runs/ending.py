"""What is over with a run: nobody is asked any more, nothing is waited for, and who called it goes on."""

from __future__ import annotations

from sqlalchemy.orm import Session

from officeflow.database.tables import WorkflowRun
from officeflow.events.inbox import database_time
from officeflow.people import requests
from officeflow.waiting import calls, events

STEWARD = "service:steward"


def let_go(session: Session, run: WorkflowRun, *, why: str, by: str) -> None:
    """None of its nodes goes on: its open requests are withdrawn, and its waits for events end.

    A node that is to act after all, because somebody cleared it, asks and waits again.
    """
    requests.withdraw_of_run(session, run.run_id, why, by=by, now=database_time(session))
    events.end_all(session, run.run_id)


def note(session: Session, run: WorkflowRun) -> None:
    """The run has ended, as its row says. To be called in the transaction in which that is written down."""
    let_go(session, run, why=f"the run has ended: {run.status}", by=STEWARD)
    calls.child_ended(session, run)
