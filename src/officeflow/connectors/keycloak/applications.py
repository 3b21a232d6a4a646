"""Clients of the realm as applications, with their single sign-on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import unquote

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.families.identity import (
    Application,
    ConfiguresApplications,
    OidcSettings,
    SamlSettings,
    SsoSettings,
)
from officeflow.connectors.keycloak import mappers
from officeflow.connectors.keycloak.base import RealmClient
from officeflow.connectors.keycloak.mappers import OIDC, SAML
from officeflow.connectors.keycloak.realm import path_of
from officeflow.connectors.keycloak.types import ClientApplication, Mapper
from officeflow.errors import Conflict, NotFound, Rejected

LOGOUT_URLS = "post.logout.redirect.uris"
BETWEEN = "##"
"""Stands between several addresses in one attribute."""
ACS = "saml_assertion_consumer_url_post"
SLO = ("saml_single_logout_service_url_post", "saml_single_logout_service_url_redirect")
NAME_ID_FORMAT = "saml_name_id_format"
NAME_ID_FORMATS = frozenset({"username", "email"})
"""Subjects that have a format of their own; every other is an attribute, by a mapper."""


class KeepsApplications(RealmClient, ConfiguresApplications):
    """Nothing that is read here has a client's secret or key."""

    def applications_named(self, name: str) -> Sequence[Application]:
        call = self.call("applications_named")
        return [self._application(client) for client in self._clients_called(name, call)]

    def get_application(self, application_id: str) -> Application:
        call = self.call("get_application")
        return self._application(self._client_read(application_id, call))

    def create_application(self, name: str, settings: SsoSettings, *, key: str) -> Application:
        call = self.call("create_application", writes=True)
        client_id = name if isinstance(settings, OidcSettings) else settings.entity_id
        reading = call.reading()
        if any(True for _ in self._clients_called(name, reading)):
            raise call.error(Conflict, f"there is an application {name!r}")
        body = {"clientId": client_id, "name": name, "enabled": True, **_new(settings)}
        response = self._realm.send("POST", "clients", call, body=body, key=key, secret=True)
        with after_write():
            place = response.headers.get("Location", "").rstrip("/").rpartition("/")[2]
            return self._as_wished(unquote(place) or self._id_of(client_id, call), settings, None, call)

    def configure_application(self, application_id: str, settings: SsoSettings, *, key: str) -> Application:
        call = self.call("configure_application", writes=True)
        client = self._client_read(application_id, call.reading())
        if client.protocol not in {None, _protocol(settings)}:
            raise call.error(
                Rejected, f"the application {client.client_id} speaks {client.protocol}", status=None
            )
        if not _different(client, settings):
            return self._application(client)
        body = {"clientId": client.client_id, **_wire(settings, client)}
        path = path_of("clients", application_id)
        self._realm.send("PUT", path, call, body=body, key=key, secret=True)
        with after_write():
            return self._as_wished(application_id, settings, client, call)

    def _as_wished(
        self, application_id: str, settings: SsoSettings, before: ClientApplication | None, call: Call
    ) -> Application:
        try:
            client = self._client_read(application_id, call.reading())
        except NotFound as error:
            raise call.nothing_happened("the application is not there when read back") from error
        if wrong := _different(client, settings):
            raise call.nothing_happened(f"{client.client_id} has still another {', '.join(wrong)}")
        if before and (lost := _lost(before, client, settings)):
            raise call.nothing_happened(f"something else of {client.client_id} is different now: {lost}")
        return self._application(client)

    def _client_read(self, application_id: str, call: Call) -> ClientApplication:
        client = self._realm.read(path_of("clients", application_id), ClientApplication, call)
        if client.id != application_id:
            raise call.contradiction(f"asked for {application_id}, it gives {client.id}")
        return client

    def _clients_called(self, name: str, call: Call) -> Iterator[ClientApplication]:
        """Names are not searchable: all clients are read."""
        wanted = name.casefold()
        seen: set[str] = set()
        for page in self._realm.pages("clients", ClientApplication, call):
            for client in page:
                if client.id not in seen and wanted in {
                    (client.name or "").casefold(),
                    client.client_id.casefold(),
                }:
                    seen.add(client.id)
                    yield client

    def _id_of(self, client_id: str, call: Call) -> str:
        params = {"clientId": client_id}
        found = self._realm.read_list("clients", ClientApplication, call.reading(), params=params)
        for client in found:
            if client.client_id == client_id:
                return client.id
        raise call.nothing_happened(f"there is no application {client_id}")

    def _application(self, client: ClientApplication) -> Application:
        realm = f"{self.address}/realms/{path_of(self._realm.name)}"
        sso = _settings(client)
        metadata = {
            OidcSettings: "/.well-known/openid-configuration",
            SamlSettings: "/protocol/saml/descriptor",
        }
        return Application(
            id=client.id,
            name=client.name or client.client_id,
            active=client.enabled is not False,
            sso=sso,
            metadata_url=f"{realm}{metadata[type(sso)]}" if sso else None,
        )


