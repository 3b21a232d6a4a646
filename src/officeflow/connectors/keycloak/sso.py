"""The settings of an application's single sign-on, as Keycloak has them."""

from __future__ import annotations

from typing import Any

from officeflow.connectors.families.identity import OidcSettings, SamlSettings, SsoSettings
from officeflow.connectors.keycloak import mappers
from officeflow.connectors.keycloak.mappers import OIDC, SAML
from officeflow.connectors.keycloak.types import ClientApplication, Mapper

LOGOUT_URLS = "post.logout.redirect.uris"
BETWEEN = "##"
"""Stands between several addresses in one attribute."""
ACS = "saml_assertion_consumer_url_post"
SLO = ("saml_single_logout_service_url_post", "saml_single_logout_service_url_redirect")
NAME_ID_FORMAT = "saml_name_id_format"
NAME_ID_FORMATS = frozenset({"username", "email"})
"""Subjects that have a format of their own. Every other is by a mapper, which goes before a format."""


def protocol_of(settings: SsoSettings) -> str:
    return OIDC if isinstance(settings, OidcSettings) else SAML


def settings_of(client: ClientApplication) -> SsoSettings | None:
    told = client.attributes
    if client.protocol == OIDC:
        return OidcSettings(
            redirect_urls=tuple(client.redirect_uris),
            logout_urls=tuple(filter(None, str(told.get(LOGOUT_URLS) or "").split(BETWEEN))),
            claims=mappers.sources(OIDC, client.protocol_mappers),
            public=client.public_client is True,
        )
    if client.protocol == SAML:
        first = [str(told[ACS])] if told.get(ACS) else []
        return SamlSettings(
            entity_id=client.client_id,
            acs_urls=tuple(dict.fromkeys([*first, *client.redirect_uris])),
            name_id=_name_id(client),
            attributes=mappers.sources(SAML, client.protocol_mappers),
            logout_url=next((str(told[name]) for name in SLO if told.get(name)), None),
        )
    return None


def _name_id(client: ClientApplication) -> str | None:
    for each in client.protocol_mappers:
        if each.protocol_mapper == mappers.NAME_ID:
            return str(each.config.get("user.attribute"))
    told = client.attributes.get(NAME_ID_FORMAT)
    return str(told) if told else None


def for_new(settings: SsoSettings) -> dict[str, Any]:
    """A new client's further settings: people sign in by the browser, and not with a password given to the
    application. Its requests are not signed, for nobody has told its certificate.
    """
    body = wire(settings, None)
    unsigned = {} if isinstance(settings, OidcSettings) else {"saml.client.signature": "false"}
    return body | {
        "protocol": protocol_of(settings),
        "standardFlowEnabled": True,
        "implicitFlowEnabled": False,
        "directAccessGrantsEnabled": False,
        "attributes": body["attributes"] | unsigned,
    }


def wire(settings: SsoSettings, client: ClientApplication | None) -> dict[str, Any]:
    """What the settings say, as Keycloak takes it. A client's attributes that are not sent stay; of its
    mappers all are sent, those that are there as they are.
    """
    if isinstance(settings, OidcSettings):
        attributes = {LOGOUT_URLS: BETWEEN.join(settings.logout_urls)} if settings.logout_urls else {}
        attributes |= {"pkce.code.challenge.method": "S256"} if settings.public else {}
        urls = settings.redirect_urls
        body: dict[str, Any] = {"attributes": attributes}
        if settings.public or client is None:
            body["publicClient"] = settings.public  # a public one that is there has no secret to begin with
        wanted = [mappers.mapper(OIDC, name, source) for name, source in settings.claims.items()]
    else:
        attributes = {ACS: settings.acs_urls[0]} if settings.acs_urls else {}
        attributes |= dict.fromkeys(SLO, settings.logout_url) if settings.logout_url else {}
        wanted = [mappers.mapper(SAML, name, source) for name, source in settings.attributes.items()]
        by_mapper = any(
            each.protocol_mapper == mappers.NAME_ID for each in (client.protocol_mappers if client else ())
        )
        if settings.name_id and (by_mapper or settings.name_id not in NAME_ID_FORMATS):
            wanted.append(mappers.name_id(settings.name_id))
        elif settings.name_id:
            attributes |= {NAME_ID_FORMAT: settings.name_id, "saml_force_name_id_format": "true"}
        urls = settings.acs_urls
        body = {"clientId": settings.entity_id, "attributes": attributes}
    body |= {"redirectUris": list(urls)} if urls else {}
    return body | ({"protocolMappers": _with(client, wanted, settings)} if wanted else {})


