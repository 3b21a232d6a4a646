"""Applications, their secrets and certificates: https://learn.microsoft.com/graph/api/resources/application."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import secrets
import uuid
from collections.abc import Mapping
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from counterparts.entra.errors import bad_request, invalid_value, not_found, required, taken
from counterparts.entra.graph import deleted, directory
from counterparts.entra.graph.call import Call, nothing, odata
from counterparts.entra.graph.presenting import selected
from counterparts.entra.graph.user_rules import digest
from counterparts.entra.graph.writing import merged, written
from counterparts.entra.schema.application import APPLICATION
from counterparts.vendors.routes import Response

Document = Mapping[str, Any]
ADDRESS = re.compile(r"https://[^\s]+|http://localhost[^\s]*|urn:[^\s]+")
IDENTIFIER = re.compile(r"(https://|api://|urn:|spn:)[^\s*]+")
TWO_YEARS = 730 * 24 * 3600


def listed(call: Call) -> Response:
    return call.many(call.store.all("application"), APPLICATION)


def read(call: Call, id: str) -> Response:  # noqa: A002
    return call.one(APPLICATION, directory.find(call.store, id, ["application"]))


def read_by_app_id(call: Call, app_id: str) -> Response:
    return call.one(APPLICATION, by_app_id(call, "application", app_id))


def by_app_id(call: Call, kind: str, app_id: str) -> Document:
    """The living object of the kind with this `appId`; 404 otherwise."""
    found = next((each for each in call.store.all(kind) if each["appId"] == app_id.lower()), None)
    if found is None:
        raise not_found(app_id)
    return found


def create(call: Call) -> Response:
    fields = written(call.store, call.body, APPLICATION)
    if not fields.get("displayName"):
        raise required("displayName", "Application")
    _check(call, fields)
    document = directory.create(call.store, "application", new(call.tenant.now(), **_kept(fields)))
    shown = {"@odata.context": f"{call.base}/$metadata#applications/$entity"}
    return odata(
        {**shown, **selected(document, APPLICATION)},
        201,
        {"Location": f"{call.base}/applications/{document['id']}"},
    )


def new(now: str, **fields: Any) -> dict[str, Any]:
    """A registration with the defaults that the portal shows."""
    return {
        "appId": str(uuid.uuid4()),
        "identifierUris": [],
        "signInAudience": "AzureADMyOrg",
        "appRoles": [],
        "web": {"redirectUris": [], "homePageUrl": None, "logoutUrl": None},
        "spa": {"redirectUris": []},
        "publicClient": {"redirectUris": []},
        "optionalClaims": None,
        "groupMembershipClaims": None,
        "passwordCredentials": [],
        "keyCredentials": [],
        "createdDateTime": now,
        **fields,
        "id": directory.new_id(),
    }


def update(call: Call, id: str) -> Response:  # noqa: A002
    document = directory.find(call.store, id, ["application"])
    fields = written(call.store, call.body, APPLICATION, document)
    _check(call, fields, document)
    changed = directory.change(call.store, document, **merged(document, _kept(fields)))
    _follow(call, changed)
    return nothing()


def _follow(call: Call, application: Document) -> None:
    """The service principal shows the registration's roles, names and addresses."""
    for each in call.store.all("servicePrincipal"):
        if each["appId"] == application["appId"]:
            addresses = (application.get("web") or {}).get("redirectUris") or each.get("replyUrls")
            directory.change(
                call.store,
                each,
                appDisplayName=application["displayName"],
                appRoles=application["appRoles"],
                replyUrls=addresses,
                servicePrincipalNames=[application["appId"], *application["identifierUris"]],
            )


def delete(call: Call, id: str) -> Response:  # noqa: A002
    """With it goes its service principal in this tenant."""
    document = directory.find(call.store, id, ["application"])
    for each in call.store.all("servicePrincipal"):
        if each["appId"] == document["appId"]:
            deleted.put_away(call, each)
    deleted.put_away(call, document)
    return nothing()


def _check(call: Call, fields: Mapping[str, Any], present: Document | None = None) -> None:
    own = "" if present is None else present["id"]
    for address in fields.get("identifierUris") or []:
        if not IDENTIFIER.fullmatch(address):
            raise invalid_value("identifierUris", "Application")
        if any(
            address in each["identifierUris"] and each["id"] != own for each in call.store.all("application")
        ):
            raise taken("identifierUris")
    for part in ("web", "spa", "publicClient"):
        for address in (fields.get(part) or {}).get("redirectUris") or []:
            if not ADDRESS.fullmatch(address) or "*" in address:
                raise invalid_value(f"{part}/redirectUris", "Application")
    _check_roles(fields.get("appRoles"), present)
    _check_claims(fields.get("optionalClaims"))


def _check_roles(roles: list[dict[str, Any]] | None, present: Document | None) -> None:
    """A role is disabled before it is removed."""
    if roles is None:
        return
    for role in roles:
        if not role.get("id") or not role.get("displayName") or not role.get("allowedMemberTypes"):
            raise invalid_value("appRoles", "Application")
    kept = {role["id"].lower() for role in roles}
    for old in (present or {}).get("appRoles") or []:
        if old["id"] not in kept and old.get("isEnabled"):
            raise bad_request(
                "Property value cannot be deleted unless it is disabled first.",
                details=[
                    {
                        "code": "CannotDeleteOrUpdateEnabledEntitlement",
                        "message": "Permission (scope or role) cannot be deleted or updated unless disabled"
                        " first.",
                        "target": "appRoles",
                    }
                ],
            )


