"""Groups of users: whom workflows may ask together. A group is there as long as somebody is in it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from officeflow.api.needs import Caller, Needs
from officeflow.api.paging import Listed, Paged
from officeflow.api.routes.users import UserShown
from officeflow.api.routing import Route
from officeflow.api.shapes import Named
from officeflow.people import groups
from officeflow.rights.permissions import Permission

router = APIRouter(tags=["groups"], route_class=Route)


class GroupShown(BaseModel):
    name: str
    members: int = Field(description="How many are in it, those who are not active too.")


@router.get("/organizations/{org}/groups")
def list_groups(caller: Annotated[Caller, Needs(Permission.USER_READ)], wanted: Paged) -> Listed[GroupShown]:
    """The organization's groups, by name."""
    with caller.of_tenant() as session:
        page = groups.page(session, caller.tenant_id, wanted)
    items = [GroupShown(name=each.name, members=each.members) for each in page.rows]
    return Listed(items=items, next=page.next)


@router.get("/organizations/{org}/groups/{group}/members")
def list_members(
    group: Named, caller: Annotated[Caller, Needs(Permission.USER_READ)], wanted: Paged
) -> Listed[UserShown]:
    """Who is in the group, by address."""
    with caller.of_tenant() as session:
        page = groups.members_page(session, caller.tenant_id, group, wanted)
    return Listed(items=[UserShown.of(each) for each in page.rows], next=page.next)


@router.put("/organizations/{org}/groups/{group}/members/{user}", status_code=204)
def add_member(group: Named, user: Named, caller: Annotated[Caller, Needs(Permission.USER_MANAGE)]) -> None:
    """Put a user, named by address or UUID, into the group; nothing is changed where they are in it."""
    with caller.of_tenant() as session:
        groups.add(session, caller.tenant_id, group, user, by=caller.actor)


@router.delete("/organizations/{org}/groups/{group}/members/{user}", status_code=204)
def remove_member(
    group: Named, user: Named, caller: Annotated[Caller, Needs(Permission.USER_MANAGE)]
) -> None:
    """Take a user out of the group."""
    with caller.of_tenant() as session:
        groups.remove(session, caller.tenant_id, group, user, by=caller.actor)