def _with(
    client: ClientApplication | None, wanted: list[dict[str, Any]], settings: SsoSettings
) -> list[dict[str, Any]]:
    """The client's mappers, each that makes what is wanted in another way replaced under its own name."""
    there = client.protocol_mappers if client else []
    told = {_made(Mapper.model_validate(new)): new for new in wanted}
    body = []
    for each in there:
        kept = {
            "id": each.id,
            "name": each.name,
            "protocol": protocol_of(settings),
            "protocolMapper": each.protocol_mapper,
            "config": dict(each.config),
        }
        new = told.pop(_made(each), None)
        body.append(
            kept if new is None else kept | {"protocolMapper": new["protocolMapper"], "config": new["config"]}
        )
    taken = {each.name for each in there}
    return body + [new | {"name": _free(new["name"], taken)} for new in told.values()]


def _free(name: str, taken: set[str]) -> str:
    """A mapper's name that no other one has."""
    return next(
        each for each in (name, *(f"{name} {n}" for n in range(2, len(taken) + 3))) if each not in taken
    )


def _made(each: Mapper) -> str:
    return "\0" if each.protocol_mapper == mappers.NAME_ID else mappers.named(each)


def different(client: ClientApplication, settings: SsoSettings) -> list[str]:
    """The names of what the client has otherwise than the settings say."""
    there = settings_of(client)
    if isinstance(there, OidcSettings) and isinstance(settings, OidcSettings):
        checks = [
            (
                "redirect URLs",
                not settings.redirect_urls or set(there.redirect_urls) == set(settings.redirect_urls),
            ),
            ("logout URLs", not settings.logout_urls or set(there.logout_urls) == set(settings.logout_urls)),
            ("claims", dict(settings.claims).items() <= dict(there.claims).items()),
            ("kind", there.public or not settings.public),
        ]
    elif isinstance(there, SamlSettings) and isinstance(settings, SamlSettings):
        checks = [
            ("entity id", there.entity_id == settings.entity_id),
            (
                "ACS URLs",
                not settings.acs_urls
                or (there.acs_urls[:1], {*there.acs_urls}) == (settings.acs_urls[:1], {*settings.acs_urls}),
            ),
            ("name id", settings.name_id in {None, there.name_id}),
            ("attributes", dict(settings.attributes).items() <= dict(there.attributes).items()),
            ("logout URL", settings.logout_url in {None, there.logout_url}),
        ]
    else:
        checks = [("protocol", False)]
    return [name for name, right in checks if not right]


def lost_of(before: ClientApplication, after: ClientApplication, settings: SsoSettings) -> str:
    """The names of attributes and mappers that nobody wanted to change and that are different."""
    written = {*wire(settings, before)["attributes"]}
    names = [
        name
        for name in before.attributes
        if name not in written and before.attributes[name] != after.attributes.get(name)
    ]
    wanted = {*getattr(settings, "claims", {}), *getattr(settings, "attributes", {}), "\0"}
    there = {each.name: each.config for each in after.protocol_mappers}
    names += [
        each.name
        for each in before.protocol_mappers
        if _made(each) not in wanted and there.get(each.name) != each.config
    ]
    return ", ".join(sorted(names))
