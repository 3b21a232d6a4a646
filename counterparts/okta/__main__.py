"""An Okta organization: `python -m counterparts.okta --port 8091 --folder DIR --group Staff --group Sales`.

The SSWS token of its administrator is in the environment, COUNTERPART_SECRET; it is what `/__control/…`
takes, too. DIR gets `okta.sqlite` and `requests.jsonl`. With `--search-lag SECONDS` lists of users and groups
see writes that much later, as Okta's index does. Requests are validated against Okta's description below
OFFICEFLOW_VENDOR_SPECS.
"""

from __future__ import annotations

from counterparts import web
from counterparts.journal import Journal
from counterparts.okta.controls import Controls
from counterparts.okta.described import description
from counterparts.okta.seeds import seeds
from counterparts.okta.table import routes
from counterparts.okta.vendor import Okta
from counterparts.vendors.application import VendorApplication
from counterparts.vendors.clock import Clock
from counterparts.vendors.faults import Fault
from counterparts.vendors.server import options, serve
from counterparts.vendors.store import Store
from counterparts.vendors.tokens import Tokens

INDEXED = ("GET /api/v1/users", "GET /api/v1/groups")


def main() -> None:
    parser = options("okta", __doc__)
    parser.add_argument(
        "--group", action="append", default=[], help="a group there from the start; may be repeated"
    )
    parser.add_argument("--search-lag", type=float, default=0.0, help="seconds until lists see a write")
    parser.add_argument("--rate-limit", type=int, default=10_000, help="requests for each route and minute")
    given = parser.parse_args()
    secret = web.secret("COUNTERPART_SECRET")
    store, clock = Store(given.folder / "okta.sqlite"), Clock()
    tokens = Tokens(store, clock)
    okta = Okta(store, clock, tokens, limit=given.rate_limit)
    lag = Fault("lag", times=None, seconds=given.search_lag, seen_by=INDEXED)
    application = VendorApplication(
        "okta",
        description=description(),
        routes=routes(tokens),
        store=store,
        vendor=okta,
        journal=Journal(given.folder / "requests.jsonl"),
        secret=secret,
        seeds=seeds(clock, secret, given.group),
        clock=clock,
        standing=[lag] if given.search_lag else [],
        controls=Controls(okta, clock).by_name(),
    )
    serve(application, given.port)


if __name__ == "__main__":
    main()
