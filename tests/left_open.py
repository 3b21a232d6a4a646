"""What a run asks of people, waits for, and owes to the run that called it; and what of that is open."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import select

from officeflow.database.engine import Database
from officeflow.database.tables import EventWait, HumanAssignment, HumanRequest, RunRequest, WorkflowRun
from officeflow.ids import new_id
from officeflow.people import requests
from officeflow.people.requests import Place
from officeflow.runs import store
from officeflow.sdk import Question
from officeflow.statuses import AssignmentState, CallState, RequestKind, RequestState
from officeflow.tenants import users
from officeflow.waiting import events
from officeflow.waiting.events import Wait

ASKED = "bea@asked.example"
ALL = {"request", "seat", "wait", "call"}
QUESTION = Question(
    kind=RequestKind.APPROVAL,
    subject="May she come in?",
    options=("Approve", "Reject"),
    asked=({"user": ASKED},),
)


def leave_open(database: Database, run_id: uuid.UUID) -> None:
    """It asks somebody, waits for an event, and another run waits for it."""
    now = dt.datetime.now(dt.UTC)
    with database.service() as session:
        org_id = session.get_one(WorkflowRun, run_id).org_id
    with database.tenant(org_id) as session:
        users.create(session, org_id, email=ASKED, name="Bea", role="viewer", airflow_login="bea")
        caller = store.ensure_run(session, org_id=org_id, dag_id="acme__calls", dag_run_id="one", conf={})
        requests.ask(session, Place(run_id=run_id, node="ask", act_key="ask"), QUESTION, now=now)
        wait = Wait(
            wait_id=new_id(), org_id=org_id, run_id=run_id, node_key="wait", map_index=-1, generation=1,
            kinds=["employee.update"], employee="E1", expression="", bindings={}, since=now, deadline=None,
        )  # fmt: skip
        events.note(session, wait)
        session.add(
            RunRequest(
                request_id=new_id(),
                org_id=org_id,
                parent_run_id=caller.run_id,
                node_key="call",
                workflow="all",
                state=CallState.STARTED,
                child_run_id=run_id,
            )
        )
    assert left_open(database, run_id) == ALL


def left_open(database: Database, run_id: uuid.UUID) -> set[str]:
    with database.service() as session:
        request = session.scalars(select(HumanRequest).where(HumanRequest.run_id == run_id)).one()
        seats = select(HumanAssignment.state).where(HumanAssignment.request_id == request.request_id)
        wait = session.scalars(select(EventWait).where(EventWait.run_id == run_id)).one()
        call = session.scalars(select(RunRequest).where(RunRequest.child_run_id == run_id)).one()
        is_open = {
            "request": request.state == RequestState.OPEN,
            "seat": AssignmentState.OPEN in session.scalars(seats).all(),
            "wait": wait.ended_at is None,
            "call": call.state != CallState.ENDED,
        }
    return {name for name, there in is_open.items() if there}
