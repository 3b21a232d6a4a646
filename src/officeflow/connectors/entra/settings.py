"""What a connection says, checked to fit together."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from officeflow.connectors.assertions import SignedStatement, checked_certificate, checked_key
from officeflow.connectors.connection import Connection, timeout_of
from officeflow.connectors.http import base_url
from officeflow.connectors.tokens import ClientCredentials, Grant
from officeflow.errors import InvalidInput

GRAPH = "https://graph.microsoft.com"
LOGIN = "https://login.microsoftonline.com"
LOGINS = {
    "graph.microsoft.com": LOGIN,
    "graph.microsoft.us": "https://login.microsoftonline.us",
    "dod-graph.microsoft.us": "https://login.microsoftonline.us",
    "microsoftgraph.chinacloudapi.cn": "https://login.chinacloudapi.cn",
}
"""https://learn.microsoft.com/graph/deployments"""
EMPLOYEE_ID = "employeeId"
EXTENSION = re.compile(r"extension_[0-9a-fA-F]{32}_[A-Za-z0-9_]+")
EXTENSION_ATTRIBUTE = re.compile(r"extensionAttribute(?:[1-9]|1[0-5])")
SETTLE = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`settle` are the seconds in which what was written must be seen."""

    graph: str
    login: str
    tenant: str
    client_id: str
    grant: Grant
    identity: str
    mark: str
    extensions: tuple[str, ...]
    settle: float


def settings_of(connection: Connection) -> Settings:
    """`InvalidInput` where something is missing or wrong."""
    extra = connection.extra
    graph = GRAPH if not connection.host else base_url(connection)
    host = (urlsplit(graph).hostname or "").lower()
    login = str(extra.get("login_url") or LOGINS.get(host, LOGIN)).rstrip("/")
    tenant, client_id = str(extra.get("tenant") or ""), connection.login or ""
    scope = f"https://{host}/.default" if host in LOGINS else f"{GRAPH}/.default"
    return Settings(
        graph=graph,
        login=login,
        tenant=tenant,
        client_id=client_id,
        grant=_grant(connection, f"{login}/{tenant}/oauth2/v2.0/token", scope),
        identity=_identity(connection),
        mark=_mark(connection),
        extensions=_extensions(connection),
        settle=timeout_of(connection, "settle", SETTLE),
    )


def _grant(connection: Connection, endpoint: str, scope: str) -> Grant:
    client_id = connection.login or ""
    certificate = str(connection.extra.get("certificate") or "")
    key = str(connection.extra.get("private_key") or "")
    if bool(certificate) != bool(key):
        raise InvalidInput(
            f"connection {connection.id}: a certificate and its private_key go together",
            hint="set both, or client_secret alone",
        )
    if not certificate:
        return ClientCredentials(
            endpoint=endpoint,
            client_id=client_id,
            client_secret=connection.password or "",
            scope=scope,
            in_body=True,
        )
    source = f"connection {connection.id}"
    _check_pair(certificate, key, source=source)
    return SignedStatement(
        endpoint=endpoint,
        key=key,
        issuer=client_id,
        audience=endpoint,
        algorithm="PS256",
        headers=(("x5t#S256", thumbprint(certificate)),),
        form=(("client_id", client_id), ("scope", scope)),
    )


def _check_pair(certificate: str, key: str, *, source: str) -> None:
    """`InvalidInput` where the key is not the certificate's, or either is none."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    checked_certificate(certificate, source=f"{source}, certificate")
    checked_key(key, source=f"{source}, private_key")
    own = load_pem_private_key(key.encode(), password=None).public_key()
    if own != x509.load_pem_x509_certificate(certificate.encode()).public_key():
        raise InvalidInput(f"{source}: the private key is not that of the certificate")


def thumbprint(certificate: str) -> str:
    """By which an assertion names it: https://learn.microsoft.com/entra/identity-platform/certificate-credentials."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    der = x509.load_pem_x509_certificate(certificate.encode()).public_bytes(Encoding.DER)
    return base64.urlsafe_b64encode(hashlib.sha256(der).digest()).decode().rstrip("=")


def _identity(connection: Connection) -> str:
    name = str(connection.extra.get("identity") or EMPLOYEE_ID)
    if name != EMPLOYEE_ID and not EXTENSION.fullmatch(name) and not EXTENSION_ATTRIBUTE.fullmatch(name):
        raise InvalidInput(
            f"connection {connection.id}: {name!r} is no attribute for an identity",
            hint="employeeId, extensionAttribute1 to 15, or extension_<application id>_<name>",
        )
    return name


def _mark(connection: Connection) -> str:
    mark = str(connection.extra.get("mark") or "")
    if ":" in mark:
        raise InvalidInput(
            f"connection {connection.id}: the mark {mark!r} has a colon",
            hint="letters and digits, such as acme",
        )
    return mark


def _extensions(connection: Connection) -> tuple[str, ...]:
    names = re.split(r"[,\s]+", str(connection.extra.get("extensions") or "").strip())
    found = tuple(dict.fromkeys(filter(None, names)))
    for name in found:
        if not EXTENSION.fullmatch(name):
            raise InvalidInput(
                f"connection {connection.id}: {name!r} is no directory extension",
                hint="extension_<application id without hyphens>_<name>",
            )
    return found
