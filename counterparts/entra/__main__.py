"""A Microsoft 365 / Entra ID tenant: `python -m counterparts.entra --port 8093 --folder DIR`.

Microsoft Graph is under `/v1.0`, the token endpoint at `/{tenant}/oauth2/v2.0/token`; the tenant's names are
its id, `acme.example` and `acme.onmicrosoft.com`. The secret in the environment, COUNTERPART_SECRET, is that
of the control interface and of the two applications that are there at the start (`seeds`). DIR gets
`entra.sqlite` and `requests.jsonl`. Microsoft's own clients ask for tokens over TLS alone:
`--certificate FILE`.
"""

from __future__ import annotations

from counterparts import web
from counterparts.entra.application import make
from counterparts.vendors import server


def main() -> None:
    options = server.options("entra", __doc__).parse_args()
    server.serve(make(options.folder, web.secret("COUNTERPART_SECRET")), options.port, options.certificate)


if __name__ == "__main__":
    main()
