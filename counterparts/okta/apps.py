"""`/api/v1/apps`: applications and how people sign in to them."""

from __future__ import annotations

import re
import secrets
from typing import Any

from counterparts.okta import errors, log
from counterparts.okta.assignments import APP, GROUP, USER, apps_of, apps_of_group, assignment, find_app, show
from counterparts.okta.filters import parse
from counterparts.okta.paging import page
from counterparts.vendors.routes import Request, Response, answer
from counterparts.vendors.store import Document, Store

PLAYED = {"BOOKMARK": "bookmark", "SAML_2_0": "", "OPENID_CONNECT": "oidc_client"}
"""The sign-on modes that the fake knows, and what an application of each is called where that is fixed."""
OF_WHOM = re.compile(r'\s*(user|group)\.id\s+eq\s+"([^"]*)"\s*', re.IGNORECASE)
FILTERED = frozenset({"status", "name", "id", "lastUpdated", "credentials.signing.kid"})
MOST = 200


def _links(request: Request, app: Document) -> dict[str, Any]:
    own = f"{request.base}/api/v1/apps/{app['id']}"
    step = "deactivate" if app["status"] == "ACTIVE" else "activate"
    links: dict[str, Any] = {
        "users": {"href": f"{own}/users"},
        "groups": {"href": f"{own}/groups"},
        step: {"href": f"{own}/lifecycle/{step}"},
        "self": {"href": own},
    }
    if app["signOnMode"] == "SAML_2_0":
        links["metadata"] = {"href": f"{own}/sso/saml/metadata", "type": "application/xml"}
    return links


def _shown(request: Request, app: Document) -> dict[str, Any]:
    return {**app, "_links": _links(request, app)}


def list_apps(request: Request, store: Store) -> Response:
    query = request.query
    apps = store.all(APP)
    whose = OF_WHOM.fullmatch(query.get("filter", ""))
    if whose:
        apps = apps_of(store, whose[2]) if whose[1].lower() == "user" else apps_of_group(store, whose[2])
    elif "filter" in query:
        matches = parse(query["filter"], attributes=FILTERED.__contains__)
        apps = [app for app in apps if matches(app)]
    if "q" in query:
        wanted = query["q"].casefold()
        apps = [
            a
            for a in apps
            if a["name"].casefold().startswith(wanted) or a["label"].casefold().startswith(wanted)
        ]
    return page(request, apps, lambda app: _with_user(request, store, app), usual=20, most=MOST)


def _with_user(request: Request, store: Store, app: Document) -> dict[str, Any]:
    """With `expand=user/ID`, as that user has it."""
    shown = _shown(request, app)
    kind, _, user_id = request.query.get("expand", "").partition("/")
    found = assignment(store, app["id"], user_id) if kind == "user" else None
    if found:
        shown["_embedded"] = {"user": show(request, store, found)}
    return shown


def create(request: Request, store: Store) -> Response:
    body = request.json
    _demand(body)
    active = request.query.get("activate", "true") == "true"
    app = put(store, request.clock.text(), body, active=active)
    log.note(request, store, "application.lifecycle.create", "Create application", ("AppInstance", app))
    return answer(_shown(request, app))


def put(store: Store, now: str, body: dict[str, Any], *, active: bool = True) -> Document:
    """A new one, as the body of a request says it."""
    identity = log.new_id("0oa")
    return store.put(
        APP,
        identity,
        {
            **_kept(body, identity),
            "id": identity,
            "orn": f"orn:okta:idp:00o1officeflowfake00:apps:{identity}",
            "status": "ACTIVE" if active else "INACTIVE",
            "created": now,
            "lastUpdated": now,
            "features": [],
        },
    )


def _demand(body: dict[str, Any]) -> None:
    if body.get("signOnMode") not in PLAYED:
        raise errors.invalid("signOnMode", f"One of {', '.join(PLAYED)} is played here")
    if not body.get("label"):
        raise errors.invalid("label", "The field cannot be left blank")
    sign_on = body.get("settings", {}).get("signOn", {})
    if body["signOnMode"] == "SAML_2_0" and not sign_on.get("ssoAcsUrl"):
        raise errors.invalid("settings.signOn.ssoAcsUrl", "The field cannot be left blank")


