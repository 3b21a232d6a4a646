"""Users and groups by SCIM's names: those attributes of RFC 7643 that are kept. Others are passed over."""

from __future__ import annotations

import json
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field
from scim2_models import (
    URN,
    CaseExact,
    ComplexAttribute,
    ExtensibleStringEnum,
    GroupMembership,
    Mutability,
    Reference,
    Required,
    Resource,
    Uniqueness,
)


class Name(ComplexAttribute):
    formatted: str | None = None
    family_name: str | None = None
    given_name: str | None = None


class Email(ComplexAttribute):
    class Type(ExtensibleStringEnum):
        work = "work"
        home = "home"
        other = "other"

    value: Annotated[str | None, Required.true] = None
    type: Type | None = None
    primary: bool | None = None


def _plain_role(value: Any) -> Any:
    """Entra sends a role in a PATCH as the JSON text of an object: its `value` is the role."""
    if isinstance(value, str) and value.startswith("{"):
        try:
            told = json.loads(value)
        except ValueError:
            return value
        return told.get("value") if isinstance(told, dict) else value
    return value


class UserRole(ComplexAttribute):
    class Value(ExtensibleStringEnum):
        admin = "admin"
        editor = "editor"
        operator = "operator"
        approver = "approver"
        auditor = "auditor"
        viewer = "viewer"

    value: Annotated[Value | None, BeforeValidator(_plain_role), Required.true] = None
    primary: bool | None = None


class User(Resource[Any]):
    """Somebody who works with OfficeFlow on behalf of the organization."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:User")

    user_name: Annotated[str | None, Uniqueness.server, Required.true] = None
    """The person's login at Airflow."""
    name: Name | None = None
    Name: ClassVar[type[ComplexAttribute]] = Name
    display_name: str | None = None
    active: Annotated[bool | None, Required.true] = None
    emails: Annotated[list[Email] | None, Required.true] = None
    """The primary one, or else that of work, or else the first one is the person's address."""
    Emails: ClassVar[type[ComplexAttribute]] = Email
    roles: list[UserRole] | None = None
    """The strongest of them counts; none: the person is a viewer, or what people made of them by hand."""
    Roles: ClassVar[type[ComplexAttribute]] = UserRole
    groups: Annotated[list[GroupMembership] | None, Mutability.read_only] = None
    Groups: ClassVar[type[ComplexAttribute]] = GroupMembership


class Member(ComplexAttribute):
    value: Annotated[str | None, Mutability.immutable, CaseExact.true] = None
    ref: Annotated[Reference[User] | None, Mutability.immutable] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    type: Annotated[str | None, Mutability.immutable] = Field(None, examples=["User"])


class Group(Resource[Any]):
    """Users whom workflows may ask together, and who may get a role by it."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:Group")

    display_name: Annotated[str | None, Required.true, Uniqueness.server] = None
    members: list[Member] | None = None
    Members: ClassVar[type[ComplexAttribute]] = Member
