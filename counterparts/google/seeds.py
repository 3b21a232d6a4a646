"""What there is at the start: a customer, its administrator, units, groups, roles, licences, a service
account with its key.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from counterparts.google import addresses, holdings, licensing, people, roles, scopes, sign_ins, token, units
from counterparts.vendors.store import Store

CUSTOMER = "C03az79cb"
UNITS = ("Staff", "Former staff")
SEATS = 50
KEY_FILE = "service-account.json"
BEGINNING = "2024-01-15T09:00:00.000Z"


@dataclass(frozen=True)
class Seeds:
    """`domains` are the customer's, the primary one first; `groups` are names of groups in it."""

    domains: Sequence[str]
    groups: Sequence[str]
    account: dict[str, Any]
    """The key file's content."""

    @cached_property
    def public_key(self) -> str:
        """PEM."""
        private = serialization.load_pem_private_key(self.account["private_key"].encode(), password=None)
        pem = private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return pem.decode()

    def fill(self, store: Store) -> None:
        primary = self.domains[0]
        customer = {
            "id": CUSTOMER,
            "customerDomain": primary,
            "customerCreationTime": BEGINNING,
            "language": "en",
        }
        store.put("customer", "customer", customer)
        for number, domain in enumerate(self.domains):
            document = {"domainName": domain, "isPrimary": number == 0, "verified": True}
            store.put("domains", domain, {**document, "creationTime": "1705309200000"})
        store.put(units.KIND, units.ROOT, {"id": units.ROOT, "name": primary, "parent": ""})
        for number, name in enumerate(UNITS, start=1):
            identity = f"{units.ROOT[:-1]}{number}"
            store.put(units.KIND, identity, {"id": identity, "name": name, "parent": units.ROOT})
        roles.seed(store)
        for sku in (sku for skus in licensing.PRODUCTS.values() for sku in skus):
            licensing.set_seats({sku: SEATS}, store)
        licensing.set_seats({holdings.ARCHIVED: SEATS}, store)
        self._people(store, primary)
        self._account(store)

    def _people(self, store: Store, domain: str) -> None:
        name = {"givenName": "Workspace", "familyName": "Administrator"}
        given = {"primaryEmail": f"admin@{domain}", "name": name, "password": secrets.token_urlsafe(24)}
        admin = people.create(store, given, BEGINNING)
        roles.assign(store, roles.SUPER_ADMIN, admin["id"])
        store.remove(sign_ins.PASSWORDS, admin["id"])
        for number, group in enumerate(self.groups):
            identity = f"0{number:014d}"
            address = f"{group.lower().replace(' ', '-')}@{domain}"
            addresses.claimed(store, address, addresses.GROUPS, identity, what="email")
            document = {"id": identity, "email": address, "name": group, "description": ""}
            store.put(addresses.GROUPS, identity, {**document, "adminCreated": True, "aliases": []})

    def _account(self, store: Store) -> None:
        document = {
            "clientEmail": self.account["client_email"],
            "clientId": self.account["client_id"],
            "keys": {self.account["private_key_id"]: self.public_key},
            "scopes": list(scopes.USUAL),
        }
        store.put(token.ACCOUNTS, document["clientEmail"], document)


def account(folder: Path, address: str) -> dict[str, Any]:
    """The service account's key file in the folder, made where there is none; `address` is the fake's."""
    path = folder / KEY_FILE
    if path.exists():
        known: dict[str, Any] = json.loads(path.read_text())
        known["token_uri"] = f"{address}/token"
    else:
        known = _made(address)
    folder.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(known, indent=2) + "\n")
    return known


def _made(address: str) -> dict[str, Any]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return {
        "type": "service_account",
        "project_id": "officeflow",
        "private_key_id": secrets.token_hex(20),
        "private_key": pem.decode(),
        "client_email": "officeflow@officeflow.iam.gserviceaccount.com",
        "client_id": "1" + "".join(secrets.choice("0123456789") for _ in range(20)),
        "auth_uri": "https://accounts.google.com/o/oauth2/auth",
        "token_uri": f"{address}/token",
        "universe_domain": "googleapis.com",
    }
