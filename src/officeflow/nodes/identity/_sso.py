"""The settings of an application's single sign-on, as parameters, and laid over those that there are."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import fields
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from officeflow.connectors.families.identity import OidcSettings, SamlSettings, SsoSettings
from officeflow.errors import Rejected
from officeflow.sdk import FieldChange, NodeParams


def _web_address(value: str) -> str:
    """Where a browser may be sent with what lets somebody in: nobody else may read along, or choose it."""
    try:
        parts = urlsplit(value)
        host, has_login = parts.hostname or "", parts.username is not None or parts.password is not None
    except ValueError as error:
        raise ValueError(f"no address: {error}") from error
    if any(char.isspace() or not char.isprintable() for char in value) or "\\" in value:
        raise ValueError("it has a character that no address has")
    if parts.scheme.casefold() not in {"https", "http"} or not host:
        raise ValueError("it has to be whole, such as https://crm.example.com/callback")
    if parts.scheme.casefold() == "http" and not _is_this_machine(host):
        raise ValueError("it has to begin with https:")
    if has_login or "#" in value or "*" in value:
        raise ValueError("it has no login, no fragment and no * in it")
    return value


def _redirect(value: str) -> str:
    """Or a scheme of an application's own on a device (RFC 8252 section 7.1): a name of its maker's."""
    scheme, colon, rest = value.partition(":")
    if colon and "." in scheme and rest and "*" not in value and "#" not in value and value.isprintable():
        return value
    return _web_address(value)


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.casefold() == "localhost"


WebAddress = Annotated[str, Field(max_length=2048), AfterValidator(_web_address)]
Redirect = Annotated[str, Field(max_length=2048), AfterValidator(_redirect)]
Name = Annotated[str, Field(min_length=1, max_length=1024)]


class Saml(NodeParams):
    """SAML 2.0. What is left out stays as it is."""

    entity_id: Name = Field(description="The application's entity id.", examples=["https://crm.example/saml"])
    acs_urls: list[WebAddress] = Field(
        description="Where the application takes assertions; the first one by default.",
        examples=[["https://crm.example/saml/acs"]],
        min_length=1,
        max_length=100,
    )
    name_id: Name | None = Field(
        None, description="The attribute of an account that is its subject, in the provider's own name."
    )
    attributes: dict[Name, Name] = Field(
        default_factory=dict,
        description="The assertion's attributes by name, each with where it comes from; others stay.",
        examples=[{"mail": "user.email"}],
        max_length=200,
    )
    logout_url: WebAddress | None = Field(None, description="Where single logout is told.")


class Oidc(NodeParams):
    """OpenID Connect. What is left out stays as it is."""

    redirect_urls: list[Redirect] = Field(
        description="Where the provider may send people back to.",
        examples=[["https://crm.example/callback"]],
        min_length=1,
        max_length=100,
    )
    logout_urls: list[Redirect] = Field(
        default_factory=list, description="Where people may be sent after signing out.", max_length=100
    )
    claims: dict[Name, Name] = Field(
        default_factory=dict,
        description="The token's claims by name, each with where it comes from; others stay.",
        examples=[{"department": "user.department"}],
        max_length=200,
    )
    public: bool | None = Field(
        None, description="Whether it is an application that can keep no secret (with PKCE)."
    )


def laid_over(wished: Saml | Oidc, now: SsoSettings | None) -> SsoSettings:
    """The settings that there are, with what is wished in its place; `Rejected` where the application speaks
    the other protocol.
    """
    kind = SamlSettings if isinstance(wished, Saml) else OidcSettings
    if now is not None and not isinstance(now, kind):
        raise Rejected(
            f"it signs people in by {protocol_of(now)}, and that is not changed to {protocol_of(wished)}",
            operation="configure_application",
            hint="an application of another name, or another one with this protocol",
        )
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in ((each, getattr(wished, each)) for each in type(wished).model_fields)
        if value is not None and value not in ([], {})
    }
    before = {each.name: getattr(now, each.name) for each in fields(kind)} if now is not None else {}
    for name, value in given.items():
        if isinstance(value, Mapping):
            given[name] = {**before.get(name, {}), **value}
    return kind(**(before | given))


def different(before: SsoSettings | None, after: SsoSettings) -> list[FieldChange]:
    """Field by field; of attributes and claims, each by itself. The order of addresses counts in nothing but
    which of `acs_urls` is the first.
    """
    old, new = _flat(before), _flat(after)
    return [
        FieldChange(field=name, before=_shown(old.get(name)), after=_shown(new.get(name)))
        for name in dict.fromkeys((*old, *new))
        if _compared(name, old.get(name)) != _compared(name, new.get(name))
    ]


def protocol_of(settings: Saml | Oidc | SsoSettings) -> Literal["SAML", "OpenID Connect"]:
    return "SAML" if isinstance(settings, (Saml, SamlSettings)) else "OpenID Connect"


def as_json(settings: SsoSettings | None) -> dict[str, Any] | None:
    """For an output: what there is, by the names of the parameters."""
    if settings is None:
        return None
    plain = {each.name: getattr(settings, each.name) for each in fields(settings)}
    return {
        name: list(value)
        if isinstance(value, tuple)
        else dict(value)
        if isinstance(value, Mapping)
        else value
        for name, value in plain.items()
    }


def from_json(protocol: str, settings: Mapping[str, Any]) -> SsoSettings:
    """What `as_json` has made of settings of this protocol."""
    plain: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in settings.items()
    }
    return SamlSettings(**plain) if protocol == "SAML" else OidcSettings(**plain)


def _flat(settings: SsoSettings | None) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for each in fields(settings) if settings is not None else ():
        value = getattr(settings, each.name)
        if isinstance(value, Mapping):
            flat |= {f"{each.name}.{name}": source for name, source in value.items()}
        elif value not in (None, ()):
            flat[each.name] = value
    return flat


def _shown(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _compared(name: str, value: Any) -> Any:
    if not isinstance(value, tuple):
        return value
    return (value[0] if name == "acs_urls" else None, frozenset(value))
