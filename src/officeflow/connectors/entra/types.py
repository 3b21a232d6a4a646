"""Objects of Microsoft Graph as they come, and a user in our terms."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from officeflow.connectors.entra.lenient import Described, Flag, Id, Moment, Text, Texts


class Resource(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, alias_generator=to_camel)


class Reference(Resource):
    id: Id


class Group(Resource):
    id: Id
    display_name: Text = None
    group_types: Texts = None
    mail_enabled: Annotated[Flag, Described] = None
    on_premises_sync_enabled: Annotated[Flag, Described] = None
    is_assignable_to_role: Annotated[Flag, Described] = None

    @property
    def name(self) -> str:
        return self.display_name or self.id

    @property
    def fixed(self) -> str:
        """Why nobody's membership can be changed here."""
        kinds = self.group_types or []
        if "DynamicMembership" in kinds:
            return "a rule says who is in it"
        if self.on_premises_sync_enabled:
            return "it is synchronized from on-premises"
        if self.mail_enabled and "Unified" not in kinds:
            return "it is kept in Exchange"
        return ""


class AppRole(Resource):
    id: Id
    display_name: Text = None
    value: Text = None
    is_enabled: Annotated[Flag, Described] = None
    allowed_member_types: Texts = None

    @property
    def name(self) -> str:
        return self.value or self.display_name or self.id

    @property
    def for_people(self) -> bool:
        return self.is_enabled is not False and "User" in (self.allowed_member_types or ())

    def is_called(self, name: str) -> bool:
        known = {each.casefold() for each in (self.value, self.display_name, self.id) if each}
        return name.casefold() in known


class Principal(Resource):
    """A service principal: an application as it is in this tenant."""

    id: Id
    app_id: Id
    display_name: Text = None
    account_enabled: Annotated[Flag, Described] = None
    app_roles: list[AppRole] = Field(default_factory=list)
    preferred_single_sign_on_mode: Text = None
    reply_urls: Texts = None
    logout_url: Text = None
    service_principal_names: Texts = None
    preferred_token_signing_key_thumbprint: Text = None

    @property
    def name(self) -> str:
        return self.display_name or self.id


class Assignment(Resource):
    """Of an application's role to a user, or to a group that the user is in."""

    id: Id
    app_role_id: Id
    principal_id: Id
    principal_type: Text = None
    principal_display_name: Text = None
    resource_id: Id
    resource_display_name: Text = None


class RoleDefinition(Resource):
    id: Id
    display_name: Text = None


class RoleAssignment(Resource):
    id: Id
    principal_id: Id
    role_definition_id: Id
    directory_scope_id: Text = None


class Units(Resource):
    enabled: Annotated[int | None, Described] = None
    warning: Annotated[int | None, Described] = None


class Sku(Resource):
    sku_id: Id
    sku_part_number: Text = None
    consumed_units: Annotated[int | None, Described] = None
    prepaid_units: Annotated[Units | None, Described] = None

    @property
    def name(self) -> str:
        return self.sku_part_number or self.sku_id


class Method(Resource):
    """A way to sign in; its type says which."""

    id: Id
    type: Id = Field(alias="@odata.type")
    display_name: Text = None
    phone_number: Text = None
    email_address: Text = None

    @property
    def kind(self) -> str:
        return self.type.removeprefix("#microsoft.graph.").removesuffix("AuthenticationMethod")


class Pass(Resource):
    """A Temporary Access Pass; the pass itself is told once."""

    id: Id
    temporary_access_pass: Annotated[str | None, Described] = Field(None, repr=False)
    start_date_time: Moment = None
    lifetime_in_minutes: Annotated[int | None, Described] = None
    is_usable_once: Annotated[Flag, Described] = None

    def until(self) -> dt.datetime | None:
        if self.start_date_time is None or self.lifetime_in_minutes is None:
            return None
        return self.start_date_time + dt.timedelta(minutes=self.lifetime_in_minutes)
