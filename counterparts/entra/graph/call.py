"""One call of Microsoft Graph: what comes in, and answers in OData's form."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from counterparts.entra.errors import GraphError, unsupported_query
from counterparts.entra.graph import directory, pages
from counterparts.entra.graph.presenting import presented
from counterparts.entra.odata import query as queries
from counterparts.entra.odata.query import Query
from counterparts.entra.schema.types import ResourceType
from counterparts.entra.tenant import Tenant
from counterparts.vendors.routes import Handler, Refused, Request, Response, answer
from counterparts.vendors.store import Store

MEDIA_TYPE = (
    "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
)
Document = Mapping[str, Any]
Act = Callable[..., Response]
"""`(call, **path)`."""


@dataclass(frozen=True)
class Call:
    tenant: Tenant
    request: Request
    store: Store

    @property
    def body(self) -> Any:
        """The JSON object that was sent; an empty one where nothing was."""
        return self.request.json

    @property
    def base(self) -> str:
        return f"{self.request.base}/v1.0"

    @property
    def caller(self) -> str:
        """The application id of who calls."""
        return self.request.principal.subject if self.request.principal else ""

    def may(self, *permissions: str) -> bool:
        return self.request.principal is not None and bool(
            self.request.principal.scopes & frozenset(permissions)
        )

    def query(self, resource: ResourceType, *, single: bool = False) -> Query:
        return queries.parse(self.request.seen.query, self.request.seen.headers, resource, single=single)

    def one(self, resource: ResourceType, document: Document, *, context: str = "") -> Response:
        """The object as the client wants to see it."""
        asked = self.query(resource, single=True)
        shown = presented(self.store, document, resource, asked)
        picked = f"({','.join(asked.select)})" if asked.select else ""
        place = context or f"{resource.collection}{picked}/$entity"
        return odata({"@odata.context": f"{self.base}/$metadata#{place}", **shown})

    def many(
        self,
        documents: Iterable[Document],
        resource: ResourceType,
        *,
        context: str = "",
        typed: bool = False,
        linked: bool = False,
    ) -> Response:
        """A page of those that the query lets through; `typed` says of each what it is. What is `linked` to
        an object is filtered and ordered by advanced queries alone.
        """
        asked = self.query(resource)
        if linked and (asked.filter or asked.order) and not asked.advanced:
            raise unsupported_query()
        return self.page(asked, asked.chosen(documents), context=context, typed=typed)

    def page(
        self, asked: Query, found: list[Document], *, context: str = "", typed: bool = False
    ) -> Response:
        page = pages.cut(asked, found, f"{self.request.base}{self.request.seen.path}", self.request.told)
        picked = f"({','.join(asked.select)})" if asked.select else ""
        shown: dict[str, Any] = {
            "@odata.context": f"{self.base}/$metadata#{context or asked.resource.collection + picked}"
        }
        if asked.counts and asked.eventual:
            shown["@odata.count"] = len(found)
        if page.link:
            shown["@odata.nextLink"] = page.link
        shown["value"] = [self._shown(each, asked, typed=typed) for each in page.documents]
        return odata(shown)

    def _shown(self, document: Document, asked: Query, *, typed: bool) -> dict[str, Any]:
        resource = directory.resource_of(document) if typed else asked.resource
        shown = presented(self.store, document, resource or asked.resource, asked)
        kind = {"@odata.type": f"#{resource.cast}"} if typed and resource else {}
        return {**kind, **shown}


def odata(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    response = answer(value, status, headers)
    if value is not None:
        response.headers["Content-Type"] = MEDIA_TYPE
        response.headers["OData-Version"] = "4.0"
    return response


def refusal(error: GraphError) -> Response:
    """Its `innerError` is filled in when the answer leaves (`vendor`)."""
    return odata(error.body({}), error.status, error.headers)


def nothing() -> Response:
    return answer(None, 204)


def handler(tenant: Tenant, act: Act) -> Handler:
    """`act` as the route's handler; what it raises becomes the vendor's answer, with nothing changed."""

    def handle(request: Request, store: Store, **path: Any) -> Response:
        try:
            return act(Call(tenant, request, store), **path)
        except GraphError as error:
            raise Refused(refusal(error)) from error

    return handle
