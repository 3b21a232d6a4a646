"""Users: https://learn.microsoft.com/graph/api/resources/user."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from counterparts.entra.errors import GraphError, bad_request, denied, synced_from_on_premises
from counterparts.entra.graph import deleted, directory, dynamic, licences, managers, user_rules
from counterparts.entra.graph.call import Call, nothing, odata
from counterparts.entra.graph.presenting import selected
from counterparts.entra.graph.writing import bound, merged, written
from counterparts.entra.schema.user import PROFILE, USER
from counterparts.entra.tenant import Tenant
from counterparts.vendors.routes import Response

DIGEST = "_digest"
"""Where a user's document has the password's digest."""


def listed(call: Call) -> Response:
    asked = call.query(USER)
    if set(asked.select) & PROFILE:
        raise GraphError(501, "NotImplemented", "This operation target is not yet supported.")
    _may_see(call, asked.select)
    return call.many(call.store.all("user"), USER)


def read(call: Call, id: str) -> Response:  # noqa: A002 - the description's name of the parameter
    _may_see(call, call.query(USER, single=True).select)
    return call.one(USER, directory.user(call.store, id))


def _may_see(call: Call, names: tuple[str, ...]) -> None:
    if "signInActivity" in names and not call.may("AuditLog.Read.All"):
        raise denied()


def create(call: Call) -> Response:
    fields = written(call.store, call.body, USER)
    user_rules.check(call.store, call.tenant, fields)
    digest = user_rules.digest(fields["passwordProfile"]["password"])
    document = directory.create(call.store, "user", fresh(call.tenant, fields, digest))
    dynamic.settle_user(call.store, call.tenant, document)
    for address in bound(call.body, "manager"):
        managers.put_above(call, document, directory.by_address(call.store, address, ["user"]))
    shown = {"@odata.context": f"{call.base}/$metadata#users/$entity", **selected(document, USER)}
    return odata(shown, 201, {"Location": f"{call.base}/users/{document['id']}"})


def fresh(tenant: Tenant, fields: Mapping[str, Any], digest: str) -> dict[str, Any]:
    """A new user's document; `digest` is its password's."""
    now = tenant.now()
    mail = fields.get("mail")
    return {
        "businessPhones": [],
        "userType": "Member",
        "creationType": None,
        **fields,
        "id": directory.new_id(),
        "mail": mail,
        "proxyAddresses": [f"SMTP:{mail}"] if mail else [],
        "identities": _identities(tenant, fields["userPrincipalName"]),
        "createdDateTime": now,
        "lastPasswordChangeDateTime": now,
        "signInSessionsValidFromDateTime": now,
        "passwordProfile": user_rules.kept_password(fields["passwordProfile"]),
        DIGEST: digest,
    }


def _identities(tenant: Tenant, name: str) -> list[dict[str, str]]:
    issuer = tenant.domains[-1]
    return [{"signInType": "userPrincipalName", "issuer": issuer, "issuerAssignedId": name}]


def update(call: Call, id: str) -> Response:  # noqa: A002
    document = directory.user(call.store, id)
    fields = written(call.store, call.body, USER, document)
    user_rules.check(call.store, call.tenant, fields, document)
    change = merged(document, fields)
    profile = fields.get("passwordProfile")
    if profile is not None:
        _may_reset(call)
        change["passwordProfile"] = user_rules.kept_password(change["passwordProfile"])
        if profile.get("password") is not None:
            now = call.tenant.now()
            change |= {
                DIGEST: user_rules.digest(profile["password"]),
                "lastPasswordChangeDateTime": now,
                "signInSessionsValidFromDateTime": now,
            }
    if "userPrincipalName" in fields:
        change["identities"] = _identities(call.tenant, fields["userPrincipalName"])
    if "mail" in fields:
        change["proxyAddresses"] = _addresses(document, fields["mail"])
    changed = directory.change(call.store, document, **change)
    licences.settle(call.store, call.tenant, changed)
    dynamic.settle_user(call.store, call.tenant, changed)
    for address in bound(call.body, "manager"):
        managers.put_above(call, document, directory.by_address(call.store, address, ["user"]))
    return nothing()


def _may_reset(call: Call) -> None:
    """A password needs more than the right to change users.

    https://learn.microsoft.com/graph/permissions-reference#user-passwordprofilereadwriteall
    """
    if not call.may("User-PasswordProfile.ReadWrite.All", "Directory.ReadWrite.All"):
        raise denied()


def _addresses(document: Mapping[str, Any], mail: str | None) -> list[str]:
    """The new address is the first one (`SMTP:`); those there were stay as further ones."""
    old = [f"smtp:{each.partition(':')[2]}" for each in document.get("proxyAddresses") or []]
    others = [each for each in old if each.casefold() != f"smtp:{mail}".casefold()]
    return ([f"SMTP:{mail}"] if mail else []) + others


def delete(call: Call, id: str) -> Response:  # noqa: A002
    document = directory.user(call.store, id)
    if document.get("onPremisesSyncEnabled"):
        raise synced_from_on_premises()
    deleted.put_away(call, document)
    return nothing()


def revoke_sessions(call: Call, id: str) -> Response:  # noqa: A002
    """Sessions and refresh tokens from before now end."""
    document = directory.user(call.store, id)
    moment = call.tenant.later(document["signInSessionsValidFromDateTime"])
    directory.change(call.store, document, signInSessionsValidFromDateTime=moment)
    return odata({"@odata.context": f"{call.base}/$metadata#Edm.Boolean", "value": True})


def change_password(call: Call, id: str) -> Response:  # noqa: A002
    """Only for the user's own token, and here call applications alone."""
    directory.user(call.store, id)
    raise bad_request("The operation is not supported for app-only access tokens.")


def count(call: Call) -> Response:
    if call.request.seen.headers.get("consistencylevel", "").lower() != "eventual":
        raise bad_request("$count is not currently supported.")
    asked = call.query(USER)
    if asked.filter is not None:
        asked.filter.require_support(advanced=True)
    return Response(str(len(asked.chosen(call.store.all("user")))), mimetype="text/plain")
