"""The settings of inbound single sign-on, as parameters, and compared with those that there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from officeflow.connectors.families.identity import SamlIdentityProvider, Trust
from officeflow.nodes.identity._sso import Name, WebAddress
from officeflow.sdk import FieldChange, NodeParams

CERTIFICATES = "certificates"
TARGETS = ("units", "groups")
SETTINGS = ("entity_id", "sign_in_url", "sign_out_url", "password_url")

State = Mapping[str, Any]
"""A profile by the names of the parameters; of its certificates how many there are."""


def _certificate(value: str) -> str:
    from cryptography import x509

    try:
        x509.load_pem_x509_certificate(value.encode())
    except ValueError as error:
        raise ValueError(f"no X.509 certificate in PEM: {error}") from error
    return value


OrNone = Annotated[WebAddress | Literal[""] | None, Field()]


class SamlProvider(NodeParams):
    """An identity provider that speaks SAML 2.0. What is left out stays as it is."""

    entity_id: Name = Field(description="Its entity id.", examples=["https://id.acme.example/saml"])
    sign_in_url: WebAddress = Field(
        description="Where it signs people in.", examples=["https://id.acme.example/saml/sso"]
    )
    sign_out_url: OrNone = Field(None, description="Where it signs them out; an empty text removes it.")
    password_url: OrNone = Field(
        None, description="Where they change their password; an empty text removes it."
    )
    certificates: list[Annotated[str, AfterValidator(_certificate)]] = Field(
        default_factory=list,
        description="What it signs with, in PEM. They are given to a profile that has none.",
        max_length=2,
    )
    replace_certificates: bool = Field(
        False,
        description=(
            "Give them to a profile that has some too, in the place of those. The system does not tell which"
            " it has: every run replaces them."
        ),
    )

    def wish(self, *, with_certificates: bool) -> SamlIdentityProvider:
        return SamlIdentityProvider(
            **{name: getattr(self, name) for name in SETTINGS},
            certificates=tuple(self.certificates) if with_certificates else (),
        )


def state_of(trust: Trust | None) -> dict[str, Any]:
    """JSON."""
    if trust is None:
        return {}
    settings = {name: getattr(trust.provider, name) or None for name in SETTINGS}
    return {
        **settings,
        CERTIFICATES: trust.certificates,
        "units": sorted(trust.units),
        "groups": sorted(trust.groups),
    }


def different(before: State, after: State) -> list[FieldChange]:
    """Field by field; the case of units and groups does not count."""
    return [
        FieldChange(field=name, before=before.get(name), after=after.get(name))
        for name in (*SETTINGS, CERTIFICATES, *TARGETS)
        if _compared(before.get(name)) != _compared(after.get(name))
    ]


def _compared(value: Any) -> Any:
    if isinstance(value, list):
        return {each.casefold() for each in value} or None
    return value or None
