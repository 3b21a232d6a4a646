"""Sends a request to an address that was checked, and to no other."""

from __future__ import annotations

import ssl

import httpx

from officeflow.connectors.egress import Egress
from officeflow.connectors.http_transport import TimedTransport


class CheckedTransport(httpx.BaseTransport):
    """Checks host and address of every request, and connects to the very address that it has checked.

    The name still stands in the Host header and is what the certificate must be for. A connection is used for
    one request: kept ones are known by their address, and another name at the same address would get one that
    was made for somebody else. A proxy is given the checked address too, so names are resolved here in any
    case.
    """

    def __init__(self, egress: Egress, verify: ssl.SSLContext, *, proxy: str | None = None) -> None:
        self._egress = egress
        self._inner = TimedTransport(verify, proxy=proxy, keep=False, limits=egress.limits if proxy else None)

    def close(self) -> None:
        self._inner.close()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """`Rejected` before anything is sent where it may not go there; otherwise what `TimedTransport` gives
        or raises.
        """
        self._egress.check(request.url)
        addresses = self._egress.addresses(request.url)
        for address in addresses[:-1]:
            try:
                return self._inner.handle_request(_pinned(request, address))
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return self._inner.handle_request(_pinned(request, addresses[-1]))


def _pinned(request: httpx.Request, address: str) -> httpx.Request:
    """The same request by way of this address.

    `sni_hostname` is the name that is asked for and checked in TLS.
    """
    extensions = {**request.extensions, "sni_hostname": request.url.raw_host.decode("ascii").rstrip(".")}
    return httpx.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions=extensions,
    )
