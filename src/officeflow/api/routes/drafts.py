"""Drafts of workflows, saved while somebody types."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Annotated, Self

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field, JsonValue

from officeflow.api.etags import require_match
from officeflow.api.needs import Caller, Needs
from officeflow.api.paging import Listed, Paged
from officeflow.api.paths import located
from officeflow.api.publishing import publisher
from officeflow.api.routes.workflows import MAX_WHY, PublishedShown, Validated, validated
from officeflow.api.routing import Route
from officeflow.api.shapes import CREATED, IF_MATCH, TAGGED, Body
from officeflow.database.tables import WorkflowDraft
from officeflow.rights.permissions import Permission
from officeflow.workflows import drafts
from officeflow.workflows.committing import Asked

router = APIRouter(tags=["drafts"], route_class=Route)


class DraftShown(BaseModel):
    draft_id: uuid.UUID
    title: str
    slug: str | None = Field(description="Of the workflow that it will be, where its content says one.")
    base_version: int | None = Field(description="The newest version when it was begun.")
    revision: int
    edited_by: str
    updated_at: dt.datetime

    @classmethod
    def of(cls, draft: WorkflowDraft) -> Self:
        return cls.model_validate(drafts.to_json(draft))


class WholeDraft(DraftShown):
    content: JsonValue = Field(description="JSON of any shape.")


class DraftContent(Body):
    content: JsonValue = Field(description="JSON of any shape, of at most 4 MiB.")
    title: str = Field("", max_length=255, description="Left out: the definition's name.")


class ToPublishDraft(Body):
    why: str = Field("", max_length=MAX_WHY, description="For the second admin of a protected workflow.")


@router.get("/organizations/{org}/drafts")
def list_drafts(
    caller: Annotated[Caller, Needs(Permission.WORKFLOW_EDIT)],
    wanted: Paged,
    slug: Annotated[str, Query(max_length=41, description="Those of this workflow.")] = "",
) -> Listed[DraftShown]:
    """The organization's drafts; what was written last is first."""
    with caller.of_tenant() as session:
        page = drafts.page(session, caller.tenant_id, wanted, slug=slug)
    return Listed(items=[DraftShown.of(each) for each in page.rows], next=page.next)


@router.post("/organizations/{org}/drafts", status_code=201, responses=CREATED)
def create_draft(
    new: DraftContent, response: Response, caller: Annotated[Caller, Needs(Permission.WORKFLOW_EDIT)]
) -> WholeDraft:
    """Begin a draft: right, wrong or empty."""
    made = drafts.create(
        caller.context.database, caller.tenant_id, new.content, title=new.title, by=caller.actor
    )
    response.headers["Location"] = located(caller.org, "drafts", made.draft_id)
    return _whole(made, response)


@router.get("/organizations/{org}/drafts/{draft}", responses=TAGGED)
def get_draft(
    draft: uuid.UUID,
    response: Response,
    caller: Annotated[Caller, Needs(Permission.WORKFLOW_EDIT)],
) -> WholeDraft:
    """A draft as it was written last."""
    with caller.of_tenant() as session:
        found = drafts.find(session, caller.tenant_id, str(draft))
    return _whole(found, response)


@router.put("/organizations/{org}/drafts/{draft}", responses=TAGGED, openapi_extra=IF_MATCH)
def save_draft(
    draft: uuid.UUID,
    new: DraftContent,
    request: Request,
    response: Response,
    caller: Annotated[Caller, Needs(Permission.WORKFLOW_EDIT)],
) -> WholeDraft:
    """Write it anew. 412 where somebody else has written meanwhile: their ETag is in the answer."""
    saved = drafts.save(
        caller.context.database,
        caller.tenant_id,
        str(draft),
        new.content,
        title=new.title,
        by=caller.actor,
        seen=_seen(request),
    )
    return _whole(saved, response)


@router.delete("/organizations/{org}/drafts/{draft}", status_code=204, openapi_extra=IF_MATCH)
def delete_draft(
    draft: uuid.UUID, request: Request, caller: Annotated[Caller, Needs(Permission.WORKFLOW_EDIT)]
) -> None:
    """Delete it; what was published of it stays."""
    drafts.delete(caller.context.database, caller.tenant_id, str(draft), by=caller.actor, seen=_seen(request))


@router.post("/organizations/{org}/drafts/{draft}/validate")
def validate_draft(draft: uuid.UUID, caller: Annotated[Caller, Needs(Permission.WORKFLOW_EDIT)]) -> Validated:
    """Everything that is wrong with it."""
    with caller.of_tenant() as session:
        found = drafts.find(session, caller.tenant_id, str(draft))
    return validated(caller, found.content)


@router.post(
    "/organizations/{org}/drafts/{draft}/publish",
    responses={202: {"model": PublishedShown}},
    openapi_extra=IF_MATCH,
)
def publish_draft(
    draft: uuid.UUID,
    *,
    asked: ToPublishDraft,
    request: Request,
    response: Response,
    caller: Annotated[Caller, Needs(Permission.WORKFLOW_PUBLISH)],
    force: Annotated[
        bool, Query(description="Also where the workflow has a newer version than the draft was begun with.")
    ] = False,
    wait: Annotated[bool, Query(description="Wait some seconds until Airflow runs it.")] = False,
) -> PublishedShown:
    """Publish what it says. 412 where it was written meanwhile, or its base is not the newest version any
    more.
    """
    with publisher(caller) as publishing:
        done = drafts.publish(
            caller.context.database,
            publishing,
            caller.tenant_id,
            str(draft),
            asked=Asked(caller.actor, asked.why, caller.request_id or None),
            force=force,
            wait=wait,
            seen=_seen(request),
        )
    return PublishedShown.of(done, response)


def _etag(draft: WorkflowDraft) -> str:
    return f'"{draft.revision}"'


def _seen(request: Request) -> Callable[[WorkflowDraft], None]:
    return lambda draft: require_match(request, _etag(draft))


def _whole(draft: WorkflowDraft, response: Response) -> WholeDraft:
    response.headers["ETag"] = _etag(draft)
    return WholeDraft(**DraftShown.of(draft).model_dump(), content=draft.content)
