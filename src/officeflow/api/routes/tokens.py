"""Tokens of service accounts. A token is shown once; its beginning names it ever after."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Self

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from officeflow.api.needs import Caller, Needs
from officeflow.api.paging import Listed, Paged
from officeflow.api.paths import located
from officeflow.api.routing import Route
from officeflow.api.shapes import CREATED, LONGEST_NAME, Body, Named, Whole, of_body
from officeflow.rights.permissions import Permission
from officeflow.statuses import TokenState
from officeflow.tenants import issuing
from officeflow.tenants.issuing import DAYS, MOST_DAYS, MOST_OLD_FOR_HOURS, OLD_FOR_HOURS, Issued, Token

router = APIRouter(tags=["tokens"], route_class=Route)
Days = Annotated[Whole, Field(ge=1, le=MOST_DAYS, description="How long it holds.")]


class TokenShown(BaseModel):
    prefix: str = Field(description="The token's first twelve characters, which name it.")
    account: str
    scopes: list[Permission] | None = Field(description="null: all that its account's role allows.")
    state: TokenState
    created_by: str
    created_at: dt.datetime
    expires_at: dt.datetime
    revoked_at: dt.datetime | None
    last_used_at: dt.datetime | None = Field(description="To a minute; null: never.")

    @classmethod
    def of(cls, token: Token) -> Self:
        return cls.model_validate(token.to_json())


class TokenCreated(TokenShown):
    token: str = Field(description="The token itself. It is shown this once, and kept nowhere.")


class NewToken(Body):
    scopes: list[Permission] | None = Field(
        None, max_length=100, description="Permissions that it is narrowed to; null: all of its role."
    )
    days: Days = DAYS


class TokenRotation(Body):
    days: Days = DAYS
    old_for_hours: Whole = Field(
        OLD_FOR_HOURS,
        ge=0,
        le=MOST_OLD_FOR_HOURS,
        description="How long the old one goes on, at most; 0: it is revoked at once.",
    )


@router.get("/organizations/{org}/tokens")
def list_tokens(
    caller: Annotated[Caller, Needs(Permission.SERVICE_ACCOUNT_READ)],
    wanted: Paged,
    account: Annotated[str, Query(max_length=LONGEST_NAME, description="Those of one account alone.")] = "",
) -> Listed[TokenShown]:
    """The organization's tokens, the newest first, also those that hold no more."""
    with caller.of_tenant() as session:
        page = issuing.page(session, caller.tenant_id, caller.context.clock.now(), wanted, account=account)
    return Listed(items=[TokenShown.of(each) for each in page.rows], next=page.next)


@router.post("/organizations/{org}/service-accounts/{account}/tokens", status_code=201, responses=CREATED)
def create_token(
    account: Named,
    new: NewToken,
    response: Response,
    caller: Annotated[Caller, Needs(Permission.SERVICE_ACCOUNT_MANAGE)],
) -> TokenCreated:
    """A token of the account, which may allow no more than one's own role does."""
    with of_body():
        made = issuing.issue(
            caller.context.database,
            caller.context.clock,
            caller.org,
            account,
            scopes=new.scopes,
            days=new.days,
            by=caller.principal,
        )
    return _created(caller, made, response)


@router.get("/organizations/{org}/tokens/{prefix}")
def show_token(
    prefix: Named, caller: Annotated[Caller, Needs(Permission.SERVICE_ACCOUNT_READ)]
) -> TokenShown:
    """What is known of a token: everything but the token."""
    with caller.of_tenant() as session:
        return TokenShown.of(issuing.find(session, caller.tenant_id, caller.context.clock.now(), prefix))


@router.post("/organizations/{org}/tokens/{prefix}/rotate", status_code=201, responses=CREATED)
def rotate_token(
    prefix: Named,
    rotation: TokenRotation,
    response: Response,
    caller: Annotated[Caller, Needs(Permission.SERVICE_ACCOUNT_MANAGE)],
) -> TokenCreated:
    """A new token that allows the same; the old one goes on for a while, so that programs can change over."""
    with of_body():
        made = issuing.rotate(
            caller.context.database,
            caller.context.clock,
            caller.org,
            prefix,
            days=rotation.days,
            old_for_hours=rotation.old_for_hours,
            by=caller.principal,
        )
    caller.context.tokens.forget()
    return _created(caller, made, response)


@router.delete("/organizations/{org}/tokens/{prefix}", status_code=204)
def revoke_token(prefix: Named, caller: Annotated[Caller, Needs(Permission.SERVICE_ACCOUNT_MANAGE)]) -> None:
    """The token opens nothing any more, within five seconds everywhere."""
    context = caller.context
    issuing.revoke(context.database, context.clock, caller.org, prefix, by=caller.principal)
    context.tokens.forget()


def _created(caller: Caller, made: Issued, response: Response) -> TokenCreated:
    response.headers["Location"] = located(caller.org, "tokens", made.token.prefix)
    return TokenCreated.model_validate({**made.token.to_json(), "token": made.text})
