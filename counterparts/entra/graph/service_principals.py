"""Service principals and how people sign in to them.

https://learn.microsoft.com/graph/api/resources/serviceprincipal
https://learn.microsoft.com/graph/application-saml-sso-configure-api
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from counterparts.entra.errors import bad_request, invalid_value, not_found, required
from counterparts.entra.graph import deleted, directory
from counterparts.entra.graph.applications import by_app_id
from counterparts.entra.graph.call import Call, nothing, odata
from counterparts.entra.graph.presenting import selected
from counterparts.entra.graph.writing import merged, written
from counterparts.entra.schema.application import SERVICE_PRINCIPAL
from counterparts.vendors.routes import Response

Document = Mapping[str, Any]
MODES = frozenset({"password", "saml", "notSupported", "oidc", None})
POLICY = "claimsMappingPolicy"
LINK = "claimsMappingPolicyLink"


def listed(call: Call) -> Response:
    return call.many(call.store.all("servicePrincipal"), SERVICE_PRINCIPAL)


def read(call: Call, id: str) -> Response:  # noqa: A002
    return call.one(SERVICE_PRINCIPAL, directory.find(call.store, id, ["servicePrincipal"]))


def read_by_app_id(call: Call, app_id: str) -> Response:
    return call.one(SERVICE_PRINCIPAL, by_app_id(call, "servicePrincipal", app_id))


def create(call: Call) -> Response:
    if not call.body.get("appId"):
        raise required("appId", "ServicePrincipal")
    identifier = call.body["appId"].lower()
    fields = written(
        call.store, {name: value for name, value in call.body.items() if name != "appId"}, SERVICE_PRINCIPAL
    )
    _check(fields)
    application = next((a for a in call.store.all("application") if a["appId"] == identifier), None)
    if application is None:
        raise bad_request(
            f"The appId '{identifier}' of the service principal does not reference a valid application"
            " object."
        )
    if any(each["appId"] == identifier for each in call.store.all("servicePrincipal")):
        raise bad_request(
            "The service principal cannot be created, updated, or restored because the service principal name"
            f" {identifier} is already in use.",
            details=[{"code": "ObjectConflict", "message": "In use.", "target": "servicePrincipalNames"}],
        )
    document = directory.create(call.store, "servicePrincipal", new(application, call.tenant.id, **fields))
    shown = {"@odata.context": f"{call.base}/$metadata#servicePrincipals/$entity"}
    return odata({**shown, **selected(document, SERVICE_PRINCIPAL)}, 201)


def new(application: Document, tenant: str, **fields: Any) -> dict[str, Any]:
    return {
        "accountEnabled": True,
        "appDisplayName": application["displayName"],
        "appId": application["appId"],
        "appOwnerOrganizationId": tenant,
        "appRoleAssignmentRequired": False,
        "appRoles": application["appRoles"],
        "displayName": application["displayName"],
        "preferredSingleSignOnMode": None,
        "replyUrls": application["web"]["redirectUris"],
        "servicePrincipalNames": [application["appId"], *application["identifierUris"]],
        "servicePrincipalType": "Application",
        "signInAudience": application["signInAudience"],
        "samlSingleSignOnSettings": None,
        **fields,
        "id": directory.new_id(),
    }


def update(call: Call, id: str) -> Response:  # noqa: A002
    document = directory.find(call.store, id, ["servicePrincipal"])
    fields = written(call.store, call.body, SERVICE_PRINCIPAL, document)
    _check(fields)
    thumbprint = fields.get("preferredTokenSigningKeyThumbprint")
    if thumbprint is not None and thumbprint not in {
        each.get("_thumbprint") for each in document.get("keyCredentials") or []
    }:
        raise invalid_value("preferredTokenSigningKeyThumbprint", "ServicePrincipal")
    directory.change(call.store, document, **merged(document, fields))
    return nothing()


def _check(fields: Mapping[str, Any]) -> None:
    if fields.get("preferredSingleSignOnMode") not in MODES:
        raise invalid_value("preferredSingleSignOnMode", "ServicePrincipal")
    for address in fields.get("replyUrls") or []:
        if not address.startswith(("https://", "http://localhost")):
            raise invalid_value("replyUrls", "ServicePrincipal")


def delete(call: Call, id: str) -> Response:  # noqa: A002
    deleted.put_away(call, directory.find(call.store, id, ["servicePrincipal"]))
    return nothing()


def add_signing_certificate(call: Call, id: str) -> Response:  # noqa: A002
    """The certificate that SAML answers are signed with: self-signed, for at most three years.

    https://learn.microsoft.com/graph/api/serviceprincipal-addtokensigningcertificate
    """
    document = directory.find(call.store, id, ["servicePrincipal"])
    name = str(call.body["displayName"])
    if not name.startswith("CN="):
        raise invalid_value("displayName", "ServicePrincipal")
    start = call.tenant.clock.now()
    end = dt.datetime.fromisoformat(call.body.get("endDateTime") or call.tenant.after(3 * 365 * 24 * 3600))
    der = _self_signed(name[3:], start, end)
    thumbprint = hashlib.sha1(der, usedforsecurity=False).hexdigest().upper()
    shared = {
        "displayName": name,
        "startDateTime": f"{start:%Y-%m-%dT%H:%M:%SZ}",
        "endDateTime": f"{end:%Y-%m-%dT%H:%M:%SZ}",
        "customKeyIdentifier": base64.b64encode(hashlib.sha256(der).digest()).decode(),
        "type": "AsymmetricX509Cert",
        "_thumbprint": thumbprint,
    }
    keys = [
        {**shared, "keyId": directory.new_id(), "usage": usage, "key": None} for usage in ("Verify", "Sign")
    ]
    directory.change(call.store, document, keyCredentials=[*(document.get("keyCredentials") or []), *keys])
    context = f"{call.base}/$metadata#microsoft.graph.selfSignedCertificate"
    public = {key: value for key, value in shared.items() if not key.startswith("_")}
    certificate = base64.b64encode(der).decode()
    return odata(
        {
            "@odata.context": context,
            **public,
            "keyId": keys[0]["keyId"],
            "usage": "Verify",
            "thumbprint": thumbprint,
            "key": certificate,
        }
    )


def _self_signed(name: str, start: dt.datetime, end: dt.datetime) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    )
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(start).not_valid_after(end)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def policies(call: Call, id: str) -> Response:  # noqa: A002
    """The claims mapping of this application: https://learn.microsoft.com/graph/api/resources/claimsmappingpolicy."""
    document = directory.find(call.store, id, ["servicePrincipal"])
    linked = {each["target"] for each in call.store.all(LINK) if each["source"] == document["id"]}
    found = [each for each in call.store.all(POLICY) if each["id"] in linked]
    return odata({"@odata.context": f"{call.base}/$metadata#claimsMappingPolicies", "value": found})


def add_policy(call: Call, id: str) -> Response:  # noqa: A002
    """One at most."""
    document = directory.find(call.store, id, ["servicePrincipal"])
    identifier = str(call.body["@odata.id"]).rstrip("/").rpartition("/")[2]
    if call.store.get(POLICY, identifier) is None:
        raise not_found(identifier)
    if any(each["source"] == document["id"] for each in call.store.all(LINK)):
        raise bad_request(
            "A conflicting object with one or more of the specified property values is present."
        )
    directory.link(call.store, LINK, document["id"], identifier)
    return nothing()


def remove_policy(call: Call, id: str, policy: str) -> Response:  # noqa: A002
    document = directory.find(call.store, id, ["servicePrincipal"])
    if not directory.unlink(call.store, LINK, document["id"], policy):
        raise not_found(policy)
    return nothing()
