"""A fake without its vendor's description refuses what it cannot read in the vendor's own form."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from counterparts.entra import application as entra
from counterparts.google import __main__ as google
from counterparts.google import seeds
from counterparts.google.scopes import USUAL
from counterparts.okta.organization import organization
from counterparts.vendors.tokens import Tokens
from tests.counterparts.entra import CLIENT, TENANT

Made = tuple[Client, str, str, Callable[[Any], object]]
"""The fake, who calls, where accounts are made, and what an answer says of its error."""


def okta(folder: Path) -> Made:
    return (
        Client(organization(folder, "secret")),
        "SSWS secret",
        "/api/v1/users",
        lambda body: body["errorCode"],
    )


def google_workspace(folder: Path) -> Made:
    account = seeds.account(folder, "http://localhost")
    application = google.make(folder, "secret", seeds.Seeds(["acme.example"], [], account))
    [admin] = application.store.all("users")
    tokens = Tokens(application.store, application.clock)
    token = tokens.issue(account["client_email"], USUAL, on_behalf_of=admin["id"])
    return (
        Client(application),
        f"Bearer {token}",
        "/admin/directory/v1/users",
        lambda body: body["error"]["errors"][0]["reason"],
    )


def entra_tenant(folder: Path) -> Made:
    client = Client(entra.make(folder, "secret"))
    form = {
        "grant_type": "client_credentials",
        "client_id": CLIENT,
        "client_secret": "secret",
        "scope": "http://localhost/.default",
    }
    token: Any = client.post(f"/{TENANT}/oauth2/v2.0/token", data=form)
    bearer = f"Bearer {token.json['access_token']}"
    return client, bearer, "/v1.0/users", lambda body: body["error"]["code"]


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (okta, {"E0000003", "E0000001"}),
        (google_workspace, {"invalid"}),
        (entra_tenant, {"BadRequest", "Request_BadRequest"}),
    ],
)
def test_a_body_that_cannot_be_read_is_a_bad_request_and_not_the_fakes_fault(
    make: Callable[[Path], Made], told: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OFFICEFLOW_VENDOR_SPECS", str(tmp_path / "nowhere"))
    monkeypatch.setattr(google, "description", lambda: None)
    client, who, users, code = make(tmp_path)
    for body in (b'{"cut', b"\xff\xfe", b"[" * 100_000, b"[]", b"null"):
        headers = {"Authorization": who, "Content-Type": "application/json"}
        answer: Any = client.post(users, data=body, headers=headers)
        assert answer.status_code == 400, (body[:9], answer.text)
        assert code(answer.json) in told, (body[:9], answer.text)
    journal = (tmp_path / "requests.jsonl").read_text().splitlines()
    problems = {tuple(json.loads(line).get("problems") or ()) for line in journal[-5:]}
    assert problems == {("body: not JSON",), ("body: type object",)}
