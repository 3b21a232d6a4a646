"""What Google's APIs answer, in their own terms: lenient in what describes, strict in what identifies.

https://developers.google.com/workspace/admin/directory/reference/rest/v1/users#User
"""

from __future__ import annotations

import datetime as dt
import functools
import json
from typing import Annotated, Any, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    TypeAdapter,
    ValidationError,
)
from pydantic_core import CoreSchema, core_schema, from_json

from officeflow.connectors.call import Call
from officeflow.connectors.google.errors import NotGoogle

M = TypeVar("M", bound=BaseModel)
Entry = dict[str, Any]


class _OrAbsent:
    """None in the place of what is no such value; without a call of Python's for each."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_default_schema(handler(source), default=None, on_error="default")


def _moment(value: object) -> object:
    """None for what is no moment with a zone, and for the beginning of 1970, with which Google says never."""
    try:
        moment = dt.datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo and moment.timestamp() > 0 else None


Described = _OrAbsent()
Id = Annotated[str, Field(min_length=1, coerce_numbers_to_str=True)]
"""Some APIs have numbers in JSON."""
Flag = bool
"""As text too."""
Moment = Annotated[dt.datetime | None, BeforeValidator(_moment)]
Entries = Annotated[list[Entry] | None, Described]
Texts = Annotated[list[str] | None, Described]
Told = Annotated[str | None, Described]


class _Resource(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Name(_Resource):
    givenName: Told = None  # noqa: N815 -- Google's own names
    familyName: Told = None  # noqa: N815
    displayName: Told = None  # noqa: N815


class User(_Resource):
    """Lists are kept as they came: they are only replaced whole."""

    id: Id
    primaryEmail: Id  # noqa: N815
    suspended: Flag = False
    archived: Flag = False
    isAdmin: Annotated[bool | None, Described] = None  # noqa: N815
    isEnrolledIn2Sv: Flag = False  # noqa: N815
    changePasswordAtNextLogin: Annotated[bool | None, Described] = None  # noqa: N815
    name: Annotated[Name | None, Described] = None
    customerId: Told = None  # noqa: N815
    aliases: Texts = None
    nonEditableAliases: Texts = None  # noqa: N815
    emails: Entries = None
    externalIds: list[Entry] | None = None  # noqa: N815
    organizations: Entries = None
    phones: Entries = None
    relations: Entries = None
    recoveryEmail: Told = None  # noqa: N815
    recoveryPhone: Told = None  # noqa: N815
    customSchemas: Annotated[dict[str, dict[str, Any]] | None, Described] = None  # noqa: N815
    orgUnitPath: Told = None  # noqa: N815
    creationTime: Annotated[Moment, Described] = None  # noqa: N815
    deletionTime: Annotated[Moment, Described] = None  # noqa: N815

    @property
    def active(self) -> bool:
        return not (self.suspended or self.archived)

    @property
    def manager(self) -> str | None:
        """The address that stands for the manager."""
        return value_of(self.relations, "manager")


class Created(_Resource):
    """What is needed of the answer to a creation."""

    id: Id


class Group(_Resource):
    id: Id
    email: Id
    name: Id


class Member(_Resource):
    id: Told = None
    email: Told = None


class Unit(_Resource):
    orgUnitId: Id  # noqa: N815
    orgUnitPath: Id  # noqa: N815


class Role(_Resource):
    roleId: Id  # noqa: N815
    roleName: Id  # noqa: N815


class RoleAssignment(_Resource):
    roleAssignmentId: Id  # noqa: N815
    roleId: Id  # noqa: N815
    assignedTo: Id  # noqa: N815
    assigneeType: Told = None  # noqa: N815
    orgUnitId: Told = None  # noqa: N815


class Licence(_Resource):
    productId: Id  # noqa: N815
    skuId: Id  # noqa: N815
    userId: Id  # noqa: N815
    skuName: Told = None  # noqa: N815


class Token(_Resource):
    clientId: Id  # noqa: N815
    displayText: Told = None  # noqa: N815


class ApplicationPassword(_Resource):
    codeId: int  # noqa: N815
    name: Told = None
    creationTime: Annotated[int | None, Described] = None  # noqa: N815


class FieldSpec(_Resource):
    fieldName: Id  # noqa: N815
    fieldType: str = "STRING"  # noqa: N815
    multiValued: Flag = False  # noqa: N815


class Schema(_Resource):
    schemaName: Id  # noqa: N815
    fields: list[FieldSpec] = Field(default_factory=list)


class TransferParam(_Resource):
    key: str
    value: list[str] = Field(default_factory=list)


class TransferApplication(_Resource):
    id: Id
    name: Id
    transferParams: list[TransferParam] = Field(default_factory=list)  # noqa: N815


class TransferPart(_Resource):
    applicationId: Id  # noqa: N815
    applicationTransferStatus: Told = None  # noqa: N815


class DataTransfer(_Resource):
    id: Id
    oldOwnerUserId: Id  # noqa: N815
    newOwnerUserId: Id  # noqa: N815
    overallTransferStatusCode: Id  # noqa: N815
    requestTime: Annotated[Moment, Described] = None  # noqa: N815
    applicationDataTransfers: list[TransferPart] = Field(default_factory=list)  # noqa: N815


class IdpConfig(_Resource):
    entityId: Id  # noqa: N815
    singleSignOnServiceUri: Id  # noqa: N815
    logoutRedirectUri: Told = None  # noqa: N815
    changePasswordUri: Told = None  # noqa: N815


class SpConfig(_Resource):
    entityId: Told = None  # noqa: N815
    assertionConsumerServiceUri: Told = None  # noqa: N815


class Profile(_Resource):
    """Of inbound SSO by SAML."""

    name: Id
    customer: Told = None
    displayName: Told = None  # noqa: N815
    idpConfig: IdpConfig  # noqa: N815
    spConfig: Annotated[SpConfig | None, Described] = None  # noqa: N815


class ProfileCredential(_Resource):
    name: Id


class SamlInfo(_Resource):
    inboundSamlSsoProfile: Told = None  # noqa: N815


class SsoAssignment(_Resource):
    name: Id
    customer: Told = None
    targetGroup: Told = None  # noqa: N815
    targetOrgUnit: Told = None  # noqa: N815
    rank: Annotated[int | None, Described] = None
    samlSsoInfo: SamlInfo | None = None  # noqa: N815

    @property
    def profile(self) -> str | None:
        return self.samlSsoInfo.inboundSamlSsoProfile if self.samlSsoInfo else None

    @property
    def target(self) -> str:
        return self.targetGroup or self.targetOrgUnit or ""


class Operation(_Resource):
    """A change that is done, or waits."""

    done: Flag = False
    error: Entry | None = None
    response: Entry | None = None


def valid(model: type[M], data: object, call: Call) -> M:
    """The data as the model; `NotGoogle` where it is not."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise _unlike(error, call) from error


