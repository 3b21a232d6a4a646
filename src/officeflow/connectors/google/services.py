"""Google's APIs as its client library makes them of the descriptions in its package. Made once per process.

Building takes a few milliseconds, importing the library a fifth of a second: both happen when an API is used.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

DIRECTORY = "admin.directory_v1"
TRANSFER = "admin.datatransfer_v1"
LICENSING = "licensing.v1"
CLOUD_IDENTITY = "cloudidentity.v1"
HOSTS: Mapping[str, str] = MappingProxyType(
    {
        DIRECTORY: "https://admin.googleapis.com",
        TRANSFER: "https://admin.googleapis.com",
        LICENSING: "https://licensing.googleapis.com",
        CLOUD_IDENTITY: "https://cloudidentity.googleapis.com",
    }
)
"""Where each of them is at Google's."""
MADE = 256
"""Collections that are kept: those of some connections that lead to other places than Google."""

Method = Callable[..., Any]


@functools.lru_cache(maxsize=MADE)
def collection(api: str, name: str, root: str) -> Any:
    """The collection (`users`, `users.aliases`) of the API, whose requests go below `root`."""
    found = _service(api, root)
    for part in name.split("."):
        found = getattr(found, part)()
    return found


@functools.lru_cache(maxsize=MADE)
def _service(api: str, root: str) -> Any:
    from googleapiclient.discovery import build_from_document

    document = json.loads(_document(api))
    document["rootUrl"] = f"{root}/"
    document["baseUrl"] = document["rootUrl"] + document["servicePath"]
    return build_from_document(document, http=_NO_HTTP)


def _document(api: str) -> str:
    from googleapiclient.discovery_cache import DISCOVERY_DOC_DIR

    return Path(DISCOVERY_DOC_DIR, f"{api}.json").read_text(encoding="utf-8")


_NO_HTTP = object()
"""Requests are sent by a transport that each of them is given."""
