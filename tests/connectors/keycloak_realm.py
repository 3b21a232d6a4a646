"""What the tests of the Keycloak connector share: connections, and a realm that is otherwise for a while."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from officeflow.connectors.connection import Connection
from officeflow.connectors.families.identity import NewAccount
from officeflow.connectors.keycloak.client import KeycloakProvider
from officeflow.connectors.opening import open_provider
from tests.counterparts.keycloak import KeycloakServer
from tests.counterparts.process import UNENCRYPTED

ANA = NewAccount(
    login="Ana@Acme.example",
    external_id="1001",
    given_name="Ana",
    family_name="Pérez",
    email="Ana@acme.example",
    department="Engineering",
    attributes={"costCenter": "77"},
)
PASSWORD = "Correct-Horse-42-Battery"
REALM = "/admin/realms/acme"


def connection(server: KeycloakServer, **changes: Any) -> Connection:
    names = ("timeout", "ca_file", "proxy", "mark", "identity", "private_key", "client_realm")
    return Connection(
        id="acme.keycloak",
        provider="keycloak",
        host=changes.get("url", server.url),
        schema=changes.get("realm", server.realm),
        login=changes.get("client_id", server.client_id),
        password=changes.get("password", server.secret),
        extra={name: changes[name] for name in names if name in changes},
    )


@contextmanager
def opened(server: KeycloakServer, **changes: Any) -> Iterator[KeycloakProvider]:
    client = open_provider(connection(server, **changes), correlation_id="c-1", family="identity")
    yield client
    client.close()


@contextmanager
def otherwise(server: KeycloakServer, **settings: Any) -> Iterator[httpx.Client]:
    """The realm with these settings, and an operator's client, who takes back what else they change; then as
    before, so that it need not be made anew.
    """
    with server.operator() as operator:
        before = operator.get(REALM).raise_for_status().json()
        operator.put(REALM, json={**before, **settings}).raise_for_status()
        try:
            yield operator
        finally:
            nothing = dict.fromkeys(settings, "")  # what stood nowhere before
            operator.put(REALM, json=nothing | before).raise_for_status()
            operator.delete(f"{REALM}/admin-events").raise_for_status()


@contextmanager
def profile(server: KeycloakServer, **changes: Any) -> Iterator[None]:
    """The realm's user profile with these changes; None takes a part away."""
    with otherwise(server) as operator:
        place = f"{REALM}/users/profile"
        before = operator.get(place).raise_for_status().json()
        changed = {name: value for name, value in {**before, **changes}.items() if value is not None}
        operator.put(place, json=changed).raise_for_status()
        try:
            yield
        finally:
            operator.put(place, json=before).raise_for_status()


@contextmanager
def made(operator: httpx.Client, kind: str, body: dict[str, Any]) -> Iterator[str]:
    """A group, role or client of the realm for a while; its address."""
    answer = operator.post(f"{REALM}/{kind}", json=body).raise_for_status()
    place = httpx.URL(answer.headers["Location"]).path
    try:
        yield place
    finally:
        operator.delete(place)


def bearer(server: KeycloakServer) -> dict[str, str]:
    with server.client() as client:
        return {"Authorization": client.headers["Authorization"]}


def until(condition: Callable[[], bool]) -> None:
    """Keycloak counts wrong passwords beside its answers."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it did not become so"
        time.sleep(0.02)


def signed_in(server: KeycloakServer, login: str, password: str, **more: str) -> httpx.Response:
    """By the application `wiki`, which has to allow it."""
    form = {"grant_type": "password", "client_id": "wiki", "username": login, "password": password, **more}
    place = f"{server.url}/realms/{server.realm}/protocol/openid-connect/token"
    with httpx.Client(trust_env=False, verify=UNENCRYPTED) as client:
        return client.post(place, data=form)


@contextmanager
def takes_passwords(operator: httpx.Client) -> Iterator[None]:
    """The application `wiki` is one that people give their passwords to."""
    (wiki,) = operator.get(f"{REALM}/clients", params={"clientId": "wiki"}).json()
    place = f"{REALM}/clients/{wiki['id']}"
    open_to = {"publicClient": True, "directAccessGrantsEnabled": True}
    operator.put(place, json={**wiki, **open_to}).raise_for_status()
    try:
        yield
    finally:
        operator.put(place, json=wiki).raise_for_status()
