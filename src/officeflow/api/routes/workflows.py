"""Published workflows: their versions, and publishing."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Self

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field, JsonValue

from officeflow.api.etags import etag_of, require_match
from officeflow.api.needs import Caller, Needs
from officeflow.api.paging import Listed, Paged
from officeflow.api.problems import ProblemItem
from officeflow.api.publishing import publisher
from officeflow.api.routing import Route
from officeflow.api.shapes import IF_MATCH, TAGGED, Body, Named, Whole
from officeflow.database.tables import Workflow, WorkflowVersion
from officeflow.rights.permissions import Permission
from officeflow.workflows import batch, protection, shown, store
from officeflow.workflows.committing import Asked
from officeflow.workflows.diff import Change
from officeflow.workflows.models import Definition
from officeflow.workflows.publish import Published

router = APIRouter(tags=["workflows"], route_class=Route)
MAX_WHY = 4000
MOST_VERSIONS = 2**31 - 1
Number = Annotated[int, Query(ge=1, le=MOST_VERSIONS)]
VersionNumber = Annotated[int, Path(ge=1, le=MOST_VERSIONS)]


class WorkflowShown(BaseModel):
    slug: str
    name: str
    version: int = Field(description="The newest.")
    active: bool = Field(description="Otherwise no event starts it.")
    protected: bool = Field(description="A second admin releases what is published to it.")
    trigger: list[str] = Field(description="The kinds of events that start it.")
    updated: dt.datetime

    @classmethod
    def of(cls, workflow: Workflow) -> Self:
        told = shown.workflow_to_json(workflow)
        return cls.model_validate({**told, "trigger": [each for each in told["trigger"].split(",") if each]})


class WholeWorkflow(WorkflowShown):
    definition: Definition


class VersionShown(BaseModel):
    version: int
    published: dt.datetime
    by: str = Field(description="Who published it, as the audit log names them.")
    sha256: str

    @classmethod
    def of(cls, version: WorkflowVersion) -> Self:
        return cls.model_validate(shown.version_to_json(version))


class WholeVersion(VersionShown):
    definition: Definition


class ChangeShown(BaseModel):
    kind: str = Field(description="added, removed or changed.")
    path: str = Field(description="Nodes by id, edges by their ends: `nodes.welcome.params.subject`.")
    before: JsonValue = None
    after: JsonValue = None

    @classmethod
    def of(cls, change: Change) -> Self:
        return cls.model_validate(shown.change_to_json(change))


class ToValidate(Body):
    definition: JsonValue = Field(description="A workflow definition, right or wrong.")


class Validated(BaseModel):
    valid: bool
    problems: list[ProblemItem] = Field(description="All of them; their paths are the definition's own.")
    notes: list[ProblemItem] = Field(description="Worth knowing of a valid one.")


class ToPublish(ToValidate):
    why: str = Field("", max_length=MAX_WHY, description="For the second admin of a protected workflow.")
    base_version: Whole | None = Field(
        None, ge=0, description="Publish only where this is the newest version still; 0: where there is none."
    )


class PublishedShown(BaseModel):
    """200: Airflow runs it. 202: it is published and Airflow will run it soon, or (`release`) nothing is
    published yet.
    """

    slug: str
    dag_id: str
    version: int
    content_hash: str
    changed: bool = Field(description="false where the newest version says the same already.")
    ready: bool = Field(description="Airflow runs this version.")
    release: str | None = Field(description="Nothing was published: this release waits for another admin.")
    message: str

    @classmethod
    def of(cls, published: Published, response: Response) -> Self:
        """Also the status of the answer."""
        response.status_code = 200 if published.ready else 202
        return cls.model_validate(published, from_attributes=True)


class Reason(Body):
    why: str = Field(max_length=MAX_WHY, description="For the audit log.")


class Changed(BaseModel):
    slug: str
    changed: bool = Field(description="false where it was so before.")


class Unprotecting(BaseModel):
    slug: str
    release: str | None = Field(description="What another admin decides about; null: it is not protected.")


def etag(workflow: Workflow) -> str:
    return etag_of([workflow.version, workflow.is_active, workflow.is_protected])


@router.get("/organizations/{org}/workflows")
def list_workflows(
    caller: Annotated[Caller, Needs(Permission.WORKFLOW_READ)],
    wanted: Paged,
    *,
    active: bool | None = None,
    protected: bool | None = None,
    kind: Annotated[str, Query(max_length=100, description="Those that events of this kind start.")] = "",
    text: Annotated[str, Query(max_length=100, description="In the slug or the name.")] = "",
) -> Listed[WorkflowShown]:
    """The organization's workflows, by slug."""
    filters: dict[str, Any] = {"active": active, "protected": protected, "kind": kind, "text": text}
    with caller.of_tenant() as session:
        page = store.page(session, caller.tenant_id, wanted, **filters)
    return Listed(items=[WorkflowShown.of(each) for each in page.rows], next=page.next)


@router.post("/organizations/{org}/workflows/validate")
def validate_workflow(
    asked: ToValidate, caller: Annotated[Caller, Needs(Permission.WORKFLOW_EDIT)]
) -> Validated:
    """Everything that is wrong with a definition, as publishing would tell it, without what Airflow itself
    says. An invalid one is answered with 200, too.
    """
    return validated(caller, asked.definition)


