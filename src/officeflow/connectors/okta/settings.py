"""Single sign-on settings of applications, in our terms and in Okta's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from officeflow.connectors.call import Call
from officeflow.connectors.families.identity import OidcSettings, SamlSettings, SsoSettings
from officeflow.connectors.okta.types import App
from officeflow.errors import Rejected

SAML = "SAML_2_0"
OIDC = "OPENID_CONNECT"
READ_ONLY = frozenset({"id", "orn", "status", "created", "lastUpdated", "features", "_links", "_embedded"})
USUAL_NAME_ID = "${user.userName}"
NEW_SAML: Mapping[str, Any] = {
    "subjectNameIdTemplate": USUAL_NAME_ID,
    "subjectNameIdFormat": "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
    "responseSigned": True,
    "assertionSigned": True,
    "signatureAlgorithm": "RSA_SHA256",
    "digestAlgorithm": "SHA256",
    "honorForceAuthn": True,
    "requestCompressed": False,
    "idpIssuer": "http://www.okta.com/${org.externalKey}",
    "attributeStatements": [],
    "authnContextClassRef": "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
}
UNSPECIFIED = "urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified"
NEW_OIDC: Mapping[str, Any] = {"response_types": ["code"], "grant_types": ["authorization_code"]}


def mode_of(settings: SsoSettings) -> str:
    return SAML if isinstance(settings, SamlSettings) else OIDC


def refuse_unfit(settings: SsoSettings, call: Call) -> None:
    """`Rejected` for what Okta has no place for, or would take for something else."""
    if isinstance(settings, OidcSettings):
        if settings.claims:
            raise call.error(
                Rejected, "Okta keeps a token's claims with its authorization servers, not its applications"
            )
        return
    if not settings.acs_urls:
        raise call.error(Rejected, "a SAML application takes assertions somewhere: acs_urls is empty")
    if settings.name_id is not None and "${" not in settings.name_id:
        raise call.error(
            Rejected,
            f"Okta would send the text {settings.name_id!r} itself as everybody's subject",
            hint="name_id is a template, such as ${user.email}",
        )


def new_app(name: str, settings: SsoSettings) -> dict[str, Any]:
    """The application to create."""
    if isinstance(settings, SamlSettings):
        return {
            "label": name,
            "signOnMode": SAML,
            "settings": {"signOn": {**NEW_SAML, **_saml(settings, {})}},
        }
    kind = "browser" if settings.public else "web"
    return {
        "name": "oidc_client",
        "label": name,
        "signOnMode": OIDC,
        "credentials": {"oauthClient": {"autoKeyRotation": True, **_client(settings, {})}},
        "settings": {"oauthClient": {**NEW_OIDC, "application_type": kind, **_oidc(settings)}},
    }


def changed_app(app: Mapping[str, Any], settings: SsoSettings) -> dict[str, Any]:
    """The application to send in the place of what there is: PUT takes away what is not sent."""
    body = {name: value for name, value in app.items() if name not in READ_ONLY}
    there = dict(body.get("settings") or {})
    if isinstance(settings, SamlSettings):
        sign_on = dict(there.get("signOn") or {})
        there["signOn"] = {**sign_on, **_saml(settings, sign_on)}
        return {**body, "settings": there}
    there["oauthClient"] = {**(there.get("oauthClient") or {}), **_oidc(settings)}
    credentials = dict(body.get("credentials") or {})
    client = dict(credentials.get("oauthClient") or {})
    credentials["oauthClient"] = {**client, **_client(settings, client)}
    return {**body, "settings": there, "credentials": credentials}


def _saml(settings: SamlSettings, there: Mapping[str, Any]) -> dict[str, Any]:
    first = settings.acs_urls[0]
    several = len(settings.acs_urls) > 1
    endpoints = [{"index": index, "url": url} for index, url in enumerate(settings.acs_urls)]
    sign_on: dict[str, Any] = {
        "audience": settings.entity_id,
        "ssoAcsUrl": first,
        "recipient": first,
        "destination": first,
        "allowMultipleAcsEndpoints": several,
        "acsEndpoints": endpoints if several else [],
    }
    if settings.name_id is not None:
        sign_on["subjectNameIdTemplate"] = settings.name_id
    if settings.attributes:
        sign_on["attributeStatements"] = _statements(settings.attributes, there)
    if settings.logout_url is not None:
        slo = {"enabled": True, "issuer": settings.entity_id, "logoutUrl": settings.logout_url}
        sign_on["slo"] = {**(there.get("slo") or {}), **slo}
    return sign_on


def _statements(attributes: Mapping[str, str], there: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Those of the settings, and of the others those that are there."""
    kept = [each for each in there.get("attributeStatements") or () if each.get("name") not in attributes]
    ours = [
        {"type": "EXPRESSION", "name": name, "namespace": UNSPECIFIED, "values": [value]}
        for name, value in attributes.items()
    ]
    return [*kept, *ours]


