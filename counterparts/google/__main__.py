"""Google Workspace: `python -m counterparts.google --port 8093 --folder DIR --domain acme.example`.

The Directory, Data Transfer, Licensing, Groups Settings and Cloud Identity APIs under one address, which
takes the place of each API's own host, with the token endpoint at `/token`. DIR gets `service-account.json`
(the key of a service account with domain-wide delegation), `google.sqlite` and `requests.jsonl`. The
counterpart's secret, for `/__control/`, is in the environment, COUNTERPART_SECRET. The administrator to act
for is `admin@` the domain.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from counterparts import web
from counterparts.google import crowd, licensing, mobile, security, seeds, sign_ins, token
from counterparts.google.described import description
from counterparts.google.routes import routes
from counterparts.google.vendor import Google
from counterparts.journal import Journal
from counterparts.vendors.application import VendorApplication
from counterparts.vendors.clock import Clock
from counterparts.vendors.faults import Fault
from counterparts.vendors.server import options, serve
from counterparts.vendors.store import Store

CREATION = "/admin/directory/v1/users"
SEEN_BY = (f"GET {CREATION}", f"GET {CREATION}/{{userKey}}")


def make(folder: Path, secret: str, start: seeds.Seeds, standing: Iterable[Fault] = ()) -> VendorApplication:
    store, clock = Store(folder / "google.sqlite"), Clock()
    application = VendorApplication(
        "google",
        description=description(),
        routes=routes(lambda: application),
        store=store,
        vendor=Google(store, clock),
        journal=Journal(folder / "requests.jsonl"),
        secret=secret,
        seeds=start.fill,
        clock=clock,
        standing=standing,
        controls={
            "delegation": token.delegate,
            "crowd": crowd.bring,
            "let_in": security.let_in,
            "mobile_device": mobile.bring,
            "seats": licensing.set_seats,
            "sign_in": sign_ins.sign_in,
        },
    )
    return application


def lags(seconds: float) -> list[Fault]:
    """With which a new user is seen that much later by those who read."""
    lag = Fault("lag", "POST", CREATION, times=None, seconds=seconds, seen_by=SEEN_BY)
    return [lag] if seconds else []


def main() -> None:
    parser = options("google", __doc__)
    parser.add_argument(
        "--domain", action="append", required=True, help="the customer's; the first is the primary one"
    )
    parser.add_argument("--group", action="append", default=[], help="a group that exists from the start")
    parser.add_argument(
        "--creation-lag", type=float, default=0.0, help="seconds until a new user is seen by those who read"
    )
    given = parser.parse_args()
    account = seeds.account(given.folder, f"http://{web.HOST}:{given.port}")
    application = make(
        given.folder,
        web.secret("COUNTERPART_SECRET"),
        seeds.Seeds(given.domain, given.group, account),
        lags(given.creation_lag),
    )
    serve(application, given.port, given.certificate)


if __name__ == "__main__":
    main()