def valid_list(model: type[M], name: str, data: list[Any], call: Call) -> list[M]:
    """As `valid`, of all that the answer calls `name`, at once."""
    try:
        found: list[M] = _list_of(model).validate_python(data)
    except ValidationError as error:
        raise _unlike(error, call, name) from error
    return found


@functools.cache
def _list_of(model: Any) -> TypeAdapter[Any]:
    return TypeAdapter(list[model])


def read_json(body: bytes, call: Call) -> Entry:
    """The object in an answer's body, also where there is half a character in it, which pydantic's own reader
    takes for no JSON. `NotGoogle` where there is none.
    """
    try:
        found = from_json(body)
    except ValueError:
        try:
            found = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise call.not_in("JSON", "the body cannot be read", NotGoogle) from error
    if not isinstance(found, dict):
        raise call.not_in("JSON", "the body is no JSON object", NotGoogle)
    return found


def _unlike(error: ValidationError, call: Call, *within: str) -> NotGoogle:
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(map(str, (*within, *first["loc"]))) or "body"
    return call.not_in("the language of its API", f"{where}: {first['msg']}", NotGoogle)


def value_of(entries: list[Entry] | None, kind: str, name: str = "value") -> str | None:
    """What the first entry of the type has."""
    for each in entries or ():
        if each.get("type") == kind and each.get(name):
            return str(each[name])
    return None
