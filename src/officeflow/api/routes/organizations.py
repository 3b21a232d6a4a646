"""Organizations, and what each has settled."""

from __future__ import annotations

import uuid
from typing import Annotated, Literal, Self

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from officeflow.api.etags import etag_of, require_match
from officeflow.api.needs import Caller, Needs
from officeflow.api.paging import Listed, Paged
from officeflow.api.paths import located
from officeflow.api.routing import Route
from officeflow.api.shapes import CREATED, IF_MATCH, TAGGED, Body, of_body
from officeflow.database.tables import Organization
from officeflow.rights.permissions import Permission
from officeflow.tenants import administration, organization_settings, organizations
from officeflow.tenants.organization_settings import Change, Settled

router = APIRouter(tags=["organizations"], route_class=Route)


class OrganizationShown(BaseModel):
    org_id: uuid.UUID
    slug: str
    name: str
    domain: str
    plan: str

    @classmethod
    def of(cls, organization: Organization) -> Self:
        return cls.model_validate(organizations.to_json(organization))


class NewOrganization(Body):
    slug: str = Field(description="Names it for good: a-z, 0-9 and single hyphens, a letter first.")
    name: str
    domain: str = Field(description="Its internet domain, such as example.com.")
    plan: str = "standard"


class OrganizationCreated(OrganizationShown):
    topics: Literal["created", "missing"] = Field(
        description="Of Kafka; missing: Kafka is away, and the command `org topics` creates them later."
    )


class OrganizationSettings(BaseModel):
    time_zone: str = Field(
        description="IANA name; it counts where a person has none of their own. Empty: UTC."
    )
    shown_fields: list[str] = Field(
        description="Fields of events' payloads that are shown although no schema names them."
    )
    empty_text_is_null: bool = Field(description="Whether empty text in payloads is read as null.")

    @classmethod
    def of(cls, settled: Settled) -> Self:
        return cls.model_validate(settled.to_json())


class SettingsChange(Body):
    """What is left out, or null, stays as it is."""

    time_zone: str | None = Field(None, max_length=64)
    shown_fields: list[str] | None = Field(
        None, max_length=500, description="All of them, not only what is new."
    )
    empty_text_is_null: bool | None = None
    although_private: bool = Field(False, description="Also show fields that are private by their name.")
    why: str = Field(max_length=1000, description="The reason, for the audit log.")


@router.get("/organizations")
def list_organizations(caller: Annotated[Caller, Needs(None)], wanted: Paged) -> Listed[OrganizationShown]:
    """The organizations that whoever asks belongs to, by slug; the platform's admins see all."""
    among = caller.principal.organizations(Permission.ORGANIZATION_READ)
    with caller.context.database.service() as session:
        page = organizations.page(session, wanted, among=among)
    return Listed(items=[OrganizationShown.of(each) for each in page.rows], next=page.next)


@router.post("/organizations", status_code=201, responses=CREATED)
def create_organization(
    new: NewOrganization,
    response: Response,
    caller: Annotated[Caller, Needs(Permission.ORGANIZATION_CREATE)],
) -> OrganizationCreated:
    """A new organization and its Kafka topics."""
    context = caller.context
    with of_body():
        made = administration.create_organization(
            context.database, context.settings.kafka, **new.model_dump(), by=caller.actor
        )
    response.headers["Location"] = located(made.organization.slug)
    shown = OrganizationShown.of(made.organization).model_dump()
    return OrganizationCreated(**shown, topics="missing" if made.without_topics else "created")


@router.get("/organizations/{org}")
def show_organization(
    caller: Annotated[Caller, Needs(Permission.ORGANIZATION_READ)],
) -> OrganizationShown:
    """One organization, named by its slug or its UUID, as everywhere."""
    with caller.of_tenant() as session:
        return OrganizationShown.of(organizations.find(session, caller.org))


@router.get("/organizations/{org}/settings", responses=TAGGED)
def show_settings(
    response: Response, caller: Annotated[Caller, Needs(Permission.ORGANIZATION_READ)]
) -> OrganizationSettings:
    """What the organization has settled, with the ETag that a change needs."""
    with caller.of_tenant() as session:
        settled = organization_settings.read(session, caller.tenant_id)
    response.headers["ETag"] = etag_of(settled.to_json())
    return OrganizationSettings.of(settled)


@router.patch("/organizations/{org}/settings", responses=TAGGED, openapi_extra=IF_MATCH)
def change_settings(
    change: SettingsChange,
    request: Request,
    response: Response,
    caller: Annotated[Caller, Needs(Permission.ORGANIZATION_SETTLE)],
) -> OrganizationSettings:
    """Settle it for what happens from now on: all that is sent, or nothing of it."""

    def look(before: Settled) -> None:
        require_match(request, etag_of(before.to_json()))

    with of_body():
        settled = organization_settings.change(
            caller.context.database,
            caller.org,
            Change(**change.model_dump(exclude={"why"})),
            look=look,
            why=change.why,
            by=caller.actor,
        )
    response.headers["ETag"] = etag_of(settled.to_json())
    return OrganizationSettings.of(settled)
