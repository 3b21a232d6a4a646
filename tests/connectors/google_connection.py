"""A connection to the Google Workspace that is played, and people for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from officeflow.connectors import tokens
from officeflow.connectors.connection import Connection
from officeflow.connectors.families import Family
from officeflow.connectors.families.identity import NewAccount
from officeflow.connectors.opening import open_provider
from tests.counterparts.google import GoogleWorkspace

ANA = NewAccount(
    login="ana@acme.example",
    external_id="1001",
    given_name="Ana",
    family_name="Pérez",
    title="Engineer",
    department="Engineering",
    location="Lisbon",
    phone="+351 21 000",
    email="ana@private.example",
    attributes={"costCenter": "CC-7", "mobile": "+351 91 000"},
)
BO = NewAccount(login="bo@acme.example", external_id="1002", given_name="Bo", family_name="Li")
EXTRA = ("timeout", "customer", "identity", "mark", "licences", "settle", "ca_file", "proxy")
SETTLE = "0.3"
"""Seconds that are waited where something never shows."""


def connection(server: GoogleWorkspace, **changes: Any) -> Connection:
    given = {"settle": SETTLE, "licences": "Google-Apps/1010020028, Google Vault", **changes}
    return Connection(
        id="acme.google",
        provider="google",
        host=given.get("url", server.url),
        login=given.get("admin", server.admin),
        password=given.get("password", json.dumps(server.key)),
        extra={name: given[name] for name in EXTRA if name in given},
    )


@contextmanager
def begun(server: GoogleWorkspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[GoogleWorkspace]:
    """The server that knows no token of another test's, and in the end has seen no request that Google's own
    description does not allow.
    """
    monkeypatch.setattr(tokens, "_kept", {})
    yield server
    assert server.problems() == []


@contextmanager
def opened(server: GoogleWorkspace, **changes: Any) -> Iterator[Any]:
    client = open_provider(connection(server, **changes), correlation_id="corr-4711", family=Family.IDENTITY)
    try:
        yield client
    finally:
        client.close()
