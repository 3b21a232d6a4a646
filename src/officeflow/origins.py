"""Whose page sends a request, as browsers tell it.

A browser adds its cookies whichever page makes it send something. `Sec-Fetch-Site` says how the address of
that page and the one it sends to belong together, and no page can write it. Browsers leave it out where the
address is neither https nor this machine's, and those from before 2023 everywhere: these name the page's
origin alone, with what may change something.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from urllib.parse import urlsplit

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""

OF_OURS = frozenset({"same-origin", "none"})
"""What `Sec-Fetch-Site` is for a page of ours, and for what people do by themselves, such as a reload."""

USUAL_PORTS = {"http": ":80", "https": ":443"}


class Sender(StrEnum):
    OWN = "own"
    FOREIGN = "foreign"
    UNTOLD = "untold"
    """Nothing was said: by a program, a very old browser, or a page that tells nobody its address."""


def sender(site: str, origin: str, own: Collection[str]) -> Sender:
    """By the header fields `Sec-Fetch-Site` and `Origin`, "" where there is none, and our own origins."""
    if site:
        return Sender.OWN if site.lower() in OF_OURS else Sender.FOREIGN
    if origin in {"", "null"}:
        return Sender.UNTOLD
    return Sender.OWN if origin_of(origin) in own else Sender.FOREIGN


def own_origins(scheme: str, host: str, *addresses: str) -> frozenset[str]:
    """By how a request was sent (its scheme, and the header field `Host`), and the addresses under which
    browsers find us, where a proxy sends another one on.
    """
    return frozenset(map(origin_of, (f"{scheme}://{host}", *addresses))) - {""}


def origin_of(address: str) -> str:
    """`https://host:port` as browsers write it, without the scheme's usual port; "" for no address of the
    web.
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    scheme, place = parts.scheme.lower(), parts.netloc.rpartition("@")[2].lower()
    if scheme not in USUAL_PORTS or not place:
        return ""
    return f"{scheme}://{place.removesuffix(USUAL_PORTS[scheme])}"
