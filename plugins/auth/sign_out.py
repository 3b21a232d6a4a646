"""Signing out where people sign in at an OpenID provider: there too, else the next click signs in again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from airflow.providers.fab.auth_manager.views.auth_oauth import CustomAuthOAuthView

log = structlog.get_logger(__name__)


def view(provider: str) -> type[CustomAuthOAuthView]:
    """Flask-AppBuilder's of signing in and out at the provider of this name.

    Signing out ends the session here, whatever the provider does, and sends the browser to its page for that
    (OpenID Connect RP-Initiated Logout 1.0), which sends it back to our login page; straight to that where it
    has none or does not answer.
    """
    from airflow.providers.fab.auth_manager.views.auth_oauth import CustomAuthOAuthView
    from flask import redirect, session, url_for
    from flask_appbuilder import expose

    class OpenIdView(CustomAuthOAuthView):
        @expose("/logout/")  # type: ignore[untyped-decorator]  # Flask-AppBuilder's has no types
        def logout(self) -> Any:
            id_token, _ = session.get("oauth") or ("", "")
            super().logout()
            session.clear()
            back = url_for(".login", _external=True)
            remote = self.appbuilder.sm.oauth_remotes[provider]
            return _without_token(redirect(page(remote, id_token, back) or back))

    return OpenIdView


def page(remote: Any, id_token: str, back: str) -> str | None:
    """The provider's for signing out, for whoever signed in with this token; `remote` is Authlib's client.
    None where it has none or does not answer.
    """
    from requests import RequestException

    try:
        if not id_token or "end_session_endpoint" not in remote.load_server_metadata():
            return None
        told: str = remote.create_logout_url(back, id_token, client_id=remote.client_id)["url"]
    except RequestException as error:
        log.warning("the OpenID provider does not answer: signed out here alone", error=str(error))
        return None
    return told


def _without_token(response: Any) -> Any:
    """As Airflow's own route for signing out answers."""
    from airflow.api_fastapi.app import get_cookie_path
    from airflow.api_fastapi.auth.managers.base_auth_manager import COOKIE_NAME_JWT_TOKEN

    response.delete_cookie(COOKIE_NAME_JWT_TOKEN, path=get_cookie_path(), httponly=True)
    return response
