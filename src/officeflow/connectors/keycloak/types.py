"""What comes from Keycloak, in its own terms: strict in what identifies, lenient in what describes."""

from __future__ import annotations

import datetime as dt
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
from pydantic.alias_generators import to_camel

from officeflow.connectors.families import identity


def _or_absent(value: object, read: ValidatorFunctionWrapHandler) -> Any:
    """For what describes and does not identify: a slip in it does not make the account unusable."""
    try:
        return read(value)
    except ValidationError:
        return None


def _several(value: object) -> object:
    """An attribute's values, also where one stands there by itself."""
    return [value] if isinstance(value, str) else value


def _flag(value: object) -> object:
    return (
        {"true": True, "false": False}.get(value.strip().lower(), value) if isinstance(value, str) else value
    )


def _or_empty(value: object) -> object:
    return {} if value is None else value


Id = Annotated[str, Field(min_length=1)]
Described = WrapValidator(_or_absent)
Text = Annotated[str | None, Described]
Flag = Annotated[bool | None, BeforeValidator(_flag)]
Values = Annotated[list[str], BeforeValidator(_several)]
Listed = Annotated[list[str], BeforeValidator(lambda value: value or [])]


class Representation(BaseModel):
    """Only what we use is read, and shown: a client's representation has secrets in it."""

    model_config = ConfigDict(extra="ignore", frozen=True, alias_generator=to_camel, populate_by_name=True)


def moment(milliseconds: int | None) -> dt.datetime | None:
    """Keycloak counts milliseconds since 1970; None for what is no moment."""
    try:
        return dt.datetime.fromtimestamp(milliseconds / 1000, dt.UTC) if milliseconds else None
    except (OverflowError, ValueError, OSError):
        return None


class User(Representation):
    id: Id
    username: Id
    enabled: Flag = None
    email: Text = None
    email_verified: Annotated[Flag, Described] = None
    first_name: Text = None
    last_name: Text = None
    attributes: Annotated[dict[str, Values], BeforeValidator(_or_empty)] = Field(default_factory=dict)
    required_actions: Listed = Field(default_factory=list)
    created_timestamp: Annotated[int | None, Described] = None
    federation_link: Text = None
    not_before: Annotated[int | None, Described] = None

    @property
    def locked_for_good(self) -> bool:
        """By too many wrong passwords, in a realm that does not forget them."""
        return self.enabled is False and self.attributes.get("disabledReason") == ["permanentLockout"]


class Lock(Representation):
    disabled: Flag = False


class Group(Representation):
    id: Id
    name: Id
    path: Id
    parent_id: str | None = None
    sub_groups: list[Group] = Field(default_factory=list)

    @property
    def called(self) -> str:
        """Its path without the slash that begins it."""
        return self.path.removeprefix("/")


class Role(Representation):
    id: Id
    name: Id
    composite: Flag = False
    client_role: Flag = False
    container_id: str | None = None


class ClientRoles(Representation):
    id: Id
    client: Id
    mappings: list[Role] = Field(default_factory=list)


class Mappings(Representation):
    """Roles that a user or a group has by itself."""

    realm_mappings: list[Role] = Field(default_factory=list)
    client_mappings: dict[str, ClientRoles] = Field(default_factory=dict)


class Credential(Representation):
    id: Id
    type: Id
    user_label: Text = None
    created_date: int | None = None


class Consent(Representation):
    """What an application was granted: scopes, and perhaps an offline token."""

    client_id: Id
    additional_grants: list[dict[str, Any]] = Field(default_factory=list)
    created_date: Annotated[int | None, Described] = None


class UserSession(Representation):
    id: Id
    ip_address: Text = None
    start: Annotated[int | None, Described] = None
    clients: Annotated[dict[str, str] | None, Described] = None

    def session(self) -> identity.Session:
        names = ", ".join(sorted((self.clients or {}).values()))
        name = " ".join(
            part for part in (names, f"from {self.ip_address}" if self.ip_address else "") if part
        )
        return identity.Session(id=self.id, kind="session", name=name, since=moment(self.start))


class RequiredAction(Representation):
    alias: Id
    enabled: Flag = False


class ProfileAttribute(Representation):
    name: Id
    permissions: dict[str, list[str]] = Field(default_factory=dict)


class Profile(Representation):
    """The realm's user profile. Without a policy, what it does not declare is dropped."""

    attributes: list[ProfileAttribute] = Field(default_factory=list)
    unmanaged_attribute_policy: str | None = None


class RealmSettings(Representation):
    """None is what this credential is not told."""

    edit_username_allowed: bool | None = None
    registration_email_as_username: bool | None = None
    password_policy: str | None = None


class EventsConfig(Representation):
    events_enabled: bool = False
    admin_events_enabled: bool = False
    enabled_event_types: list[str] = Field(default_factory=list)


class Event(Representation):
    """Of the admin events (`resource_path`) or of the user events (`user_id`)."""

    id: Id
    time: int
    resource_path: str | None = None
    user_id: str | None = None

    @property
    def about(self) -> str | None:
        """The id of the user."""
        parts = (self.resource_path or "").split("/")
        return parts[1] if len(parts) > 1 and parts[0] == "users" else self.user_id


class Mapper(Representation):
    """What puts something about the account into a token or an assertion."""

    id: str | None = None
    name: Id
    protocol_mapper: Id
    config: dict[str, Any] = Field(default_factory=dict)


class ClientApplication(Representation):
    id: Id
    client_id: Id
    name: Text = None
    enabled: Flag = None
    protocol: Text = None
    public_client: Flag = None
    redirect_uris: Listed = Field(default_factory=list)
    attributes: Annotated[dict[str, Any], BeforeValidator(_or_empty), Field(repr=False)] = Field(
        default_factory=dict
    )
    protocol_mappers: list[Mapper] = Field(default_factory=list)
