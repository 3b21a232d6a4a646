"""What waits for a second person."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from officeflow.api.etags import etag_of, require_match
from officeflow.api.needs import Caller, Needs
from officeflow.api.paging import Listed, Paged
from officeflow.api.publishing import releases
from officeflow.api.routes.workflows import MAX_WHY, ChangeShown, Reason
from officeflow.api.routing import Route
from officeflow.api.shapes import IF_MATCH, TAGGED, Body, JsonObject, Number, Whole, of_body
from officeflow.rights.permissions import Permission
from officeflow.statuses import ReleaseKind, ReleaseState
from officeflow.workflows import limits, release_changes, release_store

router = APIRouter(tags=["releases"], route_class=Route)


class ReleaseShown(BaseModel):
    release_id: uuid.UUID
    kind: ReleaseKind
    state: ReleaseState
    subject: str = Field(description="Workflows by slug, kinds of events, or access rules.")
    why: str
    requested_by: str
    requested_at: dt.datetime
    decided_by: str | None
    decided_at: dt.datetime | None
    decision: str | None = Field(description="Why it was decided so.")
    held: int | None = Field(description="How many events wait for it; null where it is about none.")


class WorkflowChanges(BaseModel):
    slug: str
    against: int | None = Field(description="The version that is published now; null: there is none.")
    changes: list[ChangeShown]


class LimitShown(BaseModel):
    per_hour: Whole | None = Field(
        None, ge=1, le=10_000_000, description="Events within an hour that need no release; null: any number."
    )
    share: Number | None = Field(
        None,
        gt=0,
        le=1,
        description="Of the people who have not left, about whom events within an hour need none; null: all.",
    )


class RulesChanges(BaseModel):
    rules: list[JsonObject] = Field(description="All that would count.")
    added: list[str] = Field(description="By name, against those that count now.")
    changed: list[str]
    removed: list[str]


class WholeRelease(ReleaseShown):
    access_rules: RulesChanges | None = Field(description="Of access rules; null where it sets none.")
    changes: list[WorkflowChanges] = Field(description="What would change, of what is published.")
    limits: dict[str, LimitShown] = Field(description="That would be settled, by kind of event.")


class Decided(Body):
    why: str = Field("", max_length=MAX_WHY, description="For the audit log.")


class LimitsToSettle(Body):
    limits: dict[str, LimitShown] = Field(
        min_length=1,
        description="By kind of event; others stay, and so does what is not named of one.",
    )
    why: str = Field(max_length=MAX_WHY, description="For the audit log.")


class Limits(BaseModel):
    limits: dict[str, LimitShown] = Field(description="Of every kind of event, as they are now.")
    release: uuid.UUID | None = Field(
        None, description="Nothing was settled: it lets more pass than before, so another admin decides."
    )


@router.get("/organizations/{org}/releases")
def list_releases(
    caller: Annotated[Caller, Needs(Permission.RELEASE_READ)],
    wanted: Paged,
    state: ReleaseState | None = None,
    kind: ReleaseKind | None = None,
) -> Listed[ReleaseShown]:
    """What waits for a second person, and what became of it; the newest first."""
    with caller.of_tenant() as session:
        page = release_store.page(session, caller.tenant_id, wanted, state=state, kind=kind)
        items = [ReleaseShown.model_validate(release_store.to_json(session, each)) for each in page.rows]
    return Listed(items=items, next=page.next)


@router.get("/organizations/{org}/releases/limits", responses=TAGGED)
def get_limits(response: Response, caller: Annotated[Caller, Needs(Permission.ORGANIZATION_READ)]) -> Limits:
    """How many events of a kind may come before a second person has to release them."""
    shown = _limits(caller)
    response.headers["ETag"] = etag_of(shown.model_dump(mode="json"))
    return shown


@router.patch(
    "/organizations/{org}/releases/limits", openapi_extra=IF_MATCH, responses={202: {"model": Limits}}
)
def settle_limits(
    asked: LimitsToSettle,
    request: Request,
    response: Response,
    caller: Annotated[Caller, Needs(Permission.ORGANIZATION_SETTLE)],
) -> Limits:
    """Settle limits; what is not named stays, and null takes it away. 202 where that lets more pass than
    before: another admin decides.
    """
    require_match(request, etag_of(_limits(caller).model_dump(mode="json")))
    wanted = {kind: each.model_dump(exclude_unset=True) for kind, each in asked.limits.items()}
    with of_body():
        release = limits.settle(
            caller.context.database, caller.tenant_id, wanted, why=asked.why, by=caller.actor
        )
    if release is not None:
        response.status_code = 202
    shown = _limits(caller)
    return shown.model_copy(update={"release": None if release is None else release.release_id})


@router.get("/organizations/{org}/releases/{release}", responses=TAGGED)
def get_release(
    release: uuid.UUID, response: Response, caller: Annotated[Caller, Needs(Permission.RELEASE_READ)]
) -> WholeRelease:
    """A release with what would change."""
    with caller.of_tenant() as session:
        found = release_store.find(session, caller.tenant_id, str(release))
        response.headers["ETag"] = etag_of(release_store.state_of(session, found))
        changes = [each.to_json() for each in release_changes.of(session, found)]
        told = release_store.to_json(session, found)
        told["access_rules"] = release_changes.of_rules(session, found)
    settled = found.wanted.get("limits", {})
    return WholeRelease.model_validate({**told, "changes": changes, "limits": settled})


@router.post("/organizations/{org}/releases/{release}/approve", openapi_extra=IF_MATCH)
def approve_release(
    release: uuid.UUID,
    asked: Decided,
    request: Request,
    caller: Annotated[Caller, Needs(Permission.RELEASE_APPROVE)],
) -> ReleaseShown:
    """Carry it out, as the second person: 403 for whoever asked, and for programs. What is published is
    checked once more.
    """
    done = releases(caller).approve(
        caller.tenant_id, str(release), caller.principal, why=asked.why, seen=_seen(request)
    )
    return ReleaseShown.model_validate(done)


@router.post("/organizations/{org}/releases/{release}/refuse", openapi_extra=IF_MATCH)
def refuse_release(
    release: uuid.UUID,
    asked: Reason,
    request: Request,
    caller: Annotated[Caller, Needs(Permission.RELEASE_APPROVE)],
) -> ReleaseShown:
    """Do not do it; events that were held start nothing. Whoever asked takes it back so."""
    done = releases(caller).refuse(
        caller.tenant_id, str(release), caller.principal, why=asked.why, seen=_seen(request)
    )
    return ReleaseShown.model_validate(done)


@router.post("/organizations/{org}/releases/{release}/override", openapi_extra=IF_MATCH)
def override_release(
    release: uuid.UUID,
    asked: Reason,
    request: Request,
    caller: Annotated[Caller, Needs(Permission.RELEASE_OVERRIDE)],
) -> ReleaseShown:
    """Carry it out alone, in an emergency: audited with the reason, and the other admins are told."""
    done = releases(caller).override(
        caller.tenant_id, str(release), caller.principal, why=asked.why, seen=_seen(request)
    )
    return ReleaseShown.model_validate(done)


def _limits(caller: Caller) -> Limits:
    with caller.of_tenant() as session:
        found = limits.current(session, caller.tenant_id)
    return Limits(limits={kind: LimitShown(**each.to_json()) for kind, each in found.items()})


def _seen(request: Request) -> Callable[[Mapping[str, Any]], None]:
    return lambda state: require_match(request, etag_of(state))
