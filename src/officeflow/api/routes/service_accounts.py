"""Programs that work with the API for an organization."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Self

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from officeflow.api.needs import Caller, Needs
from officeflow.api.paging import Listed, Paged
from officeflow.api.paths import located
from officeflow.api.routing import Route
from officeflow.api.shapes import CREATED, Body, Named, of_body
from officeflow.database.tables import ServiceAccount
from officeflow.rights.permissions import Permission, Role
from officeflow.tenants import service_accounts

router = APIRouter(tags=["service accounts"], route_class=Route)


class ServiceAccountShown(BaseModel):
    name: str
    description: str
    role: Role
    active: bool = Field(description="Otherwise its tokens open nothing.")
    created_at: dt.datetime

    @classmethod
    def of(cls, account: ServiceAccount) -> Self:
        return cls.model_validate({**service_accounts.to_json(account), "created_at": account.created_at})


class NewServiceAccount(Body):
    name: str = Field(description="a-z, 0-9 and single hyphens, a letter first; the audit log has it.")
    role: Role = Field(description="What its tokens allow, where they are not narrowed.")
    description: str = ""


@router.get("/organizations/{org}/service-accounts")
def list_service_accounts(
    caller: Annotated[Caller, Needs(Permission.SERVICE_ACCOUNT_READ)],
    wanted: Paged,
    active: bool | None = None,
) -> Listed[ServiceAccountShown]:
    """The organization's service accounts, by name."""
    with caller.of_tenant() as session:
        page = service_accounts.page(session, caller.tenant_id, wanted, active=active)
    return Listed(items=[ServiceAccountShown.of(each) for each in page.rows], next=page.next)


@router.post("/organizations/{org}/service-accounts", status_code=201, responses=CREATED)
def create_service_account(
    new: NewServiceAccount,
    response: Response,
    caller: Annotated[Caller, Needs(Permission.SERVICE_ACCOUNT_MANAGE)],
) -> ServiceAccountShown:
    """An account for a program, whose role may allow no more than one's own; it has no token yet."""
    with of_body():
        made = service_accounts.create(
            caller.context.database, caller.org, **new.model_dump(), by=caller.principal
        )
    response.headers["Location"] = located(caller.org, "service-accounts", made.name)
    return ServiceAccountShown.of(made)


@router.get("/organizations/{org}/service-accounts/{account}")
def show_service_account(
    account: Named, caller: Annotated[Caller, Needs(Permission.SERVICE_ACCOUNT_READ)]
) -> ServiceAccountShown:
    """One service account, named by its name."""
    with caller.of_tenant() as session:
        return ServiceAccountShown.of(service_accounts.find(session, caller.tenant_id, account))


@router.post("/organizations/{org}/service-accounts/{account}/deactivate")
def deactivate_service_account(
    account: Named, caller: Annotated[Caller, Needs(Permission.SERVICE_ACCOUNT_MANAGE)]
) -> ServiceAccountShown:
    """None of its tokens opens anything any more, within five seconds everywhere."""
    changed = service_accounts.deactivate(caller.context.database, caller.org, account, by=caller.principal)
    caller.context.tokens.forget()
    return ServiceAccountShown.of(changed)


@router.post("/organizations/{org}/service-accounts/{account}/activate")
def activate_service_account(
    account: Named, caller: Annotated[Caller, Needs(Permission.SERVICE_ACCOUNT_MANAGE)]
) -> ServiceAccountShown:
    """Its tokens open again what they did, those that have not ended or been revoked."""
    changed = service_accounts.activate(caller.context.database, caller.org, account, by=caller.principal)
    caller.context.tokens.forget()
    return ServiceAccountShown.of(changed)
