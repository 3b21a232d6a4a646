"""Applications' single sign-on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.families.identity import Application, ConfiguresApplications, SsoSettings
from officeflow.connectors.okta.api import model_of, path_of
from officeflow.connectors.okta.applications import Applications
from officeflow.connectors.okta.settings import (
    OIDC,
    changed_app,
    is_as_wished,
    mode_of,
    new_app,
    refuse_unfit,
    settings_of,
)
from officeflow.connectors.okta.types import App, Keyed
from officeflow.errors import NotFound, Rejected

DISCOVERY = ".well-known/openid-configuration"


class Sso(Applications, ConfiguresApplications):
    def applications_named(self, name: str) -> Sequence[Application]:
        call = self.call("applications_named")
        return [self._application(app) for app in self._apps_called(name, call)]

    def get_application(self, application_id: str) -> Application:
        return self._application(self._app_by_id(application_id, self.call("get_application")))

    def create_application(self, name: str, settings: SsoSettings, *, key: str) -> Application:
        call = self.call("create_application", writes=True)
        refuse_unfit(settings, call)
        response = self._api.send("POST", "apps", call, body=new_app(name, settings), key=key)
        with after_write():
            return self._read_back(model_of(response, Keyed, call).id, settings, call)

    def configure_application(self, application_id: str, settings: SsoSettings, *, key: str) -> Application:
        call = self.call("configure_application", writes=True)
        refuse_unfit(settings, call)
        app = self._app_by_id(application_id, call.reading())
        if app.sign_on != mode_of(settings):
            raise call.error(
                Rejected, f"the application {app.label!r} signs in by {app.sign_on or 'nothing'}"
            )
        if is_as_wished(settings_of(app), settings):
            return self._application(app)
        path = path_of("apps", application_id)
        there: dict[str, Any] = self._api.send("GET", path, call.reading()).json()
        self._api.send("PUT", path, call, body=changed_app(there, settings), key=key)
        with after_write():
            return self._read_back(application_id, settings, call)

    def _read_back(self, application_id: str, settings: SsoSettings, call: Call) -> Application:
        try:
            app = self._app_by_id(application_id, call)
        except NotFound as error:
            raise call.nothing_happened(
                f"application {application_id} is not there when read back"
            ) from error
        if not is_as_wished(settings_of(app), settings):
            raise call.nothing_happened(f"the application {app.label} reads back with other settings")
        return self._application(app)

    def _application(self, app: App) -> Application:
        metadata = app.links.metadata.href if app.links and app.links.metadata else None
        return Application(
            id=app.id,
            name=app.label,
            active=app.status == "ACTIVE",
            sso=settings_of(app),
            metadata_url=f"{self.address}/{DISCOVERY}" if app.sign_on == OIDC else metadata,
        )
