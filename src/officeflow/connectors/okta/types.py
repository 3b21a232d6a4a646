"""What comes back from Okta, in its own terms, and how values stand in its expressions.

What identifies is read strictly; what only describes is left out where it has another form.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)


def _or_absent(value: object, read: ValidatorFunctionWrapHandler) -> Any:
    try:
        return read(value)
    except ValidationError:
        return None


def _moment(value: object) -> dt.datetime | None:
    """None for what is no moment, and for one without a zone: it may be hours from what it seems."""
    try:
        moment = dt.datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


Id = Annotated[str, Field(min_length=1)]
Described = WrapValidator(_or_absent)
Text = Annotated[str | None, Described]
Moment = Annotated[dt.datetime | None, BeforeValidator(_moment)]


class Resource(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)


class Keyed(Resource):
    id: Id


class Link(Resource):
    href: str


class Links(Resource):
    """Those that we follow: what it says of other resources is their ids, at the end of their addresses."""

    group: Annotated[Link | None, Described] = None
    assignee: Annotated[Link | None, Described] = None
    metadata: Annotated[Link | None, Described] = None


class CredentialsProvider(Resource):
    type: Text = None


class Credentials(Resource):
    provider: Annotated[CredentialsProvider | None, Described] = None


class User(Keyed):
    status: Id
    profile: dict[str, Any]
    created: Moment = None
    transitioning: Text = Field(None, alias="transitioningToStatus")
    password_changed: Text = Field(None, alias="passwordChanged")
    credentials: Annotated[Credentials | None, Described] = None

    @property
    def login(self) -> str:
        return str(self.profile.get("login") or "")


class GroupProfile(Resource):
    name: Id


class Group(Keyed):
    type: Id
    profile: GroupProfile

    @property
    def name(self) -> str:
        return self.profile.name


class Assigned(Resource):
    groups: list[str] = Field(default_factory=list, alias="groupIds")


class RuleActions(Resource):
    assigned: Assigned = Field(default_factory=Assigned, alias="assignUserToGroups")


class Rule(Keyed):
    name: Text = None
    status: Text = None
    actions: RuleActions = Field(default_factory=RuleActions)


class AppUser(Keyed):
    scope: Text = None
    links: Annotated[Links | None, Described] = Field(None, alias="_links")


class Embedded(Resource):
    user: Annotated[AppUser | None, Described] = None


class App(Keyed):
    label: Id
    name: Text = None
    status: Text = None
    sign_on: Text = Field(None, alias="signOnMode")
    settings: Annotated[dict[str, Any] | None, Described] = None
    credentials: Annotated[dict[str, Any] | None, Field(repr=False), Described] = None
    embedded: Annotated[Embedded | None, Described] = Field(None, alias="_embedded")
    links: Annotated[Links | None, Described] = Field(None, alias="_links")


class Role(Keyed):
    """A role that somebody has: the id is that of its assignment."""

    type: Id
    label: Text = None
    assignment: Text = Field(None, alias="assignmentType")
    role: Text = None
    resources: Text = Field(None, alias="resource-set")
    links: Annotated[Links | None, Described] = Field(None, alias="_links")


class Labelled(Keyed):
    """A custom role, or a set of resources."""

    label: Text = None


class Factor(Keyed):
    kind: Id = Field(alias="factorType")
    provider: Text = None


class OauthClient(Keyed):
    id: Id = Field(alias="client_id")
    name: Text = Field(None, alias="client_name")


class Permit(Keyed):
    """A refresh token, or the grant of a scope."""

    client: Text = Field(None, alias="clientId")
    scope: Text = Field(None, alias="scopeId")
    created: Moment = None


class Target(Resource):
    id: Text = None
    type: Text = None


class Event(Resource):
    id: Id = Field(alias="uuid")
    published: Id
    targets: Annotated[list[Target] | None, Described] = Field(None, alias="target")


class TemporaryPassword(Resource):
    value: str = Field(alias="tempPassword", min_length=1, repr=False)


def quoted(value: str) -> str:
    """A value as it stands in `search` and `filter`: a JSON string, so that none can end the comparison."""
    return json.dumps(value, ensure_ascii=False)


def equals(attributes: Mapping[str, str | None]) -> str:
    """An expression of what is given: `profile.login eq "ana" and profile.title eq "x"`."""
    return " and ".join(
        f"{name} eq {quoted(value)}" for name, value in attributes.items() if value is not None
    )


def last_of(link: Link | None) -> str:
    """The id at the end of a link's address; empty without one."""
    return link.href.partition("?")[0].rstrip("/").rpartition("/")[2] if link else ""
