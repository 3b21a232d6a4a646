"""Signing in at an OpenID provider.

Flask-AppBuilder and Authlib speak the protocol. What is ours: which claims are read, that nobody gets an
account that has a password, and that users of organizations follow the groups (`officeflow.tenants.claims`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog

from auth import sign_out
from auth.fab_roles import MEMBER_ROLE, PLATFORM_ROLE
from officeflow.database.engine import Database
from officeflow.errors import OfficeFlowError
from officeflow.settings import Settings, load_settings
from officeflow.tenants import claims

PROVIDER = "openid"
SCOPE = "openid profile email"
PROVIDER_SECONDS = 10
"""How long an answer of the provider's is waited for: threads that wait serve nobody else."""

NO_PASSWORD = ""
"""What the account of somebody who signs in elsewhere has as one: Airflow takes no empty password."""

log = structlog.get_logger(__name__)


def sign_in_settings() -> dict[str, Any]:
    """Flask-AppBuilder's. `InvalidInput` where the groups cannot be read: the api-server does not start."""
    from flask_appbuilder.const import AUTH_DB, AUTH_OAUTH

    settings = load_settings()
    if not settings.oidc_issuer:
        return {"AUTH_TYPE": AUTH_DB}
    claims.groups_of(settings.oidc_groups)
    _limit_sessions(settings)
    return {
        "AUTH_TYPE": AUTH_OAUTH,
        "AUTH_USER_REGISTRATION": True,
        "AUTH_USER_REGISTRATION_ROLE": MEMBER_ROLE,
        "AUTH_ROLES_SYNC_AT_LOGIN": True,
        "AUTH_ROLES_MAPPING": {claims.PLATFORM: [PLATFORM_ROLE]},
        "SECURITY_MANAGER_CLASS": _security_manager(),
        "OAUTH_PROVIDERS": [_provider(settings)],
    }


def _limit_sessions(settings: Settings) -> None:
    """Whoever signed in has to come by the provider again, where Airflow's own setting says nothing else."""
    from airflow.providers.common.compat.sdk import conf  # where Flask-AppBuilder's manager reads it

    place = ("fab", "session_max_lifetime_minutes")
    if not conf.getint(*place, fallback=0):
        conf.set(*place, str(settings.oidc_session_minutes))


def _provider(settings: Settings) -> dict[str, Any]:
    return {
        "name": PROVIDER,
        "icon": "fa-key",
        "token_key": "id_token",  # what a session keeps: signing out shows it
        "remote_app": {
            "client_id": settings.oidc_client_id,
            "client_secret": settings.oidc_client_secret.get_secret_value(),
            "server_metadata_url": f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration",
            "client_kwargs": {
                "scope": SCOPE,
                "code_challenge_method": "S256",
                "default_timeout": PROVIDER_SECONDS,
            },
        },
    }


def _security_manager() -> type:
    from airflow.providers.fab.auth_manager.fab_auth_manager import FabAuthManager
    from airflow.providers.fab.auth_manager.security_manager.override import (
        FabAirflowSecurityManagerOverride,
    )
    from werkzeug.security import check_password_hash

    class OpenIdSecurityManager(FabAirflowSecurityManagerOverride):
        authoauthview = sign_out.view(PROVIDER)

        def get_oauth_user_info(self, provider: str, resp: dict[str, Any]) -> dict[str, Any]:
            """From the claims of the ID token, whose signature, audience, issuer, nonce and time Authlib has
            checked.
            """
            return user_info(resp["userinfo"], load_settings()) if provider == PROVIDER else {}

        def auth_user_oauth(self, userinfo: dict[str, Any], rotate_session_id: bool = True) -> Any:
            person = userinfo.pop("person", None)
            if person is None:
                return None
            known = self.find_user(username=person.login)
            if known is not None and not check_password_hash(known.password or "", NO_PASSWORD):
                log.warning("an account with a password is not the OpenID provider's", login=person.login)
                return None
            if not _applied(person):
                return None
            user = super().auth_user_oauth(userinfo, rotate_session_id=rotate_session_id)
            if user is not None:
                FabAuthManager.cache.pop(user.id, None)  # who is an admin no more is none at once
            return user

    return OpenIdSecurityManager


def user_info(told: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """Flask-AppBuilder's columns, its `role_keys`, and the `person`; empty where a claim is missing, or the
    address is not verified.
    """
    login, email = told.get(settings.oidc_login_claim), told.get("email")
    held = told.get(settings.oidc_groups_claim) or []
    if not login or not email or told.get("email_verified") is False or not isinstance(held, list):
        log.warning("an OpenID provider tells too little of somebody", claims=sorted(told))
        return {}
    groups = frozenset(map(str, held))
    first = str(told.get("given_name") or told.get("name") or login)
    last = str(told.get("family_name") or first)
    is_platform = not claims.groups_of(settings.oidc_groups).platform.isdisjoint(groups)
    name = str(told.get("name") or f"{first} {last}")
    return {
        "username": str(login),
        "email": str(email),
        "first_name": first,
        "last_name": last,
        "role_keys": [claims.PLATFORM] if is_platform else [],
        "person": claims.SignedIn(login=str(login), email=str(email), name=name, groups=groups),
    }


def _applied(person: claims.SignedIn) -> bool:
    settings = load_settings()
    groups = claims.groups_of(settings.oidc_groups)
    if not groups.known(person.groups):
        log.warning(
            "no group of somebody's is in OFFICEFLOW_OIDC_GROUPS: they may do nothing",
            login=person.login,
            groups=sorted(person.groups),
        )
    try:
        with Database.from_settings(settings, pool_size=1) as database:
            claims.apply(database, person, groups)
    except OfficeFlowError as error:
        log.warning("somebody could not sign in by OpenID", login=person.login, error=str(error))
        return False
    return True
