"""The system query options of one request, checked against the resource type that it asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from counterparts.entra.errors import GraphError, bad_request, malformed, unsupported_query
from counterparts.entra.odata import expand as expanding
from counterparts.entra.odata import search as searching
from counterparts.entra.odata.expand import Expand
from counterparts.entra.odata.filter import Filter
from counterparts.entra.odata.search import Search
from counterparts.entra.schema.types import EXTENSION, ResourceType

PAGE = 100
LARGEST_PAGE = 999
KNOWN = frozenset({"$select", "$filter", "$top", "$count", "$search", "$expand", "$orderby", "$skiptoken"})
EXPANDS = {
    "user": frozenset({"manager", "directReports", "memberOf", "transitiveMemberOf", "appRoleAssignments"}),
    "group": frozenset({"members", "owners"}),
    "application": frozenset({"extensionProperties", "owners"}),
    "servicePrincipal": frozenset({"appRoleAssignments", "appRoleAssignedTo"}),
}


@dataclass(frozen=True, slots=True)
class Query:
    """`given` are the options as they came, for links to further pages; `eventual` is the client's
    `ConsistencyLevel: eventual`, `advanced` that together with `$count=true`.
    """

    resource: ResourceType
    given: tuple[tuple[str, str], ...] = ()
    select: tuple[str, ...] = ()
    filter: Filter | None = None
    search: Search | None = None
    expand: Expand | None = None
    order: tuple[tuple[str, bool], ...] = ()
    top: int = PAGE
    skiptoken: str = ""
    eventual: bool = False
    counts: bool = False

    @property
    def advanced(self) -> bool:
        return self.eventual and self.counts

    def chosen(self, documents: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Those that filter and search let through, in the order asked for."""
        found = [each for each in documents if self._fits(each)]
        for name, descending in reversed(self.order):
            found.sort(key=_by(name), reverse=descending)
        return found

    def _fits(self, document: Mapping[str, Any]) -> bool:
        return (self.filter is None or self.filter.matches(document)) and (
            self.search is None or self.search.matches(document)
        )


def parse(
    given: Iterable[tuple[str, str]],
    headers: Mapping[str, str],
    resource: ResourceType,
    *,
    single: bool = False,
) -> Query:
    """Raises the vendor's 400. `single`: of one object, which takes `$select` and `$expand` alone."""
    options = _options(tuple(given), single=single)
    eventual = headers.get("consistencylevel", "").lower() == "eventual"
    query = Query(
        resource=resource,
        given=tuple((name, value) for name, value in given if name != "$skiptoken"),
        select=_select(options.get("$select", ""), resource),
        filter=Filter(options["$filter"], resource) if options.get("$filter") else None,
        search=_search(options.get("$search", ""), resource, eventual=eventual),
        expand=_expand(options.get("$expand", ""), resource),
        order=tuple(_order(options.get("$orderby", ""), resource)),
        top=_top(options.get("$top", "")),
        skiptoken=options.get("$skiptoken", ""),
        eventual=eventual,
        counts=_flag(options.get("$count", "")),
    )
    _require_support(query)
    return query


def _options(given: tuple[tuple[str, str], ...], *, single: bool) -> dict[str, str]:
    options: dict[str, str] = {}
    for name, value in given:
        if name == "$skip":
            raise bad_request("'$skip' is not supported by the service.")
        if name.startswith("$") and name not in KNOWN:
            raise malformed(f"The query parameter '{name}' is not supported.")
        if name in options:
            raise malformed(
                f"Query option '{name}' was specified more than once, but it must be specified at most once."
            )
        options[name] = value
    if single and (surplus := set(options) & (KNOWN - {"$select", "$expand", "$count"})):
        raise bad_request(f"The query parameter '{min(surplus)}' is not supported for a single object.")
    return options


def _require_support(query: Query) -> None:
    if query.filter is not None:
        query.filter.require_support(advanced=query.advanced)
    if query.filter is not None and query.order and not query.advanced:
        raise unsupported_query("Sorting not supported for current query.")


def _select(text: str, resource: ResourceType) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    for name in names:
        top = name.partition("/")[0]
        if name != "*" and top not in resource.properties and not EXTENSION.fullmatch(top):
            raise malformed(
                "Parsing OData Select and Expand failed: Could not find a property named"
                f" '{name}' on type '{resource.cast}'."
            )
    return names


def _search(text: str, resource: ResourceType, *, eventual: bool) -> Search | None:
    if not text:
        return None
    if not eventual:
        raise unsupported_query(
            "Request with $search query parameter only works through MSGraph with a special request header:"
            " 'ConsistencyLevel: eventual'"
        )
    return searching.parse(text, resource)


def _expand(text: str, resource: ResourceType) -> Expand | None:
    if not text:
        return None
    return expanding.parse(text, EXPANDS.get(resource.kind, frozenset()), resource.cast)


def _order(text: str, resource: ResourceType) -> Iterable[tuple[str, bool]]:
    for part in filter(None, (each.strip() for each in text.split(","))):
        name, _, direction = part.partition(" ")
        if name not in resource.properties or direction.strip() not in {"", "asc", "desc"}:
            raise malformed(f"Invalid orderby clause: '{part}'.")
        if name not in {"displayName", "userPrincipalName", "createdDateTime"}:
            raise unsupported_query(f"Sorting by '{name}' is not supported.")
        yield name, direction.strip() == "desc"


def _top(text: str) -> int:
    if not text:
        return PAGE
    if not text.lstrip("-").isdecimal():
        raise malformed(f"Invalid value '{text}' for $top query option found.")
    if not 1 <= int(text) <= LARGEST_PAGE:
        raise unsupported_query(
            f"Invalid page size specified: '{text}'. Must be between 1 and {LARGEST_PAGE} inclusive."
        )
    return int(text)


def _flag(text: str) -> bool:
    if text not in {"", "true", "false"}:
        raise malformed(f"Invalid value '{text}' for $count query option found.")
    return text == "true"


def _by(name: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda document: str(document.get(name) or "").casefold()


def expired_page_token() -> GraphError:
    return GraphError(
        400,
        "Directory_ExpiredPageToken",
        "The specified page token value has expired and can no longer be included in your request.",
    )
