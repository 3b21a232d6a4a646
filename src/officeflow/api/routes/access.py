"""What people should have in an organization's systems: its rules, and what follows from them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Annotated, Self

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from officeflow.access import checking, people, store
from officeflow.access.rules import EntitlementKind
from officeflow.access.store import Kept
from officeflow.api.etags import etag_of, require_match
from officeflow.api.needs import Caller, Needs
from officeflow.api.problems import ProblemItem
from officeflow.api.routes.workflows import Reason
from officeflow.api.routing import Route
from officeflow.api.shapes import IF_MATCH, TAGGED, Body, JsonObject, Named, of_body
from officeflow.errors import InvalidInput
from officeflow.rights.permissions import Permission
from officeflow.tenants.connections import Connections
from officeflow.workflows import rules_protection

router = APIRouter(tags=["access"], route_class=Route)


class RulesToCheck(Body):
    rules: list[JsonObject] = Field(description="As docs/schemas/access-rules.schema.json describes them.")


class RulesToSet(RulesToCheck):
    why: str = Field(max_length=1000, description="The reason, for the audit log.")


class RulesShown(BaseModel):
    version: int = Field(description="0: nobody has set any.")
    set_by: str | None
    set_at: dt.datetime | None
    why: str | None
    rules: list[JsonObject]

    @classmethod
    def of(cls, kept: Kept) -> Self:
        return cls.model_validate(kept.to_json())


class RulesSettled(RulesShown):
    release: uuid.UUID | None = Field(
        None, description="Nothing was set: the rules are protected, and another admin decides about this."
    )


class RulesProtected(BaseModel):
    changed: bool = Field(description="false where they were before.")


class RulesUnprotecting(BaseModel):
    release: uuid.UUID | None = Field(
        description="What another admin decides about; null: they are not protected."
    )


class RulesChecked(BaseModel):
    valid: bool
    problems: list[ProblemItem] = Field(description="All of them; their paths are the rules' own.")


class EntitlementShown(BaseModel):
    connection: str
    kind: EntitlementKind
    name: str = Field(description="An application's role stands behind it: `crm/editor`.")
    sensitive: bool = Field(description="Whether a person is asked before somebody gets it.")
    rules: list[str] = Field(description="The names of the rules that say so.")


class Deserved(BaseModel):
    employee: str = Field(description="The HR system's identifier.")
    version: int = Field(description="Of the rules.")
    has_left: bool = Field(description="Then nothing is theirs.")
    entitlements: list[EntitlementShown]


@router.get("/organizations/{org}/access-rules", responses=TAGGED)
def show_access_rules(
    response: Response, caller: Annotated[Caller, Needs(Permission.ORGANIZATION_READ)]
) -> RulesShown:
    """The rules that count, with the ETag that a change needs."""
    with caller.of_tenant() as session:
        kept = store.newest(session, caller.tenant_id)
    response.headers["ETag"] = etag_of(kept.to_json())
    return RulesShown.of(kept)


@router.put(
    "/organizations/{org}/access-rules",
    responses={**TAGGED, 202: {"model": RulesSettled}},
    openapi_extra=IF_MATCH,
)
def set_access_rules(
    asked: RulesToSet,
    request: Request,
    response: Response,
    caller: Annotated[Caller, Needs(Permission.ORGANIZATION_SETTLE)],
) -> RulesSettled:
    """Let these rules count from now on. What people have is left as it is: nodes and people apply rules. 202
    where they are protected: another admin decides.
    """

    def look(before: Kept) -> None:
        require_match(request, etag_of(before.to_json()))

    with of_body():
        wanted = checking.checked({"rules": asked.rules}, _providers(caller))
        settled = rules_protection.settle(
            caller.context.database, caller.org, wanted, look=look, why=asked.why, by=caller.actor
        )
    response.headers["ETag"] = etag_of(settled.kept.to_json())
    shown = RulesSettled.model_validate(settled.kept.to_json())
    if settled.release is None:
        return shown
    response.status_code = 202
    return shown.model_copy(update={"release": settled.release.release_id})


@router.post("/organizations/{org}/access-rules/protect")
def protect_access_rules(
    asked: Reason, caller: Annotated[Caller, Needs(Permission.RELEASE_APPROVE)]
) -> RulesProtected:
    """From now on another admin releases the rules that are set."""
    changed = rules_protection.protect(caller.context.database, caller.org, why=asked.why, by=caller.actor)
    return RulesProtected(changed=changed)


@router.post("/organizations/{org}/access-rules/unprotect", status_code=202)
def unprotect_access_rules(
    asked: Reason, caller: Annotated[Caller, Needs(Permission.RELEASE_APPROVE)]
) -> RulesUnprotecting:
    """Ask that they be protected no more: another admin decides."""
    release = rules_protection.ask_to_unprotect(
        caller.context.database, caller.org, why=asked.why, by=caller.actor
    )
    return RulesUnprotecting(release=None if release is None else release.release_id)


@router.post("/organizations/{org}/access-rules/check")
def check_access_rules(
    asked: RulesToCheck, caller: Annotated[Caller, Needs(Permission.CONNECTION_READ)]
) -> RulesChecked:
    """Everything that is wrong with these rules, against the organization's connections; nothing is set."""
    providers = _providers(caller)
    try:
        checking.checked({"rules": asked.rules}, providers)
    except InvalidInput as error:
        found = [ProblemItem.model_validate(each, from_attributes=True) for each in error.problems]
        return RulesChecked(valid=False, problems=found)
    return RulesChecked(valid=True, problems=[])


@router.get("/organizations/{org}/employees/{employee}/access")
def show_access_of_employee(
    employee: Named, caller: Annotated[Caller, Needs(Permission.EMPLOYEE_READ)]
) -> Deserved:
    """What a person should have, with the record as it is now, and by which rules."""
    with caller.of_tenant() as session:
        found = people.of_person(session, caller.tenant_id, employee, caller.context.clock.now())
    return Deserved.model_validate(found.to_json())


def _providers(caller: Caller) -> Mapping[str, str]:
    with caller.context.airflow() as airflow:
        return Connections(caller.context.database, airflow).providers_of(caller.org)
