"""The key that access tokens are signed with."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from counterparts.vendors.store import Store

KIND = "_signingKey"


class SigningKey:
    """One for the life of the process; a store that has one already keeps it, so that tokens outlive a
    restart.
    """

    def __init__(self) -> None:
        self._key: rsa.RSAPrivateKey | None = None

    def keep(self, store: Store) -> None:
        """Put the key into the store, in a transaction, or take the one that is there."""
        known = store.get(KIND, "current")
        if known is None:
            store.put(KIND, "current", {"pem": self._pem()})
            return
        loaded = serialization.load_pem_private_key(known["pem"].encode(), password=None)
        if isinstance(loaded, rsa.RSAPrivateKey):
            self._key = loaded

    def sign(self, claims: Mapping[str, Any]) -> str:
        return jwt.encode(dict(claims), self._private(), algorithm="RS256", headers={"kid": self.id})

    def claims(self, token: str, audience: str) -> Mapping[str, Any]:
        """Those of a token that this key has signed for the audience; its times are for the caller to judge.
        Raises `jwt.PyJWTError`.
        """
        options: Any = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}
        claims: Mapping[str, Any] = jwt.decode(
            token, self._private().public_key(), algorithms=["RS256"], audience=audience, options=options
        )
        return claims

    @property
    def id(self) -> str:
        numbers = self._private().public_key().public_numbers()
        return base64.urlsafe_b64encode(hashlib.sha256(str(numbers.n).encode()).digest()[:16]).decode()[:22]

    def published(self) -> dict[str, Any]:
        """The public key as a JWK."""
        jwk = json.loads(RSAAlgorithm.to_jwk(self._private().public_key()))
        return {"kty": "RSA", "use": "sig", "kid": self.id, "n": jwk["n"], "e": jwk["e"]}

    def _private(self) -> rsa.RSAPrivateKey:
        if self._key is None:
            self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        return self._key

    def _pem(self) -> str:
        return (
            self._private()
            .private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            .decode()
        )
