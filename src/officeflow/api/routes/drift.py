"""Where an organization's systems differ from its people and access rules: asked for, and fetched later."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Annotated, Any, Self

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from officeflow.api import within
from officeflow.api.needs import Caller, Needs
from officeflow.api.paths import located
from officeflow.api.routing import Route
from officeflow.api.shapes import ACCEPTED, LONGEST_NAME, Body, of_body
from officeflow.errors import InvalidInput, Problem, Unavailable, did_you_mean
from officeflow.rights.permissions import Permission
from officeflow.runner.inquiring import asking, questions, tasks
from officeflow.runner.inquiring.asking import Inquiries
from officeflow.runner.inquiring.store import Seen
from officeflow.statuses import InquiryKind, InquiryState
from officeflow.tenants.connections import Connections

router = APIRouter(tags=["access"], route_class=Route)
Name = Annotated[str, Field(max_length=LONGEST_NAME)]


class ToCompare(Body):
    connections: list[Name] = Field(
        default_factory=list,
        max_length=200,
        description="Names of connections to systems with accounts; none: all of them.",
    )


class DifferenceShown(BaseModel):
    connection: str
    account: str = Field(description="Its login.")
    employee: str = Field(description="The HR system's identifier; empty: nobody on record.")
    drift: str = Field(
        description="leaver: who it is of has left, and it is active; nobody: it belongs to nobody on record;"
        " beyond: it has what rules give to others alone; untold: it could not be compared."
    )
    told: str = Field(description="For people.")


class ComparedShown(BaseModel):
    connection: str
    looked: bool
    why: str = Field(description="Why nobody looked.")
    accounts: int = Field(description="That were compared.")
    found: int
    not_told: int = Field(description="Of what was found: so many are not listed.")
    counts: dict[str, int] = Field(description="By `drift`.")
    differences: list[DifferenceShown]


class ComparisonShown(BaseModel):
    id: uuid.UUID
    state: InquiryState = Field(
        description="ASKED: no worker has begun; TAKEN: one looks; ANSWERED; FAILED: `problem` says why."
    )
    progress: str = Field(description="What is looked at, while it is TAKEN.")
    problem: str | None = Field(
        description="Why it has FAILED; while it is ASKED what keeps it from beginning, where known."
    )
    found: int | None = Field(description="How many differences there are; null until it is ANSWERED.")
    complete: bool | None = Field(description="Whether every system was looked into.")
    connections: list[ComparedShown] | None

    @classmethod
    def of(cls, comparison: uuid.UUID, seen: Seen) -> Self:
        result: Mapping[str, Any] = seen.result or {}
        failed = seen.state is InquiryState.FAILED
        problem = asking.error_of(result).message if failed else seen.problem
        return cls(
            id=comparison,
            state=seen.state,
            progress=seen.progress if seen.state is InquiryState.TAKEN else "",
            problem=problem or None,
            found=result.get("found"),
            complete=result.get("complete"),
            connections=result.get("connections"),
        )


@router.post("/organizations/{org}/drift", status_code=202, responses=ACCEPTED)
def compare_accounts(
    asked: ToCompare, response: Response, caller: Annotated[Caller, Needs(Permission.EMPLOYEE_READ)]
) -> ComparisonShown:
    """Have every account in the organization's systems compared with its people and its access rules. A task
    of Airflow's looks, for an hour at most, and changes nothing; what it finds is at `Location`, for four
    hours. An organization has one that has not ended: another one is refused with 409, `already_asked`.
    """
    with within.airflow(caller) as api:
        connections = Connections(caller.context.database, api)
        with of_body():
            wanted = _wanted(connections.of_identity(caller.org), asked.connections)
        question = questions.of_drift(
            wanted, org=caller.org, org_id=within.org_of(caller), by=caller.principal
        )
        inquiries = Inquiries(caller.context.database, api)
        begun = inquiries.begin(within.org_of(caller), caller.org, question)
    response.headers["Location"] = located(caller.org, "drift", str(begun))
    return ComparisonShown.of(begun, Seen(InquiryKind.DRIFT, InquiryState.ASKED))


@router.get("/organizations/{org}/drift/{comparison}")
def show_comparison(
    comparison: uuid.UUID, caller: Annotated[Caller, Needs(Permission.EMPLOYEE_READ)]
) -> ComparisonShown:
    """How far a comparison is, and what it found."""
    with within.airflow(caller) as api:
        inquiries = Inquiries(caller.context.database, api)
        seen = inquiries.standing(within.org_of(caller), comparison, InquiryKind.DRIFT)
    return ComparisonShown.of(comparison, seen)


@router.delete("/organizations/{org}/drift/{comparison}", status_code=204)
def withdraw_comparison(
    comparison: uuid.UUID, caller: Annotated[Caller, Needs(Permission.EMPLOYEE_READ)]
) -> None:
    """Have a comparison that has not ended tell nothing, and its run in Airflow end, failed. Where Airflow
    does not answer, the run ends with its next step, a page of accounts.
    """
    questions.withdraw_drift(
        caller.context.database, within.org_of(caller), comparison, org=caller.org, by=caller.principal
    )
    with suppress(Unavailable), within.airflow(caller) as api:
        tasks.end_withdrawn(api, InquiryKind.DRIFT, comparison, by=caller.actor)


def _wanted(fitting: Sequence[str], names: Sequence[str]) -> list[str]:
    """`InvalidInput` where there is no such connection, or none at all."""
    offer = f"there are {', '.join(fitting) or 'none'}"
    problems = [
        Problem(
            f"connections[{index}]",
            f"there is no connection {name!r} to a system with accounts",
            did_you_mean(name, fitting) or offer,
        )
        for index, name in enumerate(names)
        if name not in fitting
    ]
    if problems or not fitting:
        raise InvalidInput("nothing can be compared", problems=problems or [Problem("connections", offer)])
    return sorted(set(names)) or list(fitting)
