"""Who asks, and what they may."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from officeflow.api.needs import Caller, Needs
from officeflow.api.routing import Route
from officeflow.rights.permissions import Permission, Role
from officeflow.tenants.membership import memberships

router = APIRouter(tags=["me"], route_class=Route)


class Membership(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    slug: str
    name: str
    role: Role | None = Field(description="null for the platform's admins, who have every right.")
    permissions: list[Permission]


class Me(BaseModel):
    actor: str = Field(description="As the audit log names who acts.")
    login: str = Field(description="The account at Airflow; empty for a service account.")
    is_platform_admin: bool
    organizations: list[Membership]


@router.get("/me")
def who_am_i(caller: Annotated[Caller, Needs(None)]) -> Me:
    """Who asks, the organizations that they see, and what they may do in each."""
    principal = caller.principal
    seen = memberships(caller.context.database, principal)
    return Me(
        actor=principal.actor,
        login=principal.login,
        is_platform_admin=principal.is_platform_admin,
        organizations=[Membership.model_validate(each) for each in seen],
    )
