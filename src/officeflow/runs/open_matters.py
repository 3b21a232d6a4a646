"""What a run has open: what people are asked in it, and the events that its nodes wait for."""

from __future__ import annotations

from sqlalchemy.orm import Session

from officeflow.database.tables import WorkflowRun
from officeflow.events.inbox import database_time
from officeflow.people import requests
from officeflow.waiting import events

STEWARD = "service:steward"


def let_go(session: Session, run: WorkflowRun, *, why: str, by: str) -> None:
    """None of its nodes goes on: its open requests are withdrawn, and its waits for events end.

    A node that is to act after all, because somebody cleared it, asks and waits again.
    """
    requests.withdraw_of_run(session, run.run_id, why, by=by, now=database_time(session))
    events.end_all(session, run.run_id)
