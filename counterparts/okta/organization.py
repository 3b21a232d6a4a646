"""The organization as a WSGI application."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from counterparts.journal import Journal
from counterparts.okta.controls import Controls
from counterparts.okta.described import description
from counterparts.okta.seeds import seeds
from counterparts.okta.table import routes
from counterparts.okta.vendor import Okta
from counterparts.vendors.application import VendorApplication
from counterparts.vendors.clock import Clock
from counterparts.vendors.faults import Fault
from counterparts.vendors.store import Store
from counterparts.vendors.tokens import Tokens

INDEXED = ("GET /api/v1/users", "GET /api/v1/groups")


def organization(
    folder: Path,
    secret: str,
    *,
    groups: Sequence[str] = (),
    applications: Sequence[str] = (),
    search_lag: float = 0.0,
    rate_limit: int = 10_000,
) -> VendorApplication:
    """`folder` gets `okta.sqlite` and `requests.jsonl`; `search_lag` is in seconds, `rate_limit` for each
    route and minute.
    """
    store, clock = Store(folder / "okta.sqlite"), Clock()
    tokens = Tokens(store, clock)
    okta = Okta(store, clock, tokens, limit=rate_limit)
    lag = Fault("lag", times=None, seconds=search_lag, seen_by=INDEXED)
    return VendorApplication(
        "okta",
        description=description(),
        routes=routes(tokens),
        store=store,
        vendor=okta,
        journal=Journal(folder / "requests.jsonl", synced=False),
        secret=secret,
        seeds=seeds(clock, secret, groups, applications),
        clock=clock,
        standing=[lag] if search_lag else [],
        controls=Controls(okta, clock).by_name(),
    )
