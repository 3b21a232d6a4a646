"""Keycloak's admin API, as far as seeding needs it."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
SECONDS = 60


class Refused(Exception):
    """`status` is what Keycloak answered; the text has its reason, and nothing that it was sent."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{status} {reason}")
        self.status = status


class Admin:
    """A service account of the realm `master`. Making one signs in; `Refused` says that it may not."""

    def __init__(self, url: str, client: str, secret: str) -> None:
        self._url = url
        form = {"grant_type": "client_credentials", "client_id": client, "client_secret": secret}
        place = f"{url}/realms/master/protocol/openid-connect/token"
        request = urllib.request.Request(place, data=urllib.parse.urlencode(form).encode())  # noqa: S310 - of loopback
        self._token = _answer(request)["access_token"]

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """What `path` below `/admin/realms` answers, as an object; None where it answers nothing."""
        request = urllib.request.Request(  # noqa: S310 - of loopback
            f"{self._url}/admin/realms{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"},
        )
        return _answer(request)

    def client(self, realm: str, client_id: str) -> dict[str, Any]:
        (found,) = self.call("GET", f"/{realm}/clients?clientId={urllib.parse.quote(client_id)}")
        client: dict[str, Any] = found
        return client

    def set_secret(self, realm: str, client_id: str, secret: str) -> None:
        """Of a client that is there; nothing is written where it has this secret already."""
        client = self.client(realm, client_id)
        if client.get("secret") != secret:
            self.call("PUT", f"/{realm}/clients/{client['id']}", {**client, "secret": secret})


def _answer(request: urllib.request.Request) -> Any:
    try:
        with _DIRECT.open(request, timeout=SECONDS) as answer:
            return json.loads(answer.read() or "null")
    except urllib.error.HTTPError as error:
        raise Refused(error.code, error.read(2000).decode(errors="replace")) from error
