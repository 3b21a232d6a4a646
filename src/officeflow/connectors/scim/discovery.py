"""What a server says about itself (RFC 7643 sections 5 to 7): read when it is first needed, once for each
opened client, and not believed to be there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, Field

from officeflow.connectors.call import Call
from officeflow.connectors.families import Capability
from officeflow.connectors.scim.errors import NotScim
from officeflow.connectors.scim.reading import ENTERPRISE, USER, lenient_bool
from officeflow.connectors.scim.resources import Resources, json_of, valid
from officeflow.connectors.scim.types import GROUP, Described, Page, ScimModel, Text
from officeflow.errors import ConnectorError, NotFound, Rejected, Unauthorized

T = TypeVar("T")
NOT_TOLD = (NotFound, Rejected, Unauthorized)
"""A server without these endpoints, or one that does not let us read them."""
ROLE_ATTRIBUTES = ("roles", "entitlements")

Yes = Annotated[bool | None, BeforeValidator(lenient_bool), Described]
Number = Annotated[int | None, Described]


class Feature(ScimModel):
    """`supported` is None where that is not told."""

    supported: Yes = None
    maxOperations: Number = None  # noqa: N815 -- SCIM's own attribute names
    maxPayloadSize: Number = None  # noqa: N815


class Pagination(ScimModel):
    """RFC 9865 section 4."""

    cursor: Yes = None


class Config(ScimModel):
    """/ServiceProviderConfig. Where a feature is None, nothing is told of it."""

    patch: Annotated[Feature | None, Described] = None
    bulk: Annotated[Feature | None, Described] = None
    filter: Annotated[Feature | None, Described] = None
    changePassword: Annotated[Feature | None, Described] = None  # noqa: N815
    sort: Annotated[Feature | None, Described] = None
    etag: Annotated[Feature | None, Described] = None
    pagination: Annotated[Pagination | None, Described] = None

    def has(self, name: str) -> bool | None:
        """None where it is not told."""
        feature: Feature | None = getattr(self, name)
        return feature.supported if feature else None


class Attribute(ScimModel):
    name: Text
    mutability: str = "readWrite"
    subAttributes: Annotated[list[Attribute] | None, Described] = None  # noqa: N815
    canonicalValues: Annotated[list[Text] | None, Described] = None  # noqa: N815

    def sub(self, name: str) -> Attribute | None:
        return named(self.subAttributes or (), name)


class Schema(ScimModel):
    id: Text
    attributes: list[Attribute] = Field(default_factory=list)

    def attribute(self, name: str) -> Attribute | None:
        return named(self.attributes, name)


class ResourceType(ScimModel):
    name: Text = ""
    endpoint: Text = ""
    schema_: Text = Field("", alias="schema")


def named(attributes: list[Attribute] | tuple[()], name: str) -> Attribute | None:
    return next((each for each in attributes if each.name.casefold() == name.casefold()), None)


class Discovery:
    """`asked` is whether the server itself says how it wants to be spoken to; a named dialect says that
    otherwise. What it cannot do at all, its own word decides in any case.
    """

    def __init__(self, resources: Resources, *, asked: bool) -> None:
        self._resources = resources
        self._asked = asked
        self._config: Config | None = None
        self._kinds: tuple[ResourceType, ...] | None = None
        self._schemas: Mapping[str, Schema] | None = None

    def how(self, call: Call) -> Config:
        """What is to be used of the protocol."""
        return self.config(call) if self._asked else Config()

    def has_no_filters(self, call: Call) -> bool:
        """Whether a search that was refused is to be made by reading all: it does not say that it has any."""
        return self._asked and self.config(call).has("filter") is not True

    def config(self, call: Call) -> Config:
        if self._config is None:
            self._config = self._read(
                "ServiceProviderConfig", call, lambda body: valid(Config, body, call), Config()
            )
        return self._config

    def kinds(self, call: Call) -> tuple[ResourceType, ...]:
        """Empty where it is not told."""
        if self._kinds is None:
            none: tuple[ResourceType, ...] = ()
            self._kinds = self._read("ResourceTypes", call, lambda body: _kinds(body, call), none)
        return self._kinds

    def schemas(self, call: Call) -> Mapping[str, Schema]:
        """By URN in lower case. Empty where it is not told."""
        if self._schemas is None:
            none: Mapping[str, Schema] = {}
            self._schemas = self._read("Schemas", call, lambda body: _by_urn(body, call), none)
        return self._schemas

    def attribute(self, schema: str, name: str, call: Call) -> Attribute | None:
        known = self.schemas(call).get(schema.casefold())
        return known.attribute(name) if known else None

    def role_attributes(self, call: Call) -> tuple[str, ...]:
        """Which of `roles` and `entitlements` accounts have; both where it is not told."""
        if USER.casefold() not in self.schemas(call):
            return ROLE_ATTRIBUTES
        return tuple(name for name in ROLE_ATTRIBUTES if self.attribute(USER, name, call))

    def lacks(self, capability: Capability, call: Call) -> str:
        """Why this server cannot do it, by its own word; empty where it can, or does not tell."""
        if capability is Capability.SET_PASSWORDS:
            told = self.config(call).has("changePassword")
            return "its /ServiceProviderConfig says that it has no changePassword" if told is False else ""
        if capability is Capability.KEEP_GROUPS:
            kinds = self.kinds(call)
            is_there = any(_is(kind, "Group", GROUP) for kind in kinds)
            return "its /ResourceTypes have no Group" if kinds and not is_there else ""
        if capability is Capability.SET_MANAGERS:
            return self._no_manager(call)
        if capability is Capability.KEEP_ROLES and not self.role_attributes(call):
            return "its /Schemas give accounts no roles and no entitlements"
        return ""

    def require(self, capability: Capability, call: Call) -> None:
        """`Rejected` by name and reason where this server cannot do it; nothing but discovery was sent."""
        if reason := self.lacks(capability, call.reading()):
            raise call.error(Rejected, f"{call.provider} cannot {capability.value} here: {reason}")

    def _no_manager(self, call: Call) -> str:
        if USER.casefold() not in self.schemas(call):
            return ""
        manager = self.attribute(ENTERPRISE, "manager", call)
        if manager is None:
            return "its /Schemas give accounts no manager"
        fixed = manager.mutability == "readOnly"
        return "its /Schemas say that a manager is read only" if fixed else ""

    def _read(self, endpoint: str, call: Call, made: Callable[[Any], T], without: T) -> T:
        try:
            return made(json_of(self._resources.send("GET", endpoint, call), call))
        except NOT_TOLD:
            return without
        except ConnectorError as error:
            if error.status in {500, 501}:  # how some answer to an address that they do not know
                return without
            raise


def _kinds(body: Any, call: Call) -> tuple[ResourceType, ...]:
    return tuple(valid(ResourceType, each, call) for each in _listed(body, call))


def _by_urn(body: Any, call: Call) -> Mapping[str, Schema]:
    found = [valid(Schema, each, call) for each in _listed(body, call)]
    return {schema.id.casefold(): schema for schema in found}


def _listed(body: Any, call: Call) -> list[Any]:
    page = valid(Page, {"totalResults": 0, **body} if isinstance(body, dict) else body, call)
    if not page.resources:
        raise call.not_in("SCIM", "there is nothing in the list", NotScim)
    return list(page.resources)


def _is(kind: ResourceType, name: str, schema: str) -> bool:
    wanted = {name.casefold(), f"{name.casefold()}s", schema.casefold()}
    told = (kind.name, kind.endpoint.rpartition("/")[2], kind.schema_)
    return bool(wanted & {each.casefold() for each in told})
