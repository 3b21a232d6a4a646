"""An Okta organization: `python -m counterparts.okta --port 8091 --folder DIR --group Staff --group Sales`.

The SSWS token of its administrator is in the environment, COUNTERPART_SECRET; it is what `/__control/…`
takes, too. DIR gets `okta.sqlite` and `requests.jsonl`. With `--search-lag SECONDS` lists of users and groups
see writes that much later, as Okta's index does. Requests are validated against Okta's description below
OFFICEFLOW_VENDOR_SPECS.
"""

from __future__ import annotations

from counterparts import web
from counterparts.okta.organization import organization
from counterparts.vendors.server import options, serve


def main() -> None:
    parser = options("okta", __doc__)
    parser.add_argument("--group", action="append", default=[], help="one from the start; may be repeated")
    parser.add_argument(
        "--application", action="append", default=[], help="a bookmark from the start; may be repeated"
    )
    parser.add_argument("--search-lag", type=float, default=0.0, help="seconds until lists see a write")
    parser.add_argument("--rate-limit", type=int, default=10_000, help="requests for each route and minute")
    given = parser.parse_args()
    application = organization(
        given.folder,
        web.secret("COUNTERPART_SECRET"),
        groups=given.group,
        applications=given.application,
        search_lag=given.search_lag,
        rate_limit=given.rate_limit,
    )
    serve(application, given.port)


if __name__ == "__main__":
    main()
