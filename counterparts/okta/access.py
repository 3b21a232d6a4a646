"""Who may call what: SSWS tokens with an administrator's role, and access tokens of service apps, which have
both scopes and roles.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from counterparts.okta import errors
from counterparts.vendors.routes import Refused, Request
from counterparts.vendors.store import Store
from counterparts.vendors.tokens import Principal, Tokens

API_TOKENS = "_api_tokens"
CLIENTS = "_clients"
ALL = frozenset({"*"})
READS = frozenset(
    {"okta.users.read", "okta.groups.read", "okta.apps.read", "okta.logs.read", "okta.schemas.read"}
)
PEOPLE = frozenset({"okta.users.manage", "okta.users.read", "okta.groups.read", "okta.schemas.read"})
PERMITS: dict[str, frozenset[str]] = {
    "SUPER_ADMIN": ALL,
    "ORG_ADMIN": READS | PEOPLE | {"okta.groups.manage"},
    "APP_ADMIN": frozenset({"okta.apps.manage", "okta.apps.read", "okta.users.read", "okta.groups.read"}),
    "USER_ADMIN": PEOPLE | {"okta.groups.manage"},
    "HELP_DESK_ADMIN": frozenset({"okta.users.read", "okta.groups.read"}),
    "GROUP_MEMBERSHIP_ADMIN": frozenset({"okta.users.read", "okta.groups.read", "okta.groups.manage"}),
    "READ_ONLY_ADMIN": READS | {"okta.roles.read"},
}
"""The scopes of the routes that a role may call, as far as the fake tells them apart."""


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def add_api_token(store: Store, token: str, role: str, user: str) -> None:
    store.put(API_TOKENS, hashed(token), {"role": role, "user": user})


def authorize(request: Request, store: Store, tokens: Tokens) -> None:
    """Sets the principal; raises `Refused` with Okta's 401 or 403."""
    scheme, _, token = request.seen.headers.get("authorization", "").partition(" ")
    needs = request.route.needs
    if scheme == "SSWS" and (known := store.get(API_TOKENS, hashed(token))):
        request.principal = Principal(known["user"], ALL)
        roles = [known["role"]]
    elif scheme == "Bearer" and (principal := tokens.principal(token)):
        request.principal = principal
        if not principal.scopes & needs:
            raise _insufficient_scope()
        client = store.get(CLIENTS, principal.subject)
        roles = list(client["roles"]) if client else []
    else:
        raise _invalid_token(scheme)
    if not _permitted(roles, needs):
        raise errors.refused("E0000006")


def _permitted(roles: Iterable[str], needs: frozenset[str]) -> bool:
    permitted = frozenset[str]().union(*(PERMITS.get(role, frozenset()) for role in roles))
    return permitted == ALL or "*" in permitted or bool(permitted & needs)


def _invalid_token(scheme: str) -> Refused:
    response = errors.response("E0000011")
    if scheme == "Bearer":
        response.headers["WWW-Authenticate"] = (
            'Bearer authorization_uri="/oauth2/v1/authorize", realm="okta", error="invalid_token",'
            ' error_description="The access token is invalid."'
        )
    return Refused(response)


def _insufficient_scope() -> Refused:
    response = errors.response("E0000006")
    response.headers["WWW-Authenticate"] = (
        'Bearer realm="okta", error="insufficient_scope",'
        ' error_description="The access token provided does not contain the required scopes."'
    )
    return Refused(response)
