"""Clients of the realm as applications, with their single sign-on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import unquote

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.families.identity import (
    Application,
    ConfiguresApplications,
    OidcSettings,
    SamlSettings,
    SsoSettings,
)
from officeflow.connectors.keycloak import sso
from officeflow.connectors.keycloak.base import RealmClient
from officeflow.connectors.keycloak.realm import path_of
from officeflow.connectors.keycloak.types import ClientApplication
from officeflow.errors import NotFound, Rejected


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
        body = {"clientId": client_id, "name": name, "enabled": True, **sso.for_new(settings)}
        response = self._realm.send("POST", "clients", call, body=body, key=key, secret=True)
        with after_write():
            place = response.headers.get("Location", "").rstrip("/").rpartition("/")[2]
            return self._as_wished(unquote(place) or self._id_of(client_id, call), settings, None, call)

    def configure_application(self, application_id: str, settings: SsoSettings, *, key: str) -> Application:
        call = self.call("configure_application", writes=True)
        client = self._client_read(application_id, call.reading())
        if client.protocol not in {None, sso.protocol_of(settings)}:
            raise call.error(Rejected, f"the application {client.client_id} speaks {client.protocol}")
        if not sso.different(client, settings):
            return self._application(client)
        body = {"clientId": client.client_id, **sso.wire(settings, client)}
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
        if wrong := sso.different(client, settings):
            raise call.nothing_happened(f"{client.client_id} has still another {', '.join(wrong)}")
        if before and (lost := sso.lost_of(before, client, settings)):
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
        settings = sso.settings_of(client)
        metadata = {
            OidcSettings: "/.well-known/openid-configuration",
            SamlSettings: "/protocol/saml/descriptor",
        }
        return Application(
            id=client.id,
            name=client.name or client.client_id,
            active=client.enabled is not False,
            sso=settings,
            metadata_url=f"{realm}{metadata[type(settings)]}" if settings else None,
        )
