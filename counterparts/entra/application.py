"""The fake as a WSGI application."""

from __future__ import annotations

from pathlib import Path

from counterparts.entra.controls import controls
from counterparts.entra.corrections import CORRECTIONS, GraphDescription
from counterparts.entra.graph import batch
from counterparts.entra.routes import BASE, routes
from counterparts.entra.seeds import seeds
from counterparts.entra.tenant import Tenant
from counterparts.entra.vendor import Microsoft
from counterparts.journal import Journal
from counterparts.vendors import description
from counterparts.vendors.application import VendorApplication
from counterparts.vendors.store import Store

DESCRIPTION = Path("msgraph", "msgraph-v1.0-hrit.openapi3.json")


def described() -> GraphDescription | None:
    path = description.folder() / DESCRIPTION
    return GraphDescription(path, CORRECTIONS, base=BASE) if path.exists() else None


def make(folder: Path, secret: str) -> VendorApplication:
    """`secret` is the control interface's, and that of the applications that are there at the start."""
    tenant = Tenant()
    store = Store(folder / "entra.sqlite")
    if not store.empty:
        with store.transaction():
            tenant.key.keep(store)
    inside = batch.Inside()
    application = VendorApplication(
        "entra",
        description=described(),
        routes=routes(tenant, inside),
        store=store,
        vendor=Microsoft(tenant),
        journal=Journal(folder / "requests.jsonl"),
        secret=secret,
        seeds=lambda store: seeds(store, tenant, secret),
        clock=tenant.clock,
        controls=controls(tenant),
    )
    inside.application = application
    return application
