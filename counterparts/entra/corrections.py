"""Where the description at hand is narrower than the service that it describes.

It was made from the service's metadata, which say nothing of paging tokens, of bindings in a body, of what a
list of several types may be asked for, and of directory extensions.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from counterparts.entra.schema.types import EXTENSION
from counterparts.vendors.description import Seen
from counterparts.vendors.openapi import OpenApi

Json = dict[str, Any]
_TEXT: Json = {"type": "string"}
BINDINGS = {
    "microsoft.graph.user-create": {"manager@odata.bind": _TEXT},
    "microsoft.graph.user-update": {"manager@odata.bind": _TEXT},
    "microsoft.graph.group-create": {
        "members@odata.bind": {"type": "array", "items": _TEXT},
        "owners@odata.bind": {"type": "array", "items": _TEXT},
    },
    "microsoft.graph.group-update": {"members@odata.bind": {"type": "array", "items": _TEXT}},
}
DELTA = ("$select", "$filter", "$expand", "$top", "$deltatoken", "$skiptoken")


def take_bindings(document: Json) -> None:
    """https://learn.microsoft.com/graph/api/group-post-members."""
    for name, properties in BINDINGS.items():
        document["components"]["schemas"][name]["properties"] |= properties


def take_paging(document: Json) -> None:
    """https://learn.microsoft.com/graph/paging."""
    for item in document["paths"].values():
        parameters = item.get("get", {}).get("parameters", [])
        if any(each.get("$ref", "").endswith("/top") for each in parameters):
            parameters.append({"name": "$skiptoken", "in": "query", "schema": _TEXT})


def take_delta(document: Json) -> None:
    """https://learn.microsoft.com/graph/delta-query-overview."""
    for path in ("/users/delta()", "/groups/delta()"):
        document["paths"][path]["get"]["parameters"] = [
            {"name": name, "in": "query", "schema": _TEXT} for name in DELTA
        ]


def open_selections(document: Json) -> None:
    """Objects of several types, and navigation with options of its own, are more than the names listed."""
    for item in document["paths"].values():
        for each in item.get("get", {}).get("parameters", []):
            if each.get("name") in {"$select", "$expand", "$orderby"}:
                each["schema"] = {"type": "array", "items": _TEXT}


def take_count(document: Json) -> None:
    """https://learn.microsoft.com/graph/aad-advanced-queries, on objects and lists that do not name it."""
    for path in ("/users/{id}", "/groups/{id}", "/users/{id}/manager"):
        document["paths"][path]["get"]["parameters"].append(
            {"name": "$count", "in": "query", "schema": {"type": "boolean"}}
        )
    document["paths"]["/users/{id}/manager"]["get"]["parameters"].append(
        {"name": "$expand", "in": "query", "schema": _TEXT}
    )


def take_accepted(document: Json) -> None:
    """A group's licences come to its members later: https://learn.microsoft.com/graph/api/group-assignlicense."""
    answers = document["paths"]["/groups/{id}/assignLicense"]["post"]["responses"]
    answers["202"] = answers["200"]


CORRECTIONS: tuple[Callable[[Json], None], ...] = (
    take_bindings,
    take_paging,
    take_delta,
    open_selections,
    take_count,
    take_accepted,
)


class GraphDescription(OpenApi):
    """Directory extensions are properties that the tenant has made, and that no description names."""

    def problems(self, request: Seen) -> list[str]:
        return super().problems(_without_extensions(request))


def _without_extensions(request: Seen) -> Seen:
    if b"extension_" not in request.body:
        return request
    try:
        body = json.loads(request.body)
    except ValueError:
        return request
    if not isinstance(body, dict):
        return request
    rest = {name: value for name, value in body.items() if not EXTENSION.fullmatch(name)}
    return replace(request, body=json.dumps(rest).encode())
