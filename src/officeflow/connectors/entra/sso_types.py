"""An application's registration as it comes, and single sign-on in our terms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from officeflow.connectors.entra import claims
from officeflow.connectors.entra.lenient import Described, Id, Text, Texts
from officeflow.connectors.entra.settings import Settings
from officeflow.connectors.entra.types import Principal, Reference, Resource
from officeflow.connectors.families.identity import Application, OidcSettings, SamlSettings, SsoSettings

SAML = "saml"
PLACES = ("web", "spa", "publicClient")


class Redirects(Resource):
    redirect_uris: Texts = None
    logout_url: Text = None


class Registration(Resource):
    id: Id
    app_id: Id
    identifier_uris: Texts = None
    web: Annotated[Redirects | None, Described] = None
    spa: Annotated[Redirects | None, Described] = None
    public_client: Annotated[Redirects | None, Described] = None
    optional_claims: Annotated[dict[str, Any] | None, Described] = None

    def redirects(self, place: str) -> list[str]:
        found = {"web": self.web, "spa": self.spa, "publicClient": self.public_client}[place]
        return list(found.redirect_uris or ()) if found else []

    @property
    def logout_url(self) -> str | None:
        return (self.web.logout_url if self.web else None) or None

    def id_token_claims(self) -> dict[str, str]:
        listed = (self.optional_claims or {}).get("idToken")
        entries = (
            [e for e in listed if isinstance(e, dict) and e.get("name")] if isinstance(listed, list) else []
        )
        return {str(each["name"]): str(each.get("source") or each["name"]) for each in entries}


class Policy(Resource):
    id: Id
    display_name: Text = None
    definition: list[str] = Field(default_factory=list)


class Instantiated(Resource):
    application: Reference
    service_principal: Reference


class Certificate(Resource):
    thumbprint: Id


class MadeRegistration(Resource):
    id: Id
    app_id: Id


@dataclass(frozen=True, slots=True)
class Whole:
    """A service principal, its registration where that is in this tenant, and its claims."""

    principal: Principal
    registration: Registration | None
    policies: list[Policy]

    @property
    def definitions(self) -> list[str]:
        return [each for policy in self.policies for each in policy.definition]

    @property
    def sso(self) -> SsoSettings | None:
        if self.principal.preferred_single_sign_on_mode == SAML:
            return self._saml()
        return self._oidc()

    def _saml(self) -> SamlSettings | None:
        told = claims.of(self.definitions)
        own = self.registration
        names = [e for e in self.principal.service_principal_names or () if e != self.principal.app_id]
        entities = (own.identifier_uris if own else None) or names
        acs_urls = (own.redirects("web") if own else None) or self.principal.reply_urls or []
        if not entities and not acs_urls:
            return None
        return SamlSettings(
            entity_id=entities[0] if entities else "",
            acs_urls=tuple(acs_urls),
            name_id=told.get(claims.NAME_ID),
            attributes={name: source for name, source in told.items() if name != claims.NAME_ID},
            logout_url=(own.logout_url if own else None) or self.principal.logout_url or None,
        )

    def _oidc(self) -> OidcSettings | None:
        own = self.registration
        if own is None:
            return None
        urls = [url for place in PLACES for url in own.redirects(place)]
        if not urls:
            return None
        return OidcSettings(
            redirect_urls=tuple(urls),
            logout_urls=(own.logout_url,) if own.logout_url else (),
            claims=own.id_token_claims(),
            public=not own.redirects("web"),
        )

    def application(self, settings: Settings) -> Application:
        return Application(
            id=self.principal.id,
            name=self.principal.name,
            active=self.principal.account_enabled is not False,
            sso=self.sso,
            metadata_url=_metadata(self.principal, settings),
        )


def _metadata(principal: Principal, settings: Settings) -> str:
    base = f"{settings.login}/{settings.tenant}"
    if principal.preferred_single_sign_on_mode == SAML:
        return f"{base}/federationmetadata/2007-06/federationmetadata.xml?appid={principal.app_id}"
    return f"{base}/v2.0/.well-known/openid-configuration"