def validated(caller: Caller, definition: Any) -> Validated:
    with publisher(caller) as publishing:
        problems = publishing.problems(str(caller.tenant_id), {"": definition})
    notes = batch.review({"": definition}).notes() if not problems else []
    return Validated(
        valid=not problems,
        problems=[ProblemItem.model_validate(each, from_attributes=True) for each in problems],
        notes=[ProblemItem.model_validate(each, from_attributes=True) for each in notes],
    )


@router.post("/organizations/{org}/workflows", responses={202: {"model": PublishedShown}})
def publish_workflow(
    asked: ToPublish,
    response: Response,
    caller: Annotated[Caller, Needs(Permission.WORKFLOW_PUBLISH)],
    wait: Annotated[bool, Query(description="Wait some seconds until Airflow runs it.")] = False,
) -> PublishedShown:
    """Publish a definition as the next version of its workflow. The same again changes nothing; to a
    protected workflow nothing is published before another admin releases it.
    """
    slug = asked.definition.get("slug") if isinstance(asked.definition, dict) else None
    base = {slug: asked.base_version or None} if isinstance(slug, str) else {}
    wanted = Asked(
        caller.actor,
        asked.why,
        caller.request_id or None,
        base if asked.base_version is not None else {},
    )
    with publisher(caller) as publishing:
        done = publishing.publish(
            str(caller.tenant_id), asked.definition, by=caller.actor, wait=wait, asked=wanted
        )
    return PublishedShown.of(done, response)


@router.get("/organizations/{org}/workflows/{slug}", responses=TAGGED)
def get_workflow(
    slug: Named, response: Response, caller: Annotated[Caller, Needs(Permission.WORKFLOW_READ)]
) -> WholeWorkflow:
    """A workflow with its newest definition."""
    with caller.of_tenant() as session:
        found = store.find(session, caller.tenant_id, slug)
    response.headers["ETag"] = etag(found)
    definition = Definition.model_validate(found.definition)
    return WholeWorkflow(**WorkflowShown.of(found).model_dump(), definition=definition)


@router.post("/organizations/{org}/workflows/{slug}/deactivate", openapi_extra=IF_MATCH)
def deactivate_workflow(
    slug: Named, request: Request, caller: Annotated[Caller, Needs(Permission.WORKFLOW_PUBLISH)]
) -> Changed:
    """Let no event start it any more. Runs that have begun go on; publishing activates it again."""
    with caller.of_tenant() as session:
        require_match(request, etag(store.find(session, caller.tenant_id, slug)))
    with publisher(caller) as publishing:
        changed = publishing.deactivate(str(caller.tenant_id), slug, by=caller.actor)
    return Changed(slug=slug, changed=changed)


@router.post("/organizations/{org}/workflows/{slug}/protect")
def protect_workflow(
    slug: Named, asked: Reason, caller: Annotated[Caller, Needs(Permission.RELEASE_APPROVE)]
) -> Changed:
    """From now on another admin releases what is published to it."""
    changed = protection.protect(
        caller.context.database, caller.tenant_id, slug, why=asked.why, by=caller.actor
    )
    return Changed(slug=slug, changed=changed)


@router.post("/organizations/{org}/workflows/{slug}/unprotect", status_code=202)
def unprotect_workflow(
    slug: Named, asked: Reason, caller: Annotated[Caller, Needs(Permission.RELEASE_APPROVE)]
) -> Unprotecting:
    """Ask that it be protected no more: another admin decides."""
    release = protection.ask_to_unprotect(
        caller.context.database, caller.tenant_id, slug, why=asked.why, by=caller.actor
    )
    return Unprotecting(slug=slug, release=None if release is None else str(release.release_id))


@router.get("/organizations/{org}/workflows/{slug}/versions")
def list_versions(
    slug: Named, caller: Annotated[Caller, Needs(Permission.WORKFLOW_READ)], wanted: Paged
) -> Listed[VersionShown]:
    """Its versions, the newest first."""
    with caller.of_tenant() as session:
        found = store.find(session, caller.tenant_id, slug)
        page = store.version_page(session, found.workflow_id, wanted)
    return Listed(items=[VersionShown.of(each) for each in page.rows], next=page.next)


@router.get("/organizations/{org}/workflows/{slug}/versions/{version}")
def get_version(
    slug: Named, version: VersionNumber, caller: Annotated[Caller, Needs(Permission.WORKFLOW_READ)]
) -> WholeVersion:
    """One version, which never changes."""
    with caller.of_tenant() as session:
        found = store.version(session, store.find(session, caller.tenant_id, slug), version)
    definition = Definition.model_validate(found.definition)
    return WholeVersion(**VersionShown.of(found).model_dump(), definition=definition)


@router.get("/organizations/{org}/workflows/{slug}/diff")
def diff_versions(
    slug: Named,
    caller: Annotated[Caller, Needs(Permission.WORKFLOW_READ)],
    before: Number | None = None,
    after: Number | None = None,
) -> list[ChangeShown]:
    """What differs between two versions; by default the newest and the one before it."""
    with caller.of_tenant() as session:
        found = shown.changes(session, caller.tenant_id, slug, before=before, after=after)
    return [ChangeShown.of(each) for each in found]
