"""The customer: the account that owns the domains."""

from __future__ import annotations

from typing import Any

from counterparts.google import ids
from counterparts.google.failures import not_found, refused
from counterparts.vendors.routes import Request, Response, answer
from counterparts.vendors.store import Document, Store


def the(store: Store) -> Document:
    found = store.get("customer", "customer")
    if found is None:
        raise LookupError("the seeds have a customer")
    return found


def require(store: Store, key: str) -> None:
    """`my_customer` and the customer's id name it; no other is ours. Raises `Refused`."""
    if key.removeprefix("customers/") not in {"my_customer", the(store)["id"]}:
        raise refused(403)


def get(request: Request, store: Store, customer_key: str) -> Response:
    del request
    require(store, customer_key)
    shown = {"kind": "admin#directory#customer", **the(store)}
    return answer({**shown, "etag": ids.etag(shown)})


def list_domains(request: Request, store: Store, customer: str) -> Response:
    del request
    require(store, customer)
    return answer(
        {"kind": "admin#directory#domains", "domains": [_view(each) for each in store.all("domains")]}
    )


def get_domain(request: Request, store: Store, customer: str, domain_name: str) -> Response:
    del request
    require(store, customer)
    found = store.get("domains", domain_name.lower())
    if found is None:
        raise not_found("domain")
    return answer(_view(found))


def _view(domain: Document) -> dict[str, Any]:
    shown = {"kind": "admin#directory#domain", **domain}
    return {**shown, "etag": ids.etag(shown)}
