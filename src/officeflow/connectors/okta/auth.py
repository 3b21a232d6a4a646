"""Who we are at Okta: a service app with a private key, or an API token (SSWS)."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

import httpx

from officeflow.connectors.assertions import SignedStatement, checked_key
from officeflow.connectors.connection import Connection
from officeflow.connectors.http import base_url
from officeflow.connectors.okta.scopes import SCOPES
from officeflow.connectors.tokens import HEADER_TEXT, TokenAuth
from officeflow.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping


BY_CURVE = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}


class ApiToken(httpx.Auth):
    """`Authorization: SSWS …`."""

    def __init__(self, token: str) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"SSWS {self._token}"
        yield request


def auth_of(connection: Connection) -> httpx.Auth:
    """`InvalidInput` where the connection says two things at once, or half of one. Without any credential
    nothing is said.
    """
    source, extra = f"connection {connection.id}", connection.extra
    token, client_id, key = connection.password, connection.login, str(extra.get("private_key") or "")
    if token and (client_id or key):
        raise InvalidInput(
            f"{source}: it has an API token and a service app",
            hint="give token, or client_id and private_key",
        )
    if token:
        if not HEADER_TEXT.fullmatch(token):
            raise InvalidInput(f"{source}: its token has a character that no token has")
        return ApiToken(token)
    if not client_id and not key:
        return httpx.Auth()
    if not client_id or not key:
        missing = "private_key" if client_id else "client_id"
        raise InvalidInput(
            f"{source}: a service app has a client_id and a private_key", hint=f"give {missing}, too"
        )
    return TokenAuth(_statement(connection, client_id, key, extra), provider=connection.provider)


def _statement(
    connection: Connection, client_id: str, key: str, extra: Mapping[str, object]
) -> SignedStatement:
    endpoint = f"{base_url(connection)}/oauth2/v1/token"
    key_id = str(extra.get("key_id") or "")
    source = f"connection {connection.id}, private_key"
    return SignedStatement(
        endpoint=endpoint,
        key=checked_key(key, source=source),
        algorithm=_algorithm_of(key, source),
        issuer=client_id,
        audience=str(extra.get("audience") or endpoint),
        headers=(("kid", key_id),) if key_id else (),
        form=(("scope", " ".join(scopes_of(connection))),),
    )


def _algorithm_of(key: str, source: str) -> str:
    """The one that Okta takes with a key of this kind."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    loaded = serialization.load_pem_private_key(key.encode(), password=None)
    if isinstance(loaded, rsa.RSAPrivateKey):
        return "RS256"
    if isinstance(loaded, ec.EllipticCurvePrivateKey) and loaded.curve.name in BY_CURVE:
        return BY_CURVE[loaded.curve.name]
    raise InvalidInput(f"{source}: Okta takes no key of this kind", hint="an RSA key, or an elliptic one")


def scopes_of(connection: Connection) -> tuple[str, ...]:
    """The scopes that are asked for: those of the connection, or all that anything here needs."""
    given = str(connection.extra.get("scopes") or "").replace(",", " ").split()
    return tuple(dict.fromkeys(given)) or SCOPES
