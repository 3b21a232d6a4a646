"""`/{tenant}/oauth2/v2.0/token`: access tokens for applications, by secret or certificate."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from counterparts.entra.graph.app_roles import KIND as ASSIGNMENT
from counterparts.entra.graph.user_rules import is_password
from counterparts.entra.login import assertions
from counterparts.entra.login.refusals import LoginError
from counterparts.entra.tenant import GRAPH_APPLICATION, Tenant
from counterparts.vendors.routes import Handler, Request, Response, answer
from counterparts.vendors.store import Store
from counterparts.vendors.tokens import Tokens

LIFETIME = 3599
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
AUDIENCES = frozenset({"https://graph.microsoft.com", GRAPH_APPLICATION})
Document = Mapping[str, Any]


def handler(tenant: Tenant) -> Handler:
    def handle(request: Request, store: Store, **path: Any) -> Response:
        given = request.seen.headers.get("client-request-id") or str(uuid.uuid4())
        try:
            with store.transaction():
                return answer(_token(tenant, request, store, str(path["tenant"])))
        except LoginError as error:
            return answer(error.body(tenant, given), error.status)

    return handle


def _token(tenant: Tenant, request: Request, store: Store, named: str) -> dict[str, Any]:
    form = dict(parse_qsl(request.seen.body.decode(errors="replace")))
    if not tenant.knows(named):
        raise LoginError(90002, "invalid_request", f"Tenant '{named}' not found.")
    if "grant_type" not in form:
        raise LoginError(900144, "invalid_request", "The request body must contain: 'grant_type'.")
    if form["grant_type"] != "client_credentials":
        raise LoginError(70003, "unsupported_grant_type", "The app requested an unsupported grant type.")
    application = _application(store, form)
    _authenticate(tenant, request, store, application, form)
    audience = _audience(form.get("scope", ""), request.base)
    principal = _principal(store, application)
    return {
        "token_type": "Bearer",
        "expires_in": LIFETIME,
        "ext_expires_in": LIFETIME,
        "access_token": _signed(tenant, store, principal, audience),
    }


def _application(store: Store, form: Mapping[str, str]) -> Document:
    identifier = form.get("client_id") or assertions.client(form.get("client_assertion", ""))
    found = next((a for a in store.all("application") if a["appId"] == identifier.lower()), None)
    if found is None:
        raise LoginError(
            700016,
            "unauthorized_client",
            f"Application with identifier '{identifier}' was not found in the directory.",
        )
    return found


def _authenticate(
    tenant: Tenant, request: Request, store: Store, application: Document, form: Mapping[str, str]
) -> None:
    if "client_assertion" in form:
        if form.get("client_assertion_type") != JWT_BEARER:
            raise LoginError(
                900144, "invalid_request", "The request body must contain: 'client_assertion_type'."
            )
        named = {tenant.id, *tenant.domains}
        bases = [request.base, "https://login.microsoftonline.com"]
        audiences = [
            f"{base}/{name}/{rest}"
            for base in bases
            for name in named
            for rest in ("oauth2/v2.0/token", "v2.0")
        ]
        assertions.check(
            form["client_assertion"], application, audiences, tenant, Tokens(store, tenant.clock)
        )
        return
    if "client_secret" not in form:
        raise LoginError(
            7000216,
            "invalid_client",
            "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant"
            " type.",
        )
    _check_secret(tenant, application, form["client_secret"])


def _check_secret(tenant: Tenant, application: Document, secret: str) -> None:
    fitting = [each for each in application["passwordCredentials"] if is_password(secret, each["_digest"])]
    if not fitting:
        raise LoginError(
            7000215,
            "invalid_client",
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret"
            f" value, not the client secret ID, for a secret added to app '{application['appId']}'.",
        )
    if all(tenant.passed(each["endDateTime"]) for each in fitting):
        raise LoginError(
            7000222,
            "invalid_client",
            f"The provided client secret keys for app '{application['appId']}' are expired.",
        )


def _audience(scope: str, base: str) -> str:
    """The fake's own address stands for Microsoft Graph's."""
    resource, _, rest = scope.rpartition("/")
    if rest != ".default":
        raise LoginError(
            1002012,
            "invalid_scope",
            "The provided value for scope is not valid. Client credential flows must have a scope value with"
            " /.default suffixed to the resource identifier (application ID URI).",
        )
    if resource.rstrip("/") not in AUDIENCES | {base}:
        raise LoginError(500011, "invalid_resource", "The resource principal was not found in the tenant.")
    return "https://graph.microsoft.com"


def _principal(store: Store, application: Document) -> Document:
    found = next((p for p in store.all("servicePrincipal") if p["appId"] == application["appId"]), None)
    if found is None:
        raise LoginError(
            7000229,
            "unauthorized_client",
            "The client application is missing service principal in the tenant.",
        )
    if not found["accountEnabled"]:
        raise LoginError(7000112, "unauthorized_client", f"Application '{application['appId']}' is disabled.")
    return found


def _signed(tenant: Tenant, store: Store, principal: Document, audience: str) -> str:
    now = int(tenant.clock.seconds())
    return tenant.key.sign(
        {
            "aud": audience,
            "iss": f"https://sts.windows.net/{tenant.id}/",
            "iat": now,
            "nbf": now,
            "exp": now + LIFETIME + 1,
            "app_displayname": principal["displayName"],
            "appid": principal["appId"],
            "idtyp": "app",
            "oid": principal["id"],
            "sub": principal["id"],
            "roles": permissions(store, principal),
            "tid": tenant.id,
            "uti": uuid.uuid4().hex,
            "ver": "1.0",
        }
    )


def permissions(store: Store, principal: Document) -> list[str]:
    """The permissions of Microsoft Graph that an administrator has granted to the application."""
    graph = next(p for p in store.all("servicePrincipal") if p["appId"] == GRAPH_APPLICATION)
    names = {role["id"]: role["value"] for role in graph["appRoles"]}
    held = [
        each["appRoleId"]
        for each in store.all(ASSIGNMENT)
        if each["principalId"] == principal["id"] and each["resourceId"] == graph["id"]
    ]
    return sorted(names[each] for each in held if each in names)
