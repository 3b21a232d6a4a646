"""People who work with OfficeFlow for an organization."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Self

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from officeflow.api.etags import etag_of, require_match
from officeflow.api.needs import Caller, Needs
from officeflow.api.paging import Listed, Paged
from officeflow.api.paths import located
from officeflow.api.routing import Route
from officeflow.api.shapes import CREATED, IF_MATCH, TAGGED, Body, Named, of_body
from officeflow.database.tables import User
from officeflow.rights.permissions import Permission, Role
from officeflow.tenants import user_changes, users

router = APIRouter(tags=["users"], route_class=Route)


class UserShown(BaseModel):
    user_id: uuid.UUID
    email: str
    name: str
    role: Role
    airflow_login: str | None = Field(description="The account at Airflow that is this person's.")
    active: bool = Field(description="Otherwise they may do nothing, whatever their role.")
    created_at: dt.datetime

    @classmethod
    def of(cls, user: User) -> Self:
        return cls.model_validate(
            {**users.to_json(user), "user_id": user.user_id, "created_at": user.created_at}
        )


class NewUser(Body):
    email: str
    name: str
    role: Role
    airflow_login: str | None = Field(None, description="The account at Airflow that is this person's.")


class UserDecision(Body):
    why: str = Field(max_length=1000, description="The reason, for the audit log.")


class NewRole(UserDecision):
    role: Role


def _etag(user: User) -> str:
    return etag_of(users.to_json(user))


@router.get("/organizations/{org}/users")
def list_users(
    caller: Annotated[Caller, Needs(Permission.USER_READ)],
    wanted: Paged,
    role: Role | None = None,
    active: bool | None = None,
) -> Listed[UserShown]:
    """The organization's users, by address."""
    with caller.of_tenant() as session:
        page = users.page(session, caller.tenant_id, wanted, role=role, active=active)
    return Listed(items=[UserShown.of(each) for each in page.rows], next=page.next)


@router.post("/organizations/{org}/users", status_code=201, responses=CREATED)
def create_user(
    new: NewUser, response: Response, caller: Annotated[Caller, Needs(Permission.USER_MANAGE)]
) -> UserShown:
    """Let a person work for the organization, as nothing that allows more than one's own role."""
    with of_body():
        made = user_changes.create(
            caller.context.database, caller.org, **new.model_dump(), by=caller.principal
        )
    caller.context.memberships.forget()
    response.headers["Location"] = located(caller.org, "users", made.user_id)
    return UserShown.of(made)


@router.get("/organizations/{org}/users/{user}", responses=TAGGED)
def show_user(
    user: Named, response: Response, caller: Annotated[Caller, Needs(Permission.USER_READ)]
) -> UserShown:
    """One user, named by address or UUID."""
    with caller.of_tenant() as session:
        found = users.find(session, caller.tenant_id, user)
    response.headers["ETag"] = _etag(found)
    return UserShown.of(found)


@router.put("/organizations/{org}/users/{user}/role", responses=TAGGED, openapi_extra=IF_MATCH)
def set_role(
    user: Named,
    new: NewRole,
    request: Request,
    response: Response,
    caller: Annotated[Caller, Needs(Permission.USER_MANAGE)],
) -> UserShown:
    """Make a user something else, which may allow no more than one's own role.

    The last active admin stays one; only the platform's admins change that.
    """

    def look(before: User) -> None:
        require_match(request, _etag(before))

    changed = user_changes.set_role(
        caller.context.database,
        caller.org,
        user,
        new.role,
        why=new.why,
        by=caller.principal,
        look=look,
    )
    return _answered(caller, changed, response)


@router.post("/organizations/{org}/users/{user}/deactivate", responses=TAGGED)
def deactivate_user(
    user: Named,
    decision: UserDecision,
    response: Response,
    caller: Annotated[Caller, Needs(Permission.USER_MANAGE)],
) -> UserShown:
    """The user may do nothing any more, within five seconds everywhere."""
    changed = user_changes.deactivate(
        caller.context.database, caller.org, user, why=decision.why, by=caller.principal
    )
    return _answered(caller, changed, response)


@router.post("/organizations/{org}/users/{user}/activate", responses=TAGGED)
def activate_user(
    user: Named,
    decision: UserDecision,
    response: Response,
    caller: Annotated[Caller, Needs(Permission.USER_MANAGE)],
) -> UserShown:
    """The user may again what their role allows."""
    changed = user_changes.activate(
        caller.context.database, caller.org, user, why=decision.why, by=caller.principal
    )
    return _answered(caller, changed, response)


def _answered(caller: Caller, user: User, response: Response) -> UserShown:
    caller.context.memberships.forget()
    response.headers["ETag"] = _etag(user)
    return UserShown.of(user)
