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
from officeflow.connectors.scim.reading import (
    CORE_ATTRIBUTES,
    ENTERPRISE,
    ENTERPRISE_ATTRIBUTES,
    USER,
    at_work,
    further_attributes,
    lenient_bool,
    preferred,
)
from officeflow.errors import Rejected

GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
MEDIA_TYPE = "application/scim+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How a server wants to be spoken to, where the RFC leaves a choice or the server has its own mind.

    `value_only`: PATCH takes `{"op": "replace", "value": {"active": false}}` without a path.
    `remove_by_value`: a member is removed by its value rather than by a filter in the path.
    `groups_by_member`: /Groups can be searched by `members.value`; otherwise the account's own `groups` are
    believed.
    `discovers`: what else it can do and how is taken from its own /ServiceProviderConfig, and what it clearly
    refuses in one form is sent in the other.
    """

    value_only: bool = False
    remove_by_value: bool = False
    groups_by_member: bool = True
    discovers: bool = False


DIALECTS: Mapping[str, Dialect] = {
    "auto": Dialect(discovers=True),
    "rfc7644": Dialect(),
    "pathless": Dialect(value_only=True, remove_by_value=True),
    "groups-on-user": Dialect(groups_by_member=False),
}


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


class ScimModel(BaseModel):
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


class Meta(ScimModel):
    created: Annotated[dt.datetime | None, BeforeValidator(_moment)] = None
    version: str | None = None


class Name(ScimModel):
    givenName: str | None = None  # noqa: N815 -- SCIM's own attribute names
    familyName: str | None = None  # noqa: N815


class Value(ScimModel):
    """One of several: an e-mail address, a telephone number, a postal address, a role."""

    value: Text | None = None
    display: Text | None = None
    type: str | None = None
    primary: Annotated[bool | None, BeforeValidator(lenient_bool)] = None
    locality: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _value_alone(cls, data: object) -> object:
        """Some servers give a list of plain texts."""
        return {"value": data} if isinstance(data, str) else data


class Reference(ScimModel):
    """One of a group's members, or of a user's groups; `type` tells of a group whether the user is in it only
    by way of another.
    """

    value: Text | None = None
    display: Text | None = None
    type: str | None = None

    @property
    def direct(self) -> bool:
        return (self.type or "").casefold() != "indirect"


class Manager(ScimModel):
    value: Text | None = None

    @model_validator(mode="before")
    @classmethod
    def _id_alone(cls, data: object) -> object:
        """Some servers give the manager's id as a plain text."""
        return {"value": data} if isinstance(data, str) else data


class Enterprise(ScimModel):
    schema_urn = ENTERPRISE

    employeeNumber: Text | None = None  # noqa: N815
    department: Annotated[Text | None, Described] = None
    manager: Annotated[Manager | None, Described] = None


