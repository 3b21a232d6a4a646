"""What tests do to the tenant, and ask of it, beside Microsoft's own interface (`POST /__control/NAME`).

sign_in        {"user", "password"}: what a person's attempt to sign in ends with: `error` is null, or
               the number of the identity platform's refusal
synchronize    {"id", "enabled"}: the user or group comes from on-premises, or no longer does
expire_delta   every delta token that was given out until now is forgotten
register       {"user", "kind", …}: the user has registered a further authentication method
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from counterparts.entra.errors import GraphError
from counterparts.entra.graph import changes, directory, methods
from counterparts.entra.graph.user_rules import digest, is_password
from counterparts.entra.graph.users import DIGEST, fresh
from counterparts.entra.tenant import Tenant
from counterparts.vendors.store import Store

Control = Callable[[Any, Store], Any]


def controls(tenant: Tenant) -> dict[str, Control]:
    return {
        "sign_in": lambda body, store: {"error": _sign_in(tenant, store, body)},
        "synchronize": lambda body, store: _synchronize(tenant, store, body),
        "expire_delta": lambda _, store: changes.forget(store),
        "people": lambda body, store: _people(tenant, store, body),
        "register": lambda body, store: _register(tenant, store, body),
    }


def _sign_in(tenant: Tenant, store: Store, body: Mapping[str, Any]) -> int | None:
    """https://learn.microsoft.com/entra/identity-platform/reference-error-codes."""
    try:
        user = directory.user(store, body["user"])
    except GraphError:
        return 50034
    if not user["accountEnabled"]:
        return 50057
    if _has_pass(tenant, store, user, body["password"]):
        return None
    if not is_password(body["password"], user[DIGEST]):
        return 50126
    return 50055 if (user["passwordProfile"] or {}).get("forceChangePasswordNextSignIn") else None


def _has_pass(tenant: Tenant, store: Store, user: Mapping[str, Any], secret: str) -> bool:
    for each in store.all(methods.KIND):
        fits = each["_user"] == user["id"] and each["_method"] == methods.PASS
        if fits and is_password(secret, each["_digest"]):
            usable = methods.usable(tenant, each) == "EnabledByPolicy"
            if usable and each["isUsableOnce"]:
                store.change(methods.KIND, each["id"], _used=True)
            return usable
    return False


def _synchronize(tenant: Tenant, store: Store, body: Mapping[str, Any]) -> Any:
    document = _known(store, body["id"])
    enabled = bool(body.get("enabled", True))
    fields: dict[str, Any] = {"onPremisesSyncEnabled": enabled or None}
    if enabled:
        fields["onPremisesLastSyncDateTime"] = tenant.now()
    directory.change(store, document, **fields)


def _register(tenant: Tenant, store: Store, body: Mapping[str, Any]) -> Any:
    user = _known(store, body["user"])
    fields = {name: value for name, value in body.items() if name not in {"user", "kind"}}
    return methods.put(tenant, store, user, body["kind"], **fields)


def _people(tenant: Tenant, store: Store, body: Mapping[str, Any]) -> Any:
    group = _known(store, body["group"])
    kept = digest("nobody knows it")
    for number in range(1, int(body["number"]) + 1):
        name = f"person-{number}"
        fields = {
            "accountEnabled": True,
            "displayName": name,
            "mailNickname": name,
            "passwordProfile": {},
            "userPrincipalName": f"{name}@{tenant.domains[0]}",
        }
        user = directory.create(store, "user", fresh(tenant, fields, kept))
        directory.link(store, directory.MEMBER, group["id"], user["id"])


def _known(store: Store, identifier: str) -> Mapping[str, Any]:
    try:
        return directory.find(store, identifier, ["user", "group"])
    except GraphError as error:
        raise KeyError(identifier) from error
