"""How the Google Workspace that is played starts, asked in this process."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from counterparts.google import __main__ as google
from counterparts.google import described, seeds
from counterparts.google.scopes import USUAL
from counterparts.vendors.application import VendorApplication
from counterparts.vendors.tokens import Tokens

SECRET = {"Authorization": "Bearer secret"}
USERS = "/admin/directory/v1/users"
NAME = {"givenName": "Ada", "familyName": "Lovelace"}
ADA = {"primaryEmail": "ada@acme.example", "name": NAME, "password": "correct horse"}


def started(folder: Path, *options: Any) -> VendorApplication:
    account = seeds.account(folder, "http://127.0.0.1:1")
    return google.make(folder, "secret", seeds.Seeds(["acme.example"], ["Staff"], account), *options)


def administrator(application: VendorApplication) -> dict[str, str]:
    """The header with a token of the administrator."""
    admin = application.store.all("users")[0]["id"]
    token = Tokens(application.store, application.clock).issue("account", USUAL, on_behalf_of=admin)
    return {"Authorization": f"Bearer {token}"}


def test_without_the_documents_it_runs_and_says_that_nothing_is_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(described, "documents", lambda: None)
    application = started(tmp_path)
    client = Client(application)
    assert client.get("/__control/about", headers=SECRET).get_json()["validation"] is False
    answer = client.post(USERS, json={**ADA, "shoeSize": 44}, headers=administrator(application))
    assert answer.status_code == 200


def test_the_key_stays_the_same_and_is_the_owners_alone(tmp_path: Path) -> None:
    first = seeds.account(tmp_path, "http://127.0.0.1:1")
    second = seeds.account(tmp_path, "http://127.0.0.1:2")
    assert second == {**first, "token_uri": "http://127.0.0.1:2/token"}
    assert stat.S_IMODE((tmp_path / seeds.KEY_FILE).stat().st_mode) == 0o600


def test_with_a_creation_lag_a_new_user_is_not_seen_at_once(tmp_path: Path) -> None:
    application = started(tmp_path, google.lags(3600))
    client, headers = Client(application), administrator(application)
    assert client.post(USERS, json=ADA, headers=headers).status_code == 200
    assert client.get(f"{USERS}/ada@acme.example", headers=headers).status_code == 404
    assert client.post(USERS, json=ADA, headers=headers).status_code == 409
    assert (
        client.put(f"{USERS}/ada@acme.example", json={"suspended": True}, headers=headers).status_code == 200
    )


def test_controls_are_for_who_knows_the_secret(tmp_path: Path) -> None:
    client = Client(started(tmp_path))
    assert client.get("/__control/state").status_code == 401
    assert client.get("/__control/state", headers=SECRET).get_json()["customer"]["customer"]["id"]
