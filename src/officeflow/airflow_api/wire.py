"""How Airflow's REST API is talked to: connections, signing in, pages of lists."""

from __future__ import annotations

import math
import ssl
import sys
import threading
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self, cast
from urllib.parse import quote

import httpx

from officeflow.airflow_api.errors import from_response, from_transport

PAGE = 100
"""Airflow's `[api] maximum_page_limit` unless configured otherwise."""

FRESH_SECONDS = 60.0


def path_to(*parts: object) -> str:
    """Each part is one segment, whatever it is."""
    return "/api/v2/" + "/".join(_segment(str(part)) for part in parts)


def _segment(text: str) -> str:
    quoted = quote(text, safe="~")
    return quoted.replace(".", "%2E") if quoted in {".", ".."} else quoted


class Wire:
    """Sends under one login, and signs in when that is needed."""

    def __init__(self, url: str, username: str, password: str, *, timeout: float = 30.0) -> None:
        limits = httpx.Limits(max_connections=32, max_keepalive_connections=32, keepalive_expiry=4.0)
        waits = httpx.Timeout(timeout, connect=5.0)
        self._client = httpx.Client(
            base_url=url.rstrip("/"), timeout=waits, limits=limits, trust_env=False, verify=_trust(url)
        )
        self._account = ""
        self._login = {"username": username, "password": password}
        self._token = ""
        self._signed_in = -math.inf
        self._token_lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._client.close()

    def _get(self, path: str, **params: object) -> dict[str, Any]:
        return cast("dict[str, Any]", self._call("GET", path, params=params).json())

    def _pages(self, path: str, key: str, filters: Mapping[str, Any]) -> list[Any]:
        limit = filters.get("limit", sys.maxsize)
        found: list[Any] = []
        while len(found) < limit:
            size = min(PAGE, limit - len(found))
            items = self._get(path, **{**filters, "limit": size, "offset": len(found)})[key]
            found += items
            if len(items) < size:
                break
        return found

    def _call(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Send with the token that we have; where Airflow no longer takes it, sign in once more and
        repeat.
        """
        token = self._token or self._sign_in(stale="")
        response = self._send(method, path, token=token, **request)
        if self._may_be_stale(response):
            response = self._send(method, path, token=self._sign_in(stale=token), **request)
        if response.is_error:
            raise from_response(response)
        return response

    def _may_be_stale(self, response: httpx.Response) -> bool:
        """401: the token has expired. 403: the account may not do this, or Airflow's JWT secret is another
        one since.
        """
        fresh = time.monotonic() - self._signed_in < FRESH_SECONDS
        return response.status_code == 401 or (response.status_code == 403 and not fresh)

    def _sign_in(self, *, stale: str) -> str:
        """A token other than `stale`; when several threads ask at once, the first one signs in for all."""
        with self._token_lock:
            if self._token == stale:
                response = self._send("POST", "/auth/token", token="", json=self._login)
                if response.is_error:
                    raise from_response(response)
                self._token = response.json()["access_token"]
                self._signed_in = time.monotonic()
            return self._token

    def _send(self, method: str, path: str, *, token: str, **request: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            try:
                return self._client.request(method, path, headers=headers, **request)
            except httpx.RemoteProtocolError:
                # The server closed a kept-alive connection at the same moment; every call of ours may be
                # repeated.
                return self._client.request(method, path, headers=headers, **request)
        except httpx.HTTPError as error:
            raise from_transport(error) from error


def _trust(url: str) -> ssl.SSLContext | bool:
    """The machine's authorities; none where the address has no TLS: reading them takes longer than a call."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if url.startswith("http://") else True