def _protocol(settings: SsoSettings) -> str:
    return OIDC if isinstance(settings, OidcSettings) else SAML


def _settings(client: ClientApplication) -> SsoSettings | None:
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


def _new(settings: SsoSettings) -> dict[str, Any]:
    """A new client's further settings: people sign in by the browser, and not with a password given to the
    application.
    """
    flows = {
        "protocol": _protocol(settings),
        "standardFlowEnabled": True,
        "implicitFlowEnabled": False,
        "directAccessGrantsEnabled": False,
    }
    return flows | _wire(settings, None)


def _wire(settings: SsoSettings, client: ClientApplication | None) -> dict[str, Any]:
    """What the settings say, as Keycloak takes it. A client's attributes that are not sent stay; of its
    mappers all are sent, those that are there as they are.
    """
    if isinstance(settings, OidcSettings):
        attributes = {LOGOUT_URLS: BETWEEN.join(settings.logout_urls)} if settings.logout_urls else {}
        attributes |= {"pkce.code.challenge.method": "S256"} if settings.public else {}
        body: dict[str, Any] = {
            "redirectUris": list(settings.redirect_urls),
            "publicClient": settings.public,
            "attributes": attributes,
        }
        wanted = [mappers.mapper(OIDC, name, source) for name, source in settings.claims.items()]
    else:
        attributes = {ACS: settings.acs_urls[0]} if settings.acs_urls else {}
        attributes |= dict.fromkeys(SLO, settings.logout_url) if settings.logout_url else {}
        wanted = [mappers.mapper(SAML, name, source) for name, source in settings.attributes.items()]
        if settings.name_id in NAME_ID_FORMATS:
            attributes |= {NAME_ID_FORMAT: settings.name_id, "saml_force_name_id_format": "true"}
        elif settings.name_id:
            wanted.append(mappers.name_id(settings.name_id))
        body = {
            "clientId": settings.entity_id,
            "redirectUris": list(settings.acs_urls),
            "attributes": attributes,
        }
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
            "protocol": _protocol(settings),
            "protocolMapper": each.protocol_mapper,
            "config": dict(each.config),
        }
        new = told.pop(_made(each), None)
        body.append(
            kept if new is None else kept | {"protocolMapper": new["protocolMapper"], "config": new["config"]}
        )
    return body + list(told.values())


def _made(each: Mapper) -> str:
    return "\0" if each.protocol_mapper == mappers.NAME_ID else mappers.named(each)


def _different(client: ClientApplication, settings: SsoSettings) -> list[str]:
    """The names of what the client has otherwise than the settings say."""
    there = _settings(client)
    if isinstance(there, OidcSettings) and isinstance(settings, OidcSettings):
        checks = [
            ("redirect URLs", set(there.redirect_urls) == set(settings.redirect_urls)),
            ("logout URLs", not settings.logout_urls or set(there.logout_urls) == set(settings.logout_urls)),
            ("claims", dict(settings.claims).items() <= dict(there.claims).items()),
            ("kind", there.public is settings.public),
        ]
    elif isinstance(there, SamlSettings) and isinstance(settings, SamlSettings):
        checks = [
            ("entity id", there.entity_id == settings.entity_id),
            (
                "ACS URLs",
                there.acs_urls[:1] == settings.acs_urls[:1] and set(there.acs_urls) == set(settings.acs_urls),
            ),
            ("name id", settings.name_id in {None, there.name_id}),
            ("attributes", dict(settings.attributes).items() <= dict(there.attributes).items()),
            ("logout URL", settings.logout_url in {None, there.logout_url}),
        ]
    else:
        checks = [("protocol", False)]
    return [name for name, right in checks if not right]


def _lost(before: ClientApplication, after: ClientApplication, settings: SsoSettings) -> str:
    """The names of attributes and mappers that nobody wanted to change and that are different."""
    wire = _wire(settings, before)
    written = {*wire.get("attributes", {})}
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
