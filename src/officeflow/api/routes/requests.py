"""What runs ask people: approvals, forms and tasks; and who answers in whose place."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from officeflow.airflow_api.addresses import answers_address
from officeflow.api import within
from officeflow.api.needs import Caller, Needs
from officeflow.api.paging import Listed, Paged
from officeflow.api.paths import located
from officeflow.api.routing import Route
from officeflow.api.run_shapes import Text, Why
from officeflow.people import finding
from officeflow.people.desk import Desk
from officeflow.people.finding import RequestLine, Sought
from officeflow.rights.permissions import Permission
from officeflow.runs.finding import Sort
from officeflow.statuses import AssignmentState, DecisionRule, RequestKind, RequestState

router = APIRouter(tags=["approvals"], route_class=Route)
Reading = Annotated[Caller, Needs(Permission.REQUEST_READ)]
Answering = Annotated[Caller, Needs(Permission.REQUEST_ANSWER)]

REQUEST = "/organizations/{org}/requests/{request_id}"


class Of(StrEnum):
    """Whose requests: those that one may answer oneself, or all that one may see."""

    ME = "me"
    ALL = "all"


class RequestFilter(BaseModel):
    of: Of = Field(Of.ME, description="`me`: what you are asked, also in somebody's place.")
    state: RequestState | None = Field(None, description="Without it, the open ones.")
    any_state: bool = Field(False, description="Whatever their state.")
    kind: RequestKind | None = None
    run_id: uuid.UUID | None = None
    sort: Sort = Sort.OLDEST


class RequestShown(BaseModel):
    """A request in a list."""

    request_id: uuid.UUID
    run_id: uuid.UUID
    dag_id: str
    dag_run_id: str
    node: str
    map_index: int
    kind: RequestKind
    subject: str
    state: RequestState
    decision: str
    created_at: dt.datetime
    deadline: dt.datetime | None
    due_at: dt.datetime | None
    decided_at: dt.datetime | None
    waits_for: str = Field(description="Of an open one: of whom, and how many have said yes.")
    airflow: str = Field("", description="The run's required actions in Airflow.")


@router.get("/organizations/{org}/requests")
def list_requests(
    caller: Reading, wanted: Paged, query: Annotated[RequestFilter, Query()]
) -> Listed[RequestShown]:
    """Requests, the oldest first or the newest. Who is no admin, operator or auditor sees what they are asked
    themselves. Of those that somebody else answers by now in one's place a page has fewer than `limit`.
    """
    org_id, now, is_mine = within.org_of(caller), caller.context.clock.now(), query.of is Of.ME
    sought = Sought(
        state=None if query.any_state else query.state or RequestState.OPEN,
        kind=query.kind,
        run_id=query.run_id,
        newest_first=query.sort is Sort.NEWEST,
    )
    with caller.of_tenant() as session:
        if is_mine or not within.sees_all(caller.principal, org_id):
            theirs = finding.theirs(session, org_id, caller.principal.login, now.astimezone(dt.UTC).date())
            sought = replace(sought, asked=theirs.users, answerer=theirs.user_id if is_mine else None)
        page = finding.page(session, org_id, sought, wanted, now=now)
    return Listed(items=[_line(each) for each in page.rows], next=page.next)


def _line(line: RequestLine) -> RequestShown:
    return RequestShown(**line._asdict(), airflow=answers_address(line.dag_id, line.dag_run_id))


class Asked(BaseModel):
    """Somebody who is asked, and what they said. Private fields of a form are `***`."""

    user: Text = Field(description="Their address; empty where no user answered.")
    name: Text
    why: Text = Field(description="How they came to it.")
    answers_now: Text = Field(description="Who may answer in this place now.")
    state: AssignmentState
    by: Text
    choice: Text
    reason: Text
    values: dict[str, Any] = Field(description="By the request's form.")
    at: dt.datetime | None
    door: Text
    mailed_at: dt.datetime | None = None
    mail_problem: Text = ""


class NotCounted(BaseModel):
    """An answer that did not count, and why."""

    at: Text = ""
    by: Text = ""
    door: Text = ""
    choice: Text = ""
    why: Text = ""


class RequestDetail(BaseModel):
    """All of a request."""

    request: uuid.UUID
    run: str
    node: str
    map_index: int
    kind: RequestKind
    subject: str
    body: str
    options: list[str] = Field(description="What may be answered; the first one is the yes.")
    reasons: list[str] = Field(description="The options that need a reason.")
    form: dict[str, Any] | None = Field(description="A JSON Schema of what is filled in.")
    rule: DecisionRule
    yes: int
    needed: int
    state: RequestState
    decision: str
    asked: list[Asked]
    unasked: list[str] = Field(description="Why people whom the workflow names are not asked.")
    not_counted: list[NotCounted]
    since: dt.datetime
    deadline: dt.datetime | None
    due: dt.datetime | None
    default: str = Field(description="What counts after the deadline; empty: nothing.")
    escalates_at: dt.datetime | None
    escalated_at: dt.datetime | None
    decided_at: dt.datetime | None
    told_airflow_at: dt.datetime | None


@router.get(REQUEST)
def show_request(caller: Reading, request_id: uuid.UUID) -> RequestDetail:
    """What is asked, who may answer, what was answered."""
    return RequestDetail.model_validate(_desk(caller).show(str(request_id)))


class Answer(BaseModel):
    choice: str = Field(min_length=1, max_length=50, description="One of the request's options.")
    reason: str = Field("", max_length=2000)
    values: dict[str, Any] | None = Field(None, description="What is filled in, by the request's form.")


class Answered(BaseModel):
    request: uuid.UUID
    decided: bool = Field(description="This answer decided, and the run goes on.")
    decision: str
    by: str
    yes: int
    needed: int


@router.post(f"{REQUEST}/answer")
def answer_request(caller: Answering, request_id: uuid.UUID, answer: Answer) -> Answered:
    """Answer as the person who has signed in: only who is asked, or stands in for them, may."""
    done = _desk(caller).answer(
        str(request_id), list(RequestKind), choice=answer.choice, reason=answer.reason, values=answer.values
    )
    return Answered.model_validate(done)


Address = Annotated[str, Field(min_length=3, max_length=320, description="A user's e-mail address.")]


class Reassignment(BaseModel):
    to: Address = Field(description="Who is asked now.")
    taken_from: Address | None = Field(None, description="Who is asked no more; null: beside the others.")
    why: Why


class Reassigned(BaseModel):
    request: uuid.UUID
    to: str
    why: str = Field(description="How they came to it.")


@router.post(f"{REQUEST}/reassign")
def reassign_request(caller: Answering, request_id: uuid.UUID, given: Reassignment) -> Reassigned:
    """Ask somebody else, in somebody's place or beside the others; admins and operators may."""
    done = _desk(caller).reassign(
        str(request_id), to=given.to, taken_from=given.taken_from or "", why=given.why
    )
    return Reassigned.model_validate(done)


