"""What goes to a SCIM server and what comes back, in its own terms (RFC 7643), and how servers differ."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)

from officeflow.connectors.families.identity import Account, NewAccount
from officeflow.errors import Rejected

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
MEDIA_TYPE = "application/scim+json"

# RFC 7643 sections 4.1.1 and 4.3: the plain string attributes that a workflow may set beside the named ones.
CORE_ATTRIBUTES = frozenset({"nickName", "profileUrl", "userType", "preferredLanguage", "locale", "timezone"})
ENTERPRISE_ATTRIBUTES = frozenset({"employeeNumber", "costCenter", "organization", "division"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How a server wants to be spoken to, where the RFC leaves a choice or the server has its own mind.

    `value_only`: PATCH takes `{"op": "replace", "value": {"active": false}}` without a path.
    `remove_by_value`: a member is removed by its value rather than by a filter in the path.
    `groups_by_member`: /Groups can be searched by `members.value`; otherwise the account's own `groups` are
    believed.
    """

    value_only: bool = False
    remove_by_value: bool = False
    groups_by_member: bool = True


DIALECTS: Mapping[str, Dialect] = {
    "rfc7644": Dialect(),
    "pathless": Dialect(value_only=True, remove_by_value=True),
    "groups-on-user": Dialect(groups_by_member=False),
}


def _lenient_bool(value: object) -> object:
    """Some servers send `active` as the string "True" or "False"."""
    return (
        {"true": True, "false": False}.get(value.strip().lower(), value) if isinstance(value, str) else value
    )


