"""Inbound SSO of the Cloud Identity API: SAML profiles, their credentials, and to whom a profile applies.

https://cloud.google.com/identity/docs/how-to/setup-sso-profiles. Changes are answered by an operation: done
already, or, with multi-party approval, waiting for a further administrator.
"""

from __future__ import annotations

import re
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from counterparts.google import customer, ids
from counterparts.google.failures import UNMET, duplicate, invalid, refused
from counterparts.google.merging import masked
from counterparts.google.pages import page
from counterparts.vendors.routes import Refused, Request, Response, answer
from counterparts.vendors.store import Document, Store

Json = dict[str, Any]
PROFILES = "inboundSamlSsoProfiles"
CREDENTIALS = "idpCredentials"
TYPES = "type.googleapis.com/google.apps.cloudidentity.inboundsso.v1"
MOST_CREDENTIALS = 2


def list_profiles(request: Request, store: Store) -> Response:
    return answer(listed(request, store, PROFILES, _profile))


def get_profile(request: Request, store: Store, inbound_saml_sso_profiles_id: str) -> Response:
    del request
    return answer(_profile(the(store, PROFILES, f"{PROFILES}/{inbound_saml_sso_profiles_id}")))


def create_profile(request: Request, store: Store) -> Response:
    given = request.json
    demand_customer(store, given)
    config = given.get("idpConfig") or {}
    _check_config(config)
    name = f"{PROFILES}/{ids.name()}"
    host = "https://accounts.google.com/samlrp"
    document = {
        "name": name,
        "customer": f"customers/{customer.the(store)['id']}",
        "displayName": given.get("displayName") or "SAML profile",
        "idpConfig": config,
        "spConfig": {
            "entityId": f"{host}/metadata?rpid={name.rpartition('/')[2]}",
            "assertionConsumerServiceUri": f"{host}/acs?rpid={name.rpartition('/')[2]}",
        },
    }
    return written(store, "InboundSamlSsoProfile", lambda: _profile(store.put(PROFILES, name, document)))


def patch_profile(request: Request, store: Store, inbound_saml_sso_profiles_id: str) -> Response:
    old = the(store, PROFILES, f"{PROFILES}/{inbound_saml_sso_profiles_id}")
    given = {name: value for name, value in request.json.items() if name in {"displayName", "idpConfig"}}
    new = masked(old, given, request.query.get("updateMask", ""))
    _check_config(new.get("idpConfig") or {})
    return written(store, "InboundSamlSsoProfile", lambda: _profile(store.put(PROFILES, old["name"], new)))


def delete_profile(request: Request, store: Store, inbound_saml_sso_profiles_id: str) -> Response:
    del request
    name = the(store, PROFILES, f"{PROFILES}/{inbound_saml_sso_profiles_id}")["name"]
    for each in store.all("inboundSsoAssignments"):
        if each.get("samlSsoInfo", {}).get("inboundSamlSsoProfile") == name:
            raise precondition("The profile is assigned.")
    for each in _credentials(store, name):
        store.remove(CREDENTIALS, each["name"])
    store.remove(PROFILES, name)
    return answer(operation(None))


def add_credential(request: Request, store: Store, inbound_saml_sso_profiles_id: str) -> Response:
    name = the(store, PROFILES, f"{PROFILES}/{inbound_saml_sso_profiles_id}")["name"]
    if len(_credentials(store, name)) >= MOST_CREDENTIALS:
        raise precondition("A profile has two credentials at most.")
    document = {
        "name": f"{name}/idpCredentials/{ids.name()}",
        "profile": name,
        "rsaKeyInfo": {"keySize": _key_size(request.json.get("pemData") or "")},
        "updateTime": request.clock.text(),
    }
    return written(
        store, "IdpCredential", lambda: _credential(store.put(CREDENTIALS, document["name"], document))
    )


def list_credentials(request: Request, store: Store, inbound_saml_sso_profiles_id: str) -> Response:
    name = the(store, PROFILES, f"{PROFILES}/{inbound_saml_sso_profiles_id}")["name"]
    chunk, further = page(request, _credentials(store, name), usual=10, most=100, size="pageSize")
    return answer({**({CREDENTIALS: [_credential(each) for each in chunk]} if chunk else {}), **further})


def get_credential(
    request: Request, store: Store, inbound_saml_sso_profiles_id: str, idp_credentials_id: str
) -> Response:
    del request
    return answer(
        _credential(
            the(
                store,
                CREDENTIALS,
                f"{PROFILES}/{inbound_saml_sso_profiles_id}/idpCredentials/{idp_credentials_id}",
            )
        )
    )


def delete_credential(
    request: Request, store: Store, inbound_saml_sso_profiles_id: str, idp_credentials_id: str
) -> Response:
    del request
    found = the(
        store, CREDENTIALS, f"{PROFILES}/{inbound_saml_sso_profiles_id}/idpCredentials/{idp_credentials_id}"
    )
    store.remove(CREDENTIALS, found["name"])
    return answer(operation(None))


def the(store: Store, kind: str, name: str) -> Document:
    found = store.get(kind, name)
    if found is None:
        raise refused(404, "notFound", "Requested entity was not found.")
    return found


def listed(request: Request, store: Store, kind: str, view: Any) -> Json:
    """With the one filter that there is: `customer=="customers/…"`."""
    text = request.query.get("filter")
    found = store.all(kind)
    if text:
        match = re.fullmatch(r"\s*customer\s*==\s*['\"](customers/[^'\"]+)['\"]\s*", text)
        if match is None:
            raise invalid("filter")
        customer.require(store, match.group(1))
    chunk, further = page(request, found, usual=10, most=100, size="pageSize")
    return {**({kind: [view(each) for each in chunk]} if chunk else {}), **further}


def demand_customer(store: Store, given: Json) -> None:
    if name := given.get("customer"):
        customer.require(store, name)


def written(store: Store, kind: str, write: Any) -> Response:
    """The operation of a change; `write` makes it, unless a further administrator has to approve."""
    if (store.get("settings", "settings") or {}).get("multiPartyApproval"):
        waiting = {"name": f"operations/{ids.opaque()}", "done": False}
        return answer({**waiting, "metadata": {"state": "awaiting-multi-party-approval"}})
    return answer(operation({"@type": f"{TYPES}.{kind}", **write()}))


def operation(response: Json | None) -> Json:
    empty = {"@type": "type.googleapis.com/google.protobuf.Empty"}
    return {"name": f"operations/{ids.opaque()}", "done": True, "response": response or empty}


def precondition(message: str) -> Refused:
    return refused(400, UNMET, message)


def exists() -> Refused:
    return duplicate("Requested entity already exists")


def _credentials(store: Store, profile: str) -> list[Document]:
    return [each for each in store.all(CREDENTIALS) if each["profile"] == profile]


def _profile(document: Document) -> Json:
    return dict(document)


def _credential(document: Document) -> Json:
    return {name: value for name, value in document.items() if name != "profile"}


def _check_config(config: Json) -> None:
    if not config.get("entityId"):
        raise invalid("idp_config.entity_id")
    for name in ("singleSignOnServiceUri", "logoutRedirectUri", "changePasswordUri"):
        uri = config.get(name)
        if (uri and not uri.startswith("https://")) or (not uri and name == "singleSignOnServiceUri"):
            raise invalid(f"idp_config.{name}")


def _key_size(pem: str) -> int:
    try:
        key = x509.load_pem_x509_certificate(pem.encode()).public_key()
    except ValueError as error:
        raise invalid("pem_data") from error
    if not isinstance(key, RSAPublicKey):
        raise invalid("pem_data")
    return key.key_size
