"""How the tests of the connector `entra` open it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from officeflow.connectors.connection import Connection
from officeflow.connectors.families import Family
from officeflow.connectors.families.identity import NewAccount
from officeflow.connectors.opening import open_provider
from tests.connectors.contract import CORRELATION
from tests.counterparts.entra import CLIENT, DOMAIN, TENANT, EntraServer

ANA = NewAccount(
    login=f"ana@{DOMAIN}",
    external_id="1001",
    given_name="Ana",
    family_name="Pérez",
    email=f"ana@{DOMAIN}",
    title="Engineer",
    department="Engineering",
    location="Hall 3",
    phone="+49 30 1234",
    attributes={"usageLocation": "DE", "extensionAttribute3": "blue"},
)
NOBODY = "00000000-0000-4000-8000-000000000000"
EXTRAS = frozenset(
    {
        "timeout", "ca_file", "proxy", "tenant", "login_url", "certificate", "private_key", "identity",
        "mark", "extensions", "settle",
    }
)  # fmt: skip


def connection(server: EntraServer, **changes: Any) -> Connection:
    """Tokens are asked for at the server itself, also where a proxy stands before Graph."""
    usual = {"tenant": TENANT, "login_url": server.url, "settle": 0.4}
    extra = usual | {name: value for name, value in changes.items() if name in EXTRAS}
    return Connection(
        id="acme.entra",
        provider="entra",
        host=changes.get("url", server.url),
        login=changes.get("client_id", CLIENT),
        password=changes.get("password", server.secret),
        extra=extra,
    )


@contextmanager
def opened(server: EntraServer, **changes: Any) -> Iterator[Any]:
    given = connection(server, **changes)
    client = open_provider(
        given,
        correlation_id=CORRELATION,
        family=Family.IDENTITY,
        only_looks=bool(changes.get("only_looks")),
    )
    try:
        yield client
    finally:
        client.close()