def _kept(body: dict[str, Any], identity: str, old: Document | None = None) -> dict[str, Any]:
    """What the body says; what it does not say is as Okta sets it."""
    mode = body["signOnMode"]
    label = re.sub(r"\W+", "", body["label"].lower())
    name = old["name"] if old else PLAYED[mode] or f"officeflow_{label}_{identity[-4:]}"
    credentials = dict(body.get("credentials", {}))
    credentials.setdefault("userNameTemplate", {"template": "${source.login}", "type": "BUILT_IN"})
    if mode == "OPENID_CONNECT":
        credentials["oauthClient"] = _oauth_client(credentials.get("oauthClient", {}), identity, old)
    if mode == "SAML_2_0":
        known = old["credentials"]["signing"] if old else {"kid": secrets.token_urlsafe(32)}
        credentials["signing"] = {**known, **credentials.get("signing", {})}
    return {
        "name": name,
        "label": body["label"],
        "signOnMode": mode,
        "accessibility": {"selfService": False, "errorRedirectUrl": None, **body.get("accessibility", {})},
        "visibility": body.get(
            "visibility", {"autoSubmitToolbar": False, "hide": {"iOS": False, "web": False}}
        ),
        "credentials": credentials,
        "settings": body.get("settings", {}),
        **({"profile": body["profile"]} if "profile" in body else {}),
    }


def _oauth_client(given: dict[str, Any], identity: str, old: Document | None) -> dict[str, Any]:
    known = old["credentials"]["oauthClient"] if old else {"client_id": identity}
    method = given.get("token_endpoint_auth_method", "client_secret_basic")
    if method.startswith("client_secret") and "client_secret" not in known:
        known = {**known, "client_secret": secrets.token_urlsafe(48)}
    return {"autoKeyRotation": True, **known, **given, "token_endpoint_auth_method": method}


def read(request: Request, store: Store, app_id: str) -> Response:
    return answer(_with_user(request, store, find_app(store, app_id)))


def replace(request: Request, store: Store, app_id: str) -> Response:
    """All: settings that are not set are taken away."""
    app, body = find_app(store, app_id), request.json
    _demand(body)
    if body["signOnMode"] != app["signOnMode"]:
        raise errors.invalid("signOnMode", "The sign-on mode of an application cannot be changed here")
    changed = store.change(APP, app_id, lastUpdated=request.clock.text(), **_kept(body, app_id, app))
    log.note(request, store, "application.lifecycle.update", "Update application", ("AppInstance", changed))
    return answer(_shown(request, changed))


def delete(request: Request, store: Store, app_id: str) -> Response:
    app = find_app(store, app_id)
    if app["status"] == "ACTIVE":
        raise errors.refused("E0000056", "", "The application must be deactivated before deletion")
    for kind in (USER, GROUP):
        for identity, document in store.keys(kind):
            if document["appId"] == app_id:
                store.remove(kind, identity)
    store.remove(APP, app_id)
    log.note(request, store, "application.lifecycle.delete", "Delete application", ("AppInstance", app))
    return answer(None, 204)


def activate(request: Request, store: Store, app_id: str) -> Response:
    return _become(request, store, app_id, "ACTIVE", "activate")


def deactivate(request: Request, store: Store, app_id: str) -> Response:
    return _become(request, store, app_id, "INACTIVE", "deactivate")


def _become(request: Request, store: Store, app_id: str, status: str, step: str) -> Response:
    find_app(store, app_id)
    app = store.change(APP, app_id, status=status, lastUpdated=request.clock.text())
    event = f"application.lifecycle.{step}"
    log.note(request, store, event, f"{step.capitalize()} application", ("AppInstance", app))
    return answer({})


def list_of_group(request: Request, store: Store, group_id: str) -> Response:
    from counterparts.okta import membership

    membership.find(store, group_id)
    apps = apps_of_group(store, group_id)
    return page(request, apps, lambda app: _shown(request, app), usual=20, most=200)
