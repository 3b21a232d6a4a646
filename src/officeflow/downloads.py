"""What to say where a download fails, and whose certificates it trusts.

Standard library only: the launcher reads this file too.
"""

from __future__ import annotations

from collections.abc import Mapping

NETWORK_SIGNS = ("error sending request", "dns error", "name resolution", "connection refused",
                 "network is unreachable", "timed out",
                 "failed to establish a new connection", "could not connect", "failed to fetch",
                 "connectionerror",
                 "no matching distribution found")  # fmt: skip
TLS_SIGNS = (
    "certificate verify failed",
    "certificate_verify_failed",
    "invalid peer certificate",
    "unknownissuer",
    "self-signed",
)
PROXY_SIGNS = (
    "proxyerror",
    "cannot connect to proxy",
    "proxy authentication required",
    "tunnel error",
    "tunnel connection failed",
)
"""Words of pip, uv and requests, in small letters."""

WAYS_OUT = """\
Behind a proxy, set HTTPS_PROXY=http://HOST:PORT (with a login: http://NAME:PASSWORD@HOST:PORT). Where TLS is
inspected, set SSL_CERT_FILE to the file with your company's certificates. An index of your
own: PIP_INDEX_URL"""


def why_not(printed: str) -> str:
    """What kept a program from the network, by what it printed, and what to do; "" where it was something
    else.
    """
    told = printed.lower()
    if any(sign in told for sign in TLS_SIGNS):
        return f"the server's certificate is not trusted here (is TLS inspected on the way?).\n{WAYS_OUT}"
    if any(sign in told for sign in PROXY_SIGNS):
        return f"the proxy that the environment names does not let us through.\n{WAYS_OUT}"
    if any(sign in told for sign in NETWORK_SIGNS):
        return f"is there a network? The first start needs one, later ones do not.\n{WAYS_OUT}"
    return ""


def trust(environ: Mapping[str, str]) -> dict[str, str]:
    """One of the variables that name certificates is enough: pip and requests read one, uv the other."""
    named = next(
        (environ[name] for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT") if environ.get(name)),
        "",
    )
    return (
        {name: environ.get(name) or named for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")}
        if named
        else {}
    )