def _check_claims(claims: Mapping[str, Any] | None) -> None:
    for kind, each in (claims or {}).items():
        if kind not in {"idToken", "accessToken", "saml2Token"} or not all("name" in one for one in each):
            raise invalid_value("optionalClaims", "Application")


def _kept(fields: Mapping[str, Any]) -> dict[str, Any]:
    kept = dict(fields)
    if "keyCredentials" in kept:
        kept["keyCredentials"] = [_certificate(each) for each in kept["keyCredentials"] or []]
    if "appRoles" in kept:
        roles = kept["appRoles"] or []
        kept["appRoles"] = [{"isEnabled": True, **each, "id": each["id"].lower()} for each in roles]
    return kept


def _certificate(credential: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of a certificate: itself, and the thumbprints by which assertions name it."""
    try:
        certificate = x509.load_der_x509_certificate(base64.b64decode(str(credential["key"]), validate=True))
    except (KeyError, ValueError, binascii.Error) as error:
        raise invalid_value("keyCredentials", "Application") from error
    der = certificate.public_bytes(serialization.Encoding.DER)
    return {
        "keyId": credential.get("keyId") or directory.new_id(),
        "type": credential.get("type", "AsymmetricX509Cert"),
        "usage": credential.get("usage", "Verify"),
        "displayName": credential.get("displayName") or certificate.subject.rfc4514_string(),
        "customKeyIdentifier": hashlib.sha1(der, usedforsecurity=False).hexdigest().upper(),
        "startDateTime": f"{certificate.not_valid_before_utc:%Y-%m-%dT%H:%M:%SZ}",
        "endDateTime": f"{certificate.not_valid_after_utc:%Y-%m-%dT%H:%M:%SZ}",
        "key": None,
        "_pem": certificate.public_bytes(serialization.Encoding.PEM).decode(),
        "_sha256": base64.urlsafe_b64encode(hashlib.sha256(der).digest()).decode().rstrip("="),
        "_sha1": base64.urlsafe_b64encode(hashlib.sha1(der, usedforsecurity=False).digest())
        .decode()
        .rstrip("="),
    }


def add_password(call: Call, id: str) -> Response:  # noqa: A002
    """The secret is told this once."""
    document = directory.find(call.store, id, ["application"])
    asked = call.body.get("passwordCredential") or {}
    secret = secrets.token_urlsafe(30)
    credential = {
        "customKeyIdentifier": None,
        "displayName": asked.get("displayName"),
        "startDateTime": asked.get("startDateTime") or call.tenant.now(),
        "endDateTime": asked.get("endDateTime") or call.tenant.after(TWO_YEARS),
        "hint": secret[:3],
        "keyId": directory.new_id(),
        "secretText": None,
    }
    kept = {**credential, "_digest": digest(secret)}
    directory.change(call.store, document, passwordCredentials=[*document["passwordCredentials"], kept])
    context = f"{call.base}/$metadata#microsoft.graph.passwordCredential"
    return odata({"@odata.context": context, **credential, "secretText": secret})


def remove_password(call: Call, id: str) -> Response:  # noqa: A002
    document = directory.find(call.store, id, ["application"])
    kept = [each for each in document["passwordCredentials"] if each["keyId"] != call.body["keyId"]]
    if len(kept) == len(document["passwordCredentials"]):
        raise not_found(str(call.body["keyId"]))
    directory.change(call.store, document, passwordCredentials=kept)
    return nothing()


def extensions(call: Call, id: str) -> Response:  # noqa: A002
    document = directory.find(call.store, id, ["application"])
    found = [
        _shown(each) for each in call.store.all("extensionProperty") if each["_application"] == document["id"]
    ]
    return odata(
        {"@odata.context": f"{call.base}/$metadata#applications/extensionProperties", "value": found}
    )


def add_extension(call: Call, id: str) -> Response:  # noqa: A002
    """A directory extension: https://learn.microsoft.com/graph/api/application-post-extensionproperty."""
    document = directory.find(call.store, id, ["application"])
    body = call.body
    name = f"extension_{document['appId'].replace('-', '')}_{body['name']}"
    if any(each["name"] == name for each in call.store.all("extensionProperty")):
        raise bad_request("An extension property exists with the name " + name + ".")
    kept = {
        "id": directory.new_id(),
        "deletedDateTime": None,
        "appDisplayName": document["displayName"],
        "dataType": body["dataType"],
        "isMultiValued": False,
        "isSyncedFromOnPremises": False,
        "name": name,
        "targetObjects": body["targetObjects"],
        "_application": document["id"],
    }
    call.store.put("extensionProperty", kept["id"], kept)
    context = f"{call.base}/$metadata#applications/extensionProperties/$entity"
    return odata({"@odata.context": context, **_shown(kept)}, 201)


def remove_extension(call: Call, id: str, extension: str) -> Response:  # noqa: A002
    document = directory.find(call.store, id, ["application"])
    known = call.store.get("extensionProperty", extension)
    if known is None or known["_application"] != document["id"]:
        raise not_found(extension)
    call.store.remove("extensionProperty", extension)
    return nothing()


def _shown(document: Document) -> dict[str, Any]:
    return {name: value for name, value in document.items() if not name.startswith("_")}
