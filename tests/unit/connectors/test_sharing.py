"""Two organizations at one directory: told, unless something keeps them apart."""

from __future__ import annotations

from typing import Any

import pytest

from officeflow.connectors.connection import Connection
from officeflow.connectors.sharing import shares_with


def directory(
    org: str, host: str = "https://id.example.com/scim/v2", provider: str = "scim", **extra: Any
) -> Connection:
    return Connection(id=f"{org}.directory", provider=provider, host=host, extra=extra)


@pytest.mark.parametrize(
    "host",
    ["https://id.example.com/scim/v2", "ID.example.com/scim/v2/", "https://id.example.com:443/scim/v2"],
)
def test_two_organizations_at_one_directory_are_told(host: str) -> None:
    assert shares_with(directory("acme"), [directory("globex", host)]) == ["globex.directory"]


@pytest.mark.parametrize(
    "other",
    [
        directory("acme"),
        directory("globex", mark="globex"),
        directory("globex", shared="no"),
        directory("globex", "https://id.example.com/scim/globex"),
        directory("globex", "https://id.example.com:8443/scim/v2"),
        directory("globex", provider="http"),
    ],
    ids=["same organization", "marked", "separate by token", "another path", "another port", "no directory"],
)
def test_what_is_kept_apart_is_not(other: Connection) -> None:
    assert shares_with(directory("acme"), [other]) == []


def test_where_one_address_has_many_directories_the_fields_say_which() -> None:
    tenants = "7d5f4a9e-0c1b-4d8e-9a63-2f1e6b7c8d90", "1c6f4a9e-0c1b-4d8e-9a63-2f1e6b7c8d91"
    mine = directory("acme", "", "entra", tenant=tenants[0])
    same = directory("globex", "https://graph.microsoft.com", "entra", tenant=tenants[0].upper())
    other = directory("initech", "", "entra", tenant=tenants[1])
    assert shares_with(mine, [same, other]) == ["globex.directory"]


def test_where_a_connection_leaves_open_which_directory_it_is_it_may_be_the_same() -> None:
    """Google's address is everybody's, and its customer need not be named."""
    mine = directory("acme", "", "google", customer="C03az79cb")
    open_, url = directory("globex", "", "google"), directory("hooli", "https://gate.example", "google")
    other = directory("initech", "", "google", customer="C0initech")
    assert shares_with(mine, [open_, url, other]) == ["globex.directory"]
    assert shares_with(open_, [mine, url, other]) == ["acme.directory", "initech.directory"]
    assert shares_with(open_, [directory("initech", "", "google", shared="no")]) == []
    assert shares_with(open_, [directory("initech", "", "google")]) == ["initech.directory"]


def test_two_with_one_mark_share_all_the_same() -> None:
    assert shares_with(directory("acme", mark="x"), [directory("globex", mark="x")]) == ["globex.directory"]


def test_two_realms_of_one_keycloak_are_two_directories() -> None:
    realms = [
        Connection(id=f"{org}.id", provider="keycloak", host="https://id.example.com", schema=realm)
        for org, realm in (("acme", "acme"), ("globex", "globex"), ("initech", "acme"))
    ]
    assert shares_with(realms[0], realms) == ["initech.id"]


@pytest.mark.parametrize("port", [None, 389, 636])
def test_a_directory_over_ldap_is_one_at_all_its_ports(port: int | None) -> None:
    ours = Connection(id="acme.ad", provider="active_directory", host="dc1.example.com")
    theirs = Connection(id="globex.ldap", provider="ldap", host="DC1.example.com.", port=port)
    assert shares_with(ours, [theirs]) == ["globex.ldap"]
    other = Connection(id="globex.ldap", provider="ldap", host="dc2.example.com")
    assert shares_with(ours, [other]) == []
