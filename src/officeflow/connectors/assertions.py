"""Tokens for a statement that we sign with a private key (RFC 7523): as the client's proof of who it is
(section 2.2), or as what is granted for (section 2.1).
"""

from __future__ import annotations

import functools
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from officeflow.errors import InvalidInput

if TYPE_CHECKING:
    import httpx

KEYS = 32
"""That are kept as they are loaded: to check an RSA key takes thirty times as long as to sign with it."""
LIFE = 300
"""Seconds that a statement holds: it is sent at once, and clocks differ."""
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
CLIENT_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedStatement:
    """A `Grant` of `connectors.tokens`. Equal ones share their token.

    `key` is a private key as PEM, without a password. `headers` and `claims` go into the statement beside the
    usual ones, `form` into the request beside it. `is_grant` is whether the statement itself is granted for;
    otherwise it proves who asks for client credentials.
    """

    endpoint: str
    key: str = field(repr=False)
    issuer: str
    audience: str
    subject: str = ""
    algorithm: str = "RS256"
    headers: Pairs = ()
    claims: Pairs = ()
    form: Pairs = ()
    is_grant: bool = False

    def request(self) -> httpx.Request:
        import httpx

        statement = self._statement()
        if self.is_grant:
            form = {"grant_type": JWT_BEARER, "assertion": statement}
        else:
            form = {
                "grant_type": "client_credentials",
                "client_assertion_type": CLIENT_ASSERTION,
                "client_assertion": statement,
            }
        return httpx.Request(
            "POST", self.endpoint, data={**form, **dict(self.form)}, headers={"Accept": "application/json"}
        )

    def _statement(self) -> str:
        import jwt

        now = int(time.time())
        claims: Mapping[str, Any] = {
            "iss": self.issuer,
            "sub": self.subject or self.issuer,
            "aud": self.audience,
            "iat": now,
            "nbf": now,
            "exp": now + LIFE,
            "jti": str(uuid.uuid4()),
            **dict(self.claims),
        }
        return jwt.encode(
            dict(claims), _loaded(self.key), algorithm=self.algorithm, headers=dict(self.headers) or None
        )


@functools.lru_cache(maxsize=KEYS)
def _loaded(text: str) -> Any:
    from cryptography.hazmat.primitives import serialization

    return serialization.load_pem_private_key(text.encode(), password=None)


def checked_key(text: str, *, source: str) -> str:
    """The text, which is a private key as PEM without a password; `InvalidInput`, which never shows it,
    otherwise.
    """
    try:
        _loaded(text)
    except (ValueError, TypeError) as error:
        raise InvalidInput(
            f"{source}: that is no private key as PEM without a password",
            hint="it begins with -----BEGIN PRIVATE KEY-----; give it by --from-file",
        ) from error
    return text


def checked_certificate(text: str, *, source: str) -> str:
    """The text, which is a certificate as PEM; `InvalidInput` otherwise."""
    from cryptography import x509

    try:
        x509.load_pem_x509_certificate(text.encode())
    except ValueError as error:
        raise InvalidInput(
            f"{source}: that is no certificate as PEM",
            hint="it begins with -----BEGIN CERTIFICATE-----; give it by --from-file",
        ) from error
    return text
