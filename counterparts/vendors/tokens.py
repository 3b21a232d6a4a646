"""Access tokens and the signed assertions that they are asked for with. Of a token its hash is kept."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography import x509
from jwt import PyJWK

from counterparts.vendors.clock import Clock
from counterparts.vendors.store import Store

KIND = "_tokens"
USED = "_assertions"
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
LEEWAY = 60


class BadAssertion(Exception):
    """The text says what is wrong with it."""


@dataclass(frozen=True)
class Principal:
    """Who calls. `subject` is the client's or service account's id, `on_behalf_of` whom it acts for."""

    subject: str
    scopes: frozenset[str]
    on_behalf_of: str = ""


class Tokens:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def issue(
        self, subject: str, scopes: Iterable[str], *, lifetime: float = 3600, on_behalf_of: str = ""
    ) -> str:
        token = secrets.token_urlsafe(48)
        document = {
            "subject": subject,
            "scopes": sorted(scopes),
            "on_behalf_of": on_behalf_of,
            "ends": self._clock.seconds() + lifetime,
        }
        with self._store.transaction():
            self._store.put(KIND, _hashed(token), document)
        return token

    def principal(self, token: str) -> Principal | None:
        """Whose token it is; None if it was never issued, has expired or was revoked."""
        known = self._store.get(KIND, _hashed(token))
        if known is None or known["ends"] <= self._clock.seconds():
            return None
        return Principal(known["subject"], frozenset(known["scopes"]), known["on_behalf_of"])

    def revoke_all(self, subject: str | None = None) -> None:
        """Those of the subject, or all."""
        with self._store.transaction():
            for identity, document in self._store.keys(KIND):
                if subject is None or document["subject"] == subject:
                    self._store.remove(KIND, identity)

    def verify(
        self,
        assertion: str,
        keys: Sequence[str | Mapping[str, Any]],
        audiences: Iterable[str],
        *,
        longest: float = 3600,
        once: bool = False,
    ) -> Mapping[str, Any]:
        """The claims of an assertion that one of the keys (PEM of a public key or certificate, or a JWK) has
        signed for one of the audiences and that lasts for at most `longest` seconds; with `once` its `jti` is
        used up. Raises `BadAssertion`.
        """
        claims = _signed(assertion, keys, list(audiences))
        now = self._clock.seconds()
        if not now - LEEWAY < float(claims["exp"]) <= now + longest + LEEWAY:
            raise BadAssertion("exp is over or too far away")
        if float(claims.get("iat", now)) > now + LEEWAY:
            raise BadAssertion("iat is in the future")
        if once:
            self._use_up(str(claims.get("jti", _hashed(assertion))))
        return claims

    def _use_up(self, jti: str) -> None:
        with self._store.transaction():
            if self._store.get(USED, jti) is not None:
                raise BadAssertion("jti was used before")
            self._store.put(USED, jti, {})


def unverified(assertion: str) -> Mapping[str, Any]:
    """The claims as they stand there, to find whose keys apply. Raises `BadAssertion`."""
    try:
        claims: Mapping[str, Any] = jwt.decode(assertion, options={"verify_signature": False})
    except jwt.PyJWTError as error:
        raise BadAssertion("not a signed JWT") from error
    return claims


def header(assertion: str) -> Mapping[str, Any]:
    """The header as it stands there. Raises `BadAssertion`."""
    try:
        found: Mapping[str, Any] = jwt.get_unverified_header(assertion)
    except jwt.PyJWTError as error:
        raise BadAssertion("not a signed JWT") from error
    return found


def _signed(
    assertion: str, keys: Sequence[str | Mapping[str, Any]], audiences: list[str]
) -> Mapping[str, Any]:
    reason = "no key is known"
    options: Any = {"require": ["exp"], "verify_exp": False, "verify_iat": False, "verify_nbf": False}
    for key in keys:
        try:
            claims: Mapping[str, Any] = jwt.decode(
                assertion, _usable(key), algorithms=list(ALGORITHMS), audience=audiences, options=options
            )
            return claims
        except (jwt.PyJWTError, TypeError, ValueError) as error:
            reason = type(error).__name__
    raise BadAssertion(reason)


def _usable(key: str | Mapping[str, Any]) -> Any:
    if not isinstance(key, str):
        return PyJWK.from_json(json.dumps(dict(key))).key
    if "BEGIN CERTIFICATE" in key:
        return x509.load_pem_x509_certificate(key.encode()).public_key()
    return key


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
