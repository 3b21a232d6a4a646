"""The permission that a route needs, said once beside it: `caller: Annotated[Caller, Needs(Permission.X)]`.

An organization that one does not belong to is answered as one that is not there.
"""

from __future__ import annotations

import uuid
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from asgi_correlation_id import correlation_id
from fastapi import Depends, Request
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from officeflow.api.context import Context, context_of
from officeflow.api.signing_in import principal_of
from officeflow.errors import NotAllowed, NotKnown
from officeflow.rights.permissions import PLATFORM, Permission
from officeflow.rights.principals import Principal, roles_with


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, for which organization, and what there is to answer with."""

    principal: Principal
    context: Context
    request_id: str
    org_id: uuid.UUID | None = None
    org: str = ""
    """The organization's slug; empty where the route is of none."""

    @property
    def actor(self) -> str:
        """As the audit log names it."""
        return self.principal.actor

    @property
    def tenant_id(self) -> uuid.UUID:
        """The organization's; only where the route is of one."""
        if self.org_id is None:
            raise LookupError("the route names no organization")
        return self.org_id

    def of_tenant(self) -> AbstractContextManager[Session]:
        """A transaction that sees the organization's rows alone."""
        return self.context.database.tenant(self.tenant_id)


class Permitted:
    """A dependency: the caller, if they may."""

    def __init__(self, permission: Permission | None, *, anywhere: bool = False) -> None:
        self.permission = permission
        self.anywhere = anywhere

    async def __call__(self, request: Request) -> Caller:
        principal, context = await principal_of(request), context_of(request)
        request_id = correlation_id.get() or ""
        named = request.path_params.get("org")
        if named is None:
            if self.permission is not None and self.permission in PLATFORM:
                principal.require(self.permission)
            if self.anywhere and self.permission is not None:
                _require_anywhere(principal, self.permission)
            return Caller(principal, context, request_id)
        found = context.organizations.remembered(str(named))
        if found is None:
            found = await run_in_threadpool(context.organizations.find, str(named))
        org_id, slug = found
        if not (principal.is_platform_admin or org_id in principal.roles):
            raise NotKnown(f"there is no organization {str(named)[:60]!r}")
        if self.permission is not None:
            principal.require(self.permission, org_id)
        return Caller(principal, context, request_id, org_id, slug)


def _require_anywhere(principal: Principal, permission: Permission) -> None:
    among = principal.organizations(permission)
    if among is not None and not among:
        raise NotAllowed(permission, allowed_to=roles_with(permission))


def Needs(  # noqa: N802 - it stands where FastAPI's Depends does
    permission: Permission | None, *, anywhere: bool = False
) -> Any:
    """The permission that a route needs in the organization of its path, or at the platform.

    None: whoever has signed in. Where the path names no organization and the permission is not the
    platform's, the route itself looks only at organizations that `principal.organizations(permission)` has;
    `anywhere`: there has to be one.
    """
    return Depends(Permitted(permission, anywhere=anywhere))