def _oidc(settings: OidcSettings) -> dict[str, Any]:
    client: dict[str, Any] = {"redirect_uris": list(settings.redirect_urls)}
    if settings.logout_urls:
        client["post_logout_redirect_uris"] = list(settings.logout_urls)
    return client


def _client(settings: OidcSettings, there: Mapping[str, Any]) -> dict[str, Any]:
    """How the application proves itself: one that is public does not; another one does as it did."""
    if settings.public:
        return {"token_endpoint_auth_method": "none", "pkce_required": True}
    method = there.get("token_endpoint_auth_method", "none")
    return {"token_endpoint_auth_method": "client_secret_basic" if method == "none" else method}


def settings_of(app: App) -> SsoSettings | None:
    """None where it signs nobody in by SAML 2.0 or OpenID Connect, or keeps that elsewhere (as applications
    of Okta's catalogue do).
    """
    there = app.settings or {}
    sign_on, client = _object(there.get("signOn")), _object(there.get("oauthClient"))
    if app.sign_on == SAML and isinstance(sign_on.get("audience"), str):
        return _saml_settings(sign_on)
    if app.sign_on == OIDC and client:
        proof = _object(_object(app.credentials).get("oauthClient"))
        return OidcSettings(
            redirect_urls=_texts(client.get("redirect_uris")),
            logout_urls=_texts(client.get("post_logout_redirect_uris")),
            public=proof.get("token_endpoint_auth_method") == "none",
        )
    return None


def _saml_settings(sign_on: Mapping[str, Any]) -> SamlSettings:
    several = _texts([_object(each).get("url") for each in sign_on.get("acsEndpoints") or ()])
    slo = _object(sign_on.get("slo"))
    statements = [_object(each) for each in sign_on.get("attributeStatements") or ()]
    return SamlSettings(
        entity_id=sign_on["audience"],
        acs_urls=several or _texts([sign_on.get("ssoAcsUrl")]),
        name_id=sign_on.get("subjectNameIdTemplate"),
        attributes={
            str(each["name"]): values[0]
            for each in statements
            if "name" in each and (values := _texts(each.get("values")))
        },
        logout_url=slo.get("logoutUrl") if slo.get("enabled") else None,
    )


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _texts(values: object) -> tuple[str, ...]:
    return tuple(each for each in values if isinstance(each, str)) if isinstance(values, list) else ()


def is_as_wished(read: SsoSettings | None, wished: SsoSettings) -> bool:
    """Whether what was read has all that was named."""
    if isinstance(wished, SamlSettings):
        return (
            isinstance(read, SamlSettings)
            and (read.entity_id, read.acs_urls) == (wished.entity_id, tuple(wished.acs_urls))
            and wished.name_id in {None, read.name_id}
            and wished.logout_url in {None, read.logout_url}
            and all(read.attributes.get(name) == value for name, value in wished.attributes.items())
        )
    return (
        isinstance(read, OidcSettings)
        and (read.redirect_urls, read.public) == (tuple(wished.redirect_urls), wished.public)
        and (not wished.logout_urls or read.logout_urls == tuple(wished.logout_urls))
    )