class DelegationShown(BaseModel):
    """Somebody answers in somebody's place, from the first to the last day."""

    delegation: uuid.UUID
    giver: str = Field(validation_alias="of")
    taker: str = Field(validation_alias="to")
    first_day: dt.date = Field(validation_alias="from_day")
    last_day: dt.date = Field(validation_alias="to_day")
    made_by: str
    why: str
    ended_at: dt.datetime | None


class Delegating(BaseModel):
    to: Address = Field(description="Who answers instead.")
    giver: Address | None = Field(None, description="In whose place, where an admin says so; null: in yours.")
    first_day: dt.date | None = Field(None, description="null: today.")
    last_day: dt.date
    why: str = Field("", max_length=1000)


@router.get("/organizations/{org}/delegations")
def list_delegations(caller: Reading) -> Listed[DelegationShown]:
    """Who stands in for whom, today or later. Who is no admin, operator or auditor sees their own."""
    found = _desk(caller).delegations(caller.org)
    return Listed(items=[DelegationShown.model_validate(each) for each in found], next=None)


@router.post("/organizations/{org}/delegations", status_code=201)
def delegate(caller: Answering, wish: Delegating, response: Response) -> DelegationShown:
    """Let somebody answer in your place, from one day to another."""
    made = DelegationShown.model_validate(
        _desk(caller).delegate(
            caller.org,
            to=wish.to,
            starts_on=wish.first_day,
            ends_on=wish.last_day,
            why=wish.why,
            giver=wish.giver or "",
        )
    )
    response.headers["Location"] = located(caller.org, "delegations", made.delegation)
    return made


@router.get("/organizations/{org}/delegations/{delegation_id}")
def show_delegation(caller: Reading, delegation_id: uuid.UUID) -> DelegationShown:
    """One that was not taken back."""
    return DelegationShown.model_validate(_desk(caller).delegation(caller.org, str(delegation_id)))


@router.delete("/organizations/{org}/delegations/{delegation_id}")
def end_delegation(caller: Answering, delegation_id: uuid.UUID) -> DelegationShown:
    """Take it back: one's own, or any where one is an admin."""
    return DelegationShown.model_validate(_desk(caller).end_delegation(caller.org, str(delegation_id)))


def _desk(caller: Caller) -> Desk:
    """Whoever asks at their own desk, with the rules that the command has."""
    org_id, principal = within.org_of(caller), caller.principal
    may_steer = principal.may(Permission.RUN_STEER, org_id)
    return Desk(
        caller.context.database,
        caller.context.clock,
        principal.login,
        lambda *_: may_steer,
        org_id=org_id,
        door="api",
        sees_all=within.sees_all(principal, org_id),
        actor=caller.actor,
    )
