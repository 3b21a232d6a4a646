"""What is written of single sign-on, and how what is read differs from what was wished."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from officeflow.connectors.call import Call
from officeflow.connectors.entra import claims
from officeflow.connectors.entra.settings import EXTENSION
from officeflow.connectors.entra.sso_types import Registration, Whole
from officeflow.connectors.families.identity import OidcSettings, SamlSettings, SsoSettings
from officeflow.errors import Rejected

USER = "user"
"""Where a directory extension among the optional claims comes from."""


def wanted_claims(settings: SsoSettings, call: Call) -> dict[str, str]:
    """Those that are named, each with its source; `Rejected` for one that cannot be."""
    if isinstance(settings, SamlSettings):
        named = dict(settings.attributes)
        if settings.name_id is not None:
            named[claims.NAME_ID] = settings.name_id
        return {name: claims.source(told, call) for name, told in named.items()}
    for name, told in settings.claims.items():
        if told != (USER if EXTENSION.fullmatch(name) else name):
            raise call.error(
                Rejected,
                f"the claim {name!r} of a token cannot come from {told!r}",
                hint="an optional claim is its own source (email: email), a directory extension's is user",
            )
    return dict(settings.claims)


def registration_body(settings: SsoSettings, present: Registration | None, call: Call) -> dict[str, Any]:
    if isinstance(settings, SamlSettings):
        web: dict[str, Any] = {"redirectUris": list(settings.acs_urls)}
        if settings.logout_url is not None:
            web["logoutUrl"] = settings.logout_url
        return {"identifierUris": [settings.entity_id], "web": web}
    body: dict[str, Any] = {place: {"redirectUris": urls} for place, urls in _places(settings).items()}
    if len(settings.logout_urls) > 1:
        raise call.error(Rejected, "an application has one logout URL in Entra, and several are given")
    if settings.logout_urls:
        body["web"]["logoutUrl"] = settings.logout_urls[0]
    if settings.claims:
        body["optionalClaims"] = _optional_claims(settings.claims, present)
    return body


def _places(settings: OidcSettings) -> dict[str, list[str]]:
    """In a browser (`spa`) or on a device (`publicClient`), where no secret can be kept."""
    places: dict[str, list[str]] = {"web": [], "spa": [], "publicClient": []}
    for url in settings.redirect_urls:
        public = "spa" if url.startswith("https://") else "publicClient"
        places[public if settings.public else "web"].append(url)
    return places


def _optional_claims(named: Mapping[str, str], present: Registration | None) -> dict[str, Any]:
    before = dict((present.optional_claims if present else None) or {})
    listed = before.get("idToken")
    kept = [e for e in listed if isinstance(e, dict) and e.get("name") not in named] if listed else []
    fresh = [
        {"name": name, "source": USER if told == USER else None, "essential": False}
        for name, told in named.items()
    ]
    known = {name: value for name, value in before.items() if name in {"accessToken", "saml2Token"}}
    return {**known, "idToken": [*kept, *fresh]}


def differences(whole: Whole, settings: SsoSettings, wanted: Mapping[str, str]) -> list[str]:
    """Names of what is otherwise than the settings say."""
    sso = whole.sso
    if type(sso) is not type(settings):
        return ["the protocol"]
    if isinstance(settings, SamlSettings) and isinstance(sso, SamlSettings):
        checks = {
            "the entity id": sso.entity_id == settings.entity_id,
            "the ACS URLs": set(sso.acs_urls) == set(settings.acs_urls),
            "the logout URL": settings.logout_url in {None, sso.logout_url},
            "the claims": wanted.items() <= claims.of(whole.definitions).items(),
        }
    elif isinstance(settings, OidcSettings) and isinstance(sso, OidcSettings):
        checks = {
            "the redirect URLs": set(sso.redirect_urls) == set(settings.redirect_urls),
            "the logout URL": not settings.logout_urls or sso.logout_urls == settings.logout_urls,
            "the claims": wanted.items() <= sso.claims.items(),
            "whether it is public": sso.public is settings.public,
        }
    return [name for name, right in checks.items() if not right]
