"""An OpenID provider (OpenID Connect Core 1.0, the code flow with PKCE) that believes everybody."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "officeflow", "of-secret"
KEY_ID = "key"


class Provider:
    """`people` has the claims of each login; `differs` is what its ID tokens say instead of the truth."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.people: dict[str, dict[str, Any]] = {}
        self.differs: dict[str, Any] = {}
        self.key = rsa.generate_private_key(65537, 2048)
        self.signs_with = self.key
        self._codes: dict[str, dict[str, str]] = {}

    def metadata(self) -> dict[str, Any]:
        places = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        places["end_session_endpoint"] = "end"
        told = {name: f"{self.issuer}/{place}" for name, place in places.items()}
        return {"issuer": self.issuer, "id_token_signing_alg_values_supported": ["RS256"], **told}

    def keys(self) -> dict[str, Any]:
        public = jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {"keys": [{**public, "kid": KEY_ID, "use": "sig", "alg": "RS256"}]}

    def authorized(self, asked: dict[str, str]) -> str:
        """Where the person is sent back to."""
        code = secrets.token_hex(8)
        self._codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, given: Mapping[str, str], authorization: str) -> dict[str, Any] | None:
        asked = self._codes.pop(given["code"])
        digest = hashlib.sha256(given["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if authorization != f"Basic {basic}" or asked["code_challenge"] != challenge:
            return None
        now = int(time.time())
        claims = {"iss": self.issuer, "sub": asked["login"], "aud": CLIENT, "iat": now, "exp": now + 60}
        claims |= {"nonce": asked["nonce"], **self.people[asked["login"]], **self.differs}
        signed = jwt.encode(claims, self.signs_with, algorithm="RS256", headers={"kid": KEY_ID})
        return {"access_token": secrets.token_hex(8), "token_type": "Bearer", "id_token": signed}


class _Handler(BaseHTTPRequestHandler):
    provider: ClassVar[Provider]

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/authorize":
            self.send_response(302)
            self.send_header("Location", self.provider.authorized(dict(parse_qsl(parts.query))))
            self.end_headers()
        else:
            self._tell(self.provider.keys() if parts.path == "/keys" else self.provider.metadata())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        told = self.provider.token(dict(parse_qsl(body)), self.headers.get("Authorization", ""))
        self._tell(told or {"error": "invalid_client"}, 200 if told else 401)

    def _tell(self, told: dict[str, Any], status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(told).encode())

    def log_request(self, *_: Any) -> None:
        """Not to the tests' output."""


@contextmanager
def running() -> Iterator[Provider]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        provider = _Handler.provider = Provider(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield provider
        server.shutdown()
        thread.join()
