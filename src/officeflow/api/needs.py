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
from officeflow.errors import NotKnown
from officeflow.rights.permissions import PLATFORM, Permission
from officeflow.rights.principals import Principal


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

    def __init__(self, permission: Permission | None) -> None:
        self.permission = permission

    async def __call__(self, request: Request) -> Caller:
        principal, context = await principal_of(request), context_of(request)
        request_id = correlation_id.get() or ""
        named = request.path_params.get("org")
        if named is None:
            if self.permission is not None and self.permission in PLATFORM:
                principal.require(self.permission)
            return Caller(principal, context, request_id)
        org_id, slug = await run_in_threadpool(context.organizations.find, str(named))
        if not (principal.is_platform_admin or org_id in principal.roles):
            raise NotKnown(f"there is no organization {str(named)[:60]!r}")
        if self.permission is not None:
            principal.require(self.permission, org_id)
        return Caller(principal, context, request_id, org_id, slug)


def Needs(permission: Permission | None) -> Any:  # noqa: N802 - it stands where FastAPI's Depends does
    """The permission that a route needs in the organization of its path, or at the platform.

    None: whoever has signed in. Where the path names no organization and the permission is not the
    platform's, the route itself looks only at organizations that `principal.organizations(permission)` has.
    """
    return Depends(Permitted(permission))