def _text(value: object) -> object:
    """Some servers send ids and employee numbers as JSON numbers."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _or_absent(value: object, read: ValidatorFunctionWrapHandler) -> Any:
    """For what describes and does not identify: a slip in it does not make the account unusable."""
    try:
        return read(value)
    except ValidationError:
        return None


Text = Annotated[str, BeforeValidator(_text)]
Id = Annotated[str, Field(min_length=1), BeforeValidator(_text)]
Described = WrapValidator(_or_absent)


class _Resource(BaseModel):
    """Only what we use is read, so that a server's additions or slips elsewhere do no harm.

    Names of attributes ignore case and may be written in full, and null is the same as absent (RFC 7643
    sections 2.1, 2.5 and 3.10).
    """

    model_config = ConfigDict(extra="ignore", frozen=True)
    schema_urn: ClassVar[str] = ""

    @model_validator(mode="before")
    @classmethod
    def _by_our_names(cls, data: object) -> object:
        if not isinstance(data, Mapping):
            return data
        ours = {
            (info.alias or name).casefold(): info.alias or name for name, info in cls.model_fields.items()
        }
        prefix = f"{cls.schema_urn}:".casefold()
        found: dict[str, Any] = {}
        for name, value in data.items():
            key = ours.get(str(name).casefold().removeprefix(prefix))
            if key is None or value is None:
                continue
            if found.setdefault(key, value) != value:
                raise ValueError(f"{key} comes twice, with different values")
        return found


def _moment(value: object) -> object:
    """A moment; None for what is no moment, and for one without a zone: it may be hours from what it
    seems.
    """
    try:
        moment = dt.datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


class Meta(_Resource):
    created: Annotated[dt.datetime | None, BeforeValidator(_moment)] = None
    version: str | None = None


class Name(_Resource):
    givenName: str | None = None  # noqa: N815 -- SCIM's own attribute names
    familyName: str | None = None  # noqa: N815


class Email(_Resource):
    value: str | None = None
    primary: Annotated[bool | None, BeforeValidator(_lenient_bool)] = None


class Reference(_Resource):
    """One of a group's members, or of a user's groups; `type` tells of a group whether the user is in it only
    by way of another.
    """

    value: Text | None = None
    display: Text | None = None
    type: str | None = None

    @property
    def direct(self) -> bool:
        return (self.type or "").casefold() != "indirect"


class Enterprise(_Resource):
    schema_urn = ENTERPRISE

    employeeNumber: Text | None = None  # noqa: N815


class User(_Resource):
    """RFC 7643 section 4.1. An absent `active` means active: the attribute is optional."""

    schema_urn = USER

    id: Id
    userName: Id  # noqa: N815
    externalId: Text | None = None  # noqa: N815
    active: Annotated[bool | None, BeforeValidator(_lenient_bool)] = None
    name: Annotated[Name | None, Described] = None
    displayName: Annotated[Text | None, Described] = None  # noqa: N815
    emails: Annotated[list[Email] | None, Described] = None
    groups: list[Reference] | None = None
    meta: Annotated[Meta | None, Described] = None
    enterprise: Annotated[Enterprise | None, Described] = Field(None, alias=ENTERPRISE)
    employee_number: Annotated[Text | None, Described] = Field(None, alias=f"{ENTERPRISE}:employeeNumber")
    """The same, where a server writes the extension's attributes in full beside the core's."""

    def account(self, groups: Iterable[str], mark: str = "") -> Account:
        """The account in our terms.

        `mark` is what stands before the organization's employee numbers in this directory.
        """
        name = self.name or Name()
        mails = [
            mail.value for mail in sorted(self.emails or [], key=lambda mail: not mail.primary) if mail.value
        ]
        external_id = self.externalId or None
        ours = not mark or external_id is None or external_id.startswith(f"{mark}:")
        return Account(
            id=self.id,
            login=self.userName,
            active=self.active is not False,
            active_told=self.active is not None,
            external_id=external_id.removeprefix(f"{mark}:") if external_id and mark else external_id,
            foreign=not ours,
            employee_number=(self.enterprise.employeeNumber if self.enterprise else None)
            or self.employee_number
            or None,
            given_name=name.givenName,
            family_name=name.familyName,
            display_name=self.displayName,
            email=mails[0] if mails else None,
            emails=tuple(mails),
            groups=tuple(sorted(groups)),
            created_at=self.meta.created if self.meta else None,
        )


class Created(_Resource):
    """What is needed of the answer to a creation."""

    schema_urn = USER

    id: Id


class Group(_Resource):
    schema_urn = GROUP

    id: Id
    displayName: Text  # noqa: N815
    members: list[Reference] | None = None

    def has(self, account_id: str) -> bool:
        return any(member.value == account_id for member in self.members or ())


class Page(_Resource):
    """RFC 7644 section 3.4.2: one page of a list. `Resources` may be absent where there are none."""

    totalResults: Annotated[int, Field(ge=0)]  # noqa: N815
    resources: list[dict[str, Any]] = Field(default_factory=list, alias="Resources")


class ErrorBody(_Resource):
    """RFC 7644 section 3.12."""

    detail: str | None = None
    scimType: str | None = None  # noqa: N815


def quoted(value: str) -> str:
    """A value as it stands in a filter: a JSON string (RFC 7644 section 3.4.2.2), so that no value can end
    the comparison.
    """
    return json.dumps(value, ensure_ascii=False)


def marked(external_id: str | None, mark: str) -> str | None:
    """An employee number as it stands in a directory that several organizations share."""
    return f"{mark}:{external_id}" if mark and external_id is not None else external_id


def equals(**attributes: str | None) -> str:
    """A filter of what is given: `userName eq "ana" and externalId eq "7"`."""
    return " and ".join(
        f"{name} eq {quoted(value)}" for name, value in attributes.items() if value is not None
    )


def new_user(account: NewAccount, mark: str = "") -> dict[str, Any]:
    """The resource to POST: only what somebody set, for a server may read an empty field as an order to clear
    it.
    """
    core = {
        "userName": account.login,
        "externalId": marked(account.external_id, mark),
        "name": _without_none({"givenName": account.given_name, "familyName": account.family_name}) or None,
        "displayName": account.display_name,
        "title": account.title,
        "emails": [{"value": account.email, "type": "work", "primary": True}] if account.email else None,
        "active": account.active,
    }
    extensions: dict[str, dict[str, str]] = (
        {ENTERPRISE: {"department": account.department}} if account.department is not None else {}
    )
    for name, value in account.attributes.items():
        schema, attribute = _place_of(name)
        target: dict[str, Any] = core if schema == USER else extensions.setdefault(schema, {})
        target[attribute] = value
    return {"schemas": [USER, *extensions], **_without_none(core), **extensions}


def _place_of(name: str) -> tuple[str, str]:
    """The schema and the attribute that an extra attribute's name stands for: a known one, or
    `urn:…:Schema:attribute` in full.
    """
    if name in CORE_ATTRIBUTES:
        return USER, name
    if name in ENTERPRISE_ATTRIBUTES:
        return ENTERPRISE, name
    schema, _, attribute = name.rpartition(":")
    if schema.startswith("urn:") and attribute:
        return schema, attribute
    known = ", ".join(sorted(CORE_ATTRIBUTES | ENTERPRISE_ATTRIBUTES))
    raise Rejected(
        f"SCIM has no attribute {name!r}",
        operation="create_account",
        hint=f"one of {known}, or urn:…:attribute",
    )


def _without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def patch_active(dialect: Dialect, *, active: bool) -> dict[str, Any]:
    operation = (
        {"op": "replace", "value": {"active": active}}
        if dialect.value_only
        else {"op": "replace", "path": "active", "value": active}
    )
    return {"schemas": [PATCH], "Operations": [operation]}


def patch_add_member(account_id: str) -> dict[str, Any]:
    return {
        "schemas": [PATCH],
        "Operations": [{"op": "add", "path": "members", "value": [{"value": account_id}]}],
    }


def patch_remove_member(dialect: Dialect, account_id: str) -> dict[str, Any]:
    operation: dict[str, Any] = {"op": "remove", "path": f"members[value eq {quoted(account_id)}]"}
    if dialect.remove_by_value:
        operation = {"op": "remove", "path": "members", "value": [{"value": account_id}]}
    return {"schemas": [PATCH], "Operations": [operation]}
