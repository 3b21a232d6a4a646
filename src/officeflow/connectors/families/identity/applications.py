"""Applications that trust the identity provider: their single sign-on."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from officeflow.connectors.families.opened import Opened


@dataclass(frozen=True, slots=True, kw_only=True)
class SamlSettings:
    """SAML 2.0: `entity_id` is the application's, `acs_urls` where it takes assertions, the first one by
    default. `name_id` is the attribute of an account that is its subject, in the provider's own name or
    expression; `attributes` are the assertion's, by name, each with where it comes from.
    """

    entity_id: str
    acs_urls: tuple[str, ...]
    name_id: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    logout_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcSettings:
    """OpenID Connect: where the provider may send people back to, and the token's claims, by name, each with
    where it comes from. `public` is an application that can keep no secret (with PKCE).
    """

    redirect_urls: tuple[str, ...]
    logout_urls: tuple[str, ...] = ()
    claims: Mapping[str, str] = field(default_factory=dict)
    public: bool = False


SsoSettings = SamlSettings | OidcSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """`sso` is None where it signs nobody in by a protocol that we know. `metadata_url` is what the
    application's own side is told: SAML metadata, or the issuer's discovery document. No secret is in it.
    """

    id: str
    name: str
    active: bool = True
    sso: SsoSettings | None = None
    metadata_url: str | None = None


class ConfiguresApplications(Opened, Protocol):
    @abstractmethod
    def applications_named(self, name: str) -> Sequence[Application]:
        """Those that are called exactly so, apart from case."""
        ...

    @abstractmethod
    def get_application(self, application_id: str) -> Application:
        """`NotFound` where there is none."""
        ...

    @abstractmethod
    def create_application(self, name: str, settings: SsoSettings, *, key: str) -> Application:
        """`Conflict` where an application has this entity id or name already and the system allows it
        once.
        """
        ...

    @abstractmethod
    def configure_application(self, application_id: str, settings: SsoSettings, *, key: str) -> Application:
        """Give it these settings; what they do not name stays as it is. `Rejected` where it speaks the other
        protocol.
        """
        ...
