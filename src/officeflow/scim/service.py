"""What the service offers, and how strictly it reads."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any, TypeVar

from pydantic import ValidationError
from scim2_models import (
    AuthenticationScheme,
    BaseModel,
    Bulk,
    ChangePassword,
    Context,
    ETag,
    Filter,
    InvalidSyntaxException,
    Patch,
    Resource,
    ResourceType,
    ResponseParameters,
    ScimPolicy,
    ScimProvider,
    ServiceProviderConfig,
    Sort,
)
from scim2_server.responses import ScimResponse
from scim2_server.service import ScimService, scim_exception_of

from officeflow.errors import InvalidEvent
from officeflow.events import json_text
from officeflow.scim.resources import Group, User
from officeflow.scim.writing import refuse

MOST = 200
"""Users or groups on a page."""

CONFIG = ServiceProviderConfig(
    patch=Patch(supported=True),
    bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
    filter=Filter(supported=True, max_results=MOST),
    change_password=ChangePassword(supported=False),
    sort=Sort(supported=True),
    etag=ETag(supported=True),
    authentication_schemes=[
        AuthenticationScheme(
            type=AuthenticationScheme.Type.oauthbearertoken,
            name="Token of a service account",
            description="An admin's, as `token create` shows it once",
            spec_uri="https://www.rfc-editor.org/rfc/rfc6750",
            primary=True,
        )
    ],
)
POLICY = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)
"""Providers send attributes that nobody asked for, and Entra's PATCH is not the RFC's: see docs/scim.md."""

PROVIDER = ScimProvider(models=[User, Group], config=CONFIG, policy=POLICY)

ModelT = TypeVar("ModelT", bound=BaseModel)


class Service(ScimService):
    """JSON is read as strictly as at the API, and what providers leave out of users is filled in."""

    def read_body(
        self, model: type[ModelT], body: bytes, content_type: str | None, scim_ctx: Context
    ) -> ModelT:
        return _validated(model, self.decode_body(body, content_type), scim_ctx)

    def decode_body(self, body: bytes, content_type: str | None) -> Any:
        self.ensure_json(content_type)
        try:
            return json_text.parse(body)
        except InvalidEvent as error:
            raise InvalidSyntaxException(detail=error.message) from error

    def read_creation(
        self, resource_type: ResourceType, body: bytes, content_type: str | None
    ) -> Resource[Any]:
        """Who is created is active, unless it is said otherwise."""
        payload = self.decode_body(body, content_type)
        if resource_type.name == "User" and isinstance(payload, dict):
            _fill_address(payload)
            if not _has(payload, "active"):
                payload["active"] = True
        return _validated(self.get_model(resource_type), payload, Context.RESOURCE_CREATION_REQUEST)

    def read_replacement(
        self, resource_type: ResourceType, body: bytes, content_type: str | None
    ) -> Resource[Any]:
        payload = self.decode_body(body, content_type)
        if resource_type.name == "User" and isinstance(payload, dict):
            _fill_address(payload)
        return _validated(self.get_model(resource_type), payload, Context.RESOURCE_REPLACEMENT_REQUEST)

    def patch_response(
        self, base_url: str, resource: Resource[Any], response_parameters: ResponseParameters[Any]
    ) -> ScimResponse:
        """Okta and Entra expect the user; a group with all its members is too much for an answer that
        nobody reads.
        """
        if isinstance(resource, User):
            published = self.publish(base_url, resource)
            return self.resource_response(published, Context.RESOURCE_PATCH_RESPONSE, response_parameters)
        return super().patch_response(base_url, resource, response_parameters)


def _validated(model: type[ModelT], payload: Any, scim_ctx: Context) -> ModelT:
    try:
        return model.model_validate(payload, scim_ctx=scim_ctx)
    except ValidationError as error:
        raise scim_exception_of(error) from error


def _has(payload: MutableMapping[str, Any], name: str) -> bool:
    """Names are compared whatever their case (RFC 7643 section 2.1); null is as good as nothing."""
    return any(key.lower() == name and value is not None for key, value in payload.items())


def _fill_address(payload: MutableMapping[str, Any]) -> None:
    """Entra sends no `emails`, or none in it, for whoever has no mailbox: the login is an address then.

    `InvalidValueException` where it is none.
    """
    emails = next((value for key, value in payload.items() if key.lower() == "emails"), None)
    name = next((value for key, value in payload.items() if key.lower() == "username"), None)
    if emails or not isinstance(name, str) or not name:
        return
    if "@" not in name:
        refuse("emails has no address, and userName is no address that could stand for it: send one of them")
    for key in [each for each in payload if each.lower() == "emails"]:
        del payload[key]
    payload["emails"] = [{"value": name, "type": "work", "primary": True}]


SERVICE = Service(PROVIDER)