class User(ScimModel):
    """RFC 7643 section 4.1. An absent `active` means active: the attribute is optional."""

    schema_urn = USER

    id: Id
    userName: Id  # noqa: N815
    externalId: Text | None = None  # noqa: N815
    active: Annotated[bool | None, BeforeValidator(lenient_bool)] = None
    name: Annotated[Name | None, Described] = None
    displayName: Annotated[Text | None, Described] = None  # noqa: N815
    title: Annotated[Text | None, Described] = None
    emails: Annotated[list[Value] | None, Described] = None
    phoneNumbers: Annotated[list[Value] | None, Described] = None  # noqa: N815
    addresses: Annotated[list[Value] | None, Described] = None
    roles: Annotated[list[Value] | None, Described] = None
    entitlements: Annotated[list[Value] | None, Described] = None
    groups: list[Reference] | None = None
    meta: Annotated[Meta | None, Described] = None
    enterprise: Annotated[Enterprise | None, Described] = Field(None, alias=ENTERPRISE)
    employee_number: Annotated[Text | None, Described] = Field(None, alias=f"{ENTERPRISE}:employeeNumber")
    """The same, where a server writes the extension's attributes in full beside the core's."""
    further: dict[str, str] = Field(default_factory=dict, alias="#further")
    """Plain attributes beside those above, by the names that `NewAccount.attributes` takes."""

    @model_validator(mode="before")
    @classmethod
    def _with_further(cls, data: object) -> object:
        return {**data, "#further": further_attributes(data)} if isinstance(data, Mapping) else data

    def account(self, groups: Iterable[str], mark: str = "") -> Account:
        """The account in our terms.

        `mark` is what stands before the organization's employee numbers in this directory.
        """
        name = self.name or Name()
        mails = [mail.value for mail in preferred(self.emails or ()) if mail.value]
        phone = next((each.value for each in at_work(self.phoneNumbers or ())), None)
        location = next((each.locality for each in at_work(self.addresses or ())), None)
        enterprise = self.enterprise or Enterprise()
        external_id = self.externalId or None
        ours = not mark or external_id is None or external_id.startswith(f"{mark}:")
        return Account(
            id=self.id,
            login=self.userName,
            active=self.active is not False,
            active_told=self.active is not None,
            external_id=external_id.removeprefix(f"{mark}:") if external_id and mark else external_id,
            foreign=not ours,
            employee_number=enterprise.employeeNumber or self.employee_number or None,
            given_name=name.givenName,
            family_name=name.familyName,
            display_name=self.displayName,
            email=mails[0] if mails else None,
            emails=tuple(mails),
            title=self.title or None,
            department=enterprise.department or None,
            location=location or None,
            phone=phone or None,
            manager_id=enterprise.manager.value or None if enterprise.manager else None,
            attributes=self.further,
            groups=tuple(sorted(groups)),
            created_at=self.meta.created if self.meta else None,
        )


class Created(ScimModel):
    """What is needed of the answer to a creation."""

    schema_urn = USER

    id: Id


class Group(ScimModel):
    schema_urn = GROUP

    id: Id
    displayName: Text  # noqa: N815
    members: list[Reference] | None = None

    def has(self, account_id: str) -> bool:
        return any(member.value == account_id for member in self.members or ())


class Page(ScimModel):
    """RFC 7644 section 3.4.2: one page of a list. `Resources` may be absent where there are none."""

    totalResults: Annotated[int, Field(ge=0)]  # noqa: N815
    resources: list[dict[str, Any]] = Field(default_factory=list, alias="Resources")


class CursorPage(Page):
    """RFC 9865 section 2: a page that names the next one; how many there are in all need not be told."""

    totalResults: Annotated[int | None, Described] = None  # type: ignore[assignment]  # noqa: N815
    nextCursor: Text | None = None  # noqa: N815


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
    if account.unit is not None:
        raise Rejected("SCIM has no organizational units: leave unit out", operation="create_account")
    core = {
        "userName": account.login,
        "externalId": marked(account.external_id, mark),
        "name": _without_none({"givenName": account.given_name, "familyName": account.family_name}) or None,
        "displayName": account.display_name,
        "title": account.title,
        "emails": [{"value": account.email, "type": "work", "primary": True}] if account.email else None,
        "phoneNumbers": [{"value": account.phone, "type": "work"}] if account.phone else None,
        "addresses": [{"locality": account.location, "type": "work"}] if account.location else None,
        "active": account.active,
    }
    extensions: dict[str, dict[str, str]] = (
        {ENTERPRISE: {"department": account.department}} if account.department is not None else {}
    )
    for name, value in account.attributes.items():
        schema, attribute = place_of(name, "create_account")
        target: dict[str, Any] = core if schema == USER else extensions.setdefault(schema, {})
        target[attribute] = value
    return {"schemas": [USER, *extensions], **_without_none(core), **extensions}


def place_of(name: str, operation: str) -> tuple[str, str]:
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
        operation=operation,
        hint=f"one of {known}, or urn:…:attribute",
    )


def _without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def patch_member(account_id: str, *, joins: bool, by_value: bool) -> dict[str, Any]:
    """Lets an account join a group or leave it; `by_value` names who leaves by value rather than by a filter
    in the path.
    """
    value = [{"value": account_id}]
    operation: dict[str, Any] = {"op": "remove", "path": f"members[value eq {quoted(account_id)}]"}
    if by_value:
        operation = {"op": "remove", "path": "members", "value": value}
    if joins:
        operation = {"op": "add", "path": "members", "value": value}
    return {"schemas": [PATCH], "Operations": [operation]}
