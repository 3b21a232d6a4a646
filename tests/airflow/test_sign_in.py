"""Whoever tries many passwords is stopped, at each door of a real api-server, and nobody else is."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from redis import Redis

from officeflow.airflow_api.client import AirflowApi
from officeflow.errors import Unavailable
from tests.airflow.embedded import EmbeddedAirflow

pytestmark = pytest.mark.integration

ALLOWED = 10


@pytest.fixture
def counts(valkey_url: str) -> Iterator[Redis]:
    """Forgotten before and after, as they are when their time has passed."""
    with Redis.from_url(valkey_url) as client:

        def forget() -> None:
            for key in client.scan_iter("officeflow:sign-in*"):
                client.delete(key)

        forget()
        yield client
        forget()


@pytest.fixture
def client(airflow: EmbeddedAirflow) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=airflow.setup.url, trust_env=False, timeout=30) as client:
        yield client


def token(client: httpx.Client, login: str, password: str, door: str = "/auth/token") -> httpx.Response:
    return client.post(door, json={"username": login, "password": password})


def page(client: httpx.Client, login: str, password: str, *, site: str = "same-origin") -> httpx.Response:
    form = client.get("/auth/login/").text
    (csrf,) = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', form)[:1]
    return client.post(
        "/auth/login/",
        data={"csrf_token": csrf, "username": login, "password": password},
        headers={"Sec-Fetch-Site": site},
    )


def tries_until_stopped(attempt: httpx.Response) -> bool:
    return attempt.status_code == 429 and int(attempt.headers["Retry-After"]) > 0


@pytest.mark.parametrize("door", ["/auth/token", "/auth/token/cli"])
def test_the_api_stops_who_tries_passwords_and_not_the_service_account(
    airflow: EmbeddedAirflow, client: httpx.Client, counts: Redis, door: str
) -> None:
    password = airflow.setup.admin_password
    assert [token(client, "admin", f"wrong {n}", door).status_code for n in range(ALLOWED)] == [401] * ALLOWED
    assert tries_until_stopped(token(client, "ADMIN", password, door))
    assert tries_until_stopped(page(client, "admin", password))
    assert token(client, "nobody-else", "wrong", door).status_code == 401
    assert [token(client, "officeflow", f"wrong {n}").status_code for n in range(ALLOWED + 2)] == [401] * (
        ALLOWED + 2
    )
    assert token(client, "officeflow", airflow.setup.service_password).status_code == 201
    counts.delete(*counts.keys("officeflow:sign-in*"))
    assert token(client, "admin", password, door).status_code == 201


def test_the_login_page_stops_who_tries_passwords(
    airflow: EmbeddedAirflow, client: httpx.Client, counts: Redis
) -> None:
    wrong = [page(client, "admin", f"wrong {n}") for n in range(ALLOWED)]
    assert [(answer.status_code, "/auth/login" in answer.headers["Location"]) for answer in wrong] == [
        (302, True)
    ] * ALLOWED
    assert tries_until_stopped(page(client, "admin", airflow.setup.admin_password))
    assert tries_until_stopped(token(client, "admin", airflow.setup.admin_password))
    counts.delete(*counts.keys("officeflow:sign-in*"))
    right = page(client, "admin", airflow.setup.admin_password)
    assert (right.status_code, "/auth/login" in right.headers["Location"]) == (302, False)


def test_another_page_signs_nobody_in_and_nobody_else_out(
    airflow: EmbeddedAirflow, client: httpx.Client, counts: Redis
) -> None:
    """Another port of the same host, which the cookies are sent from."""
    password = airflow.setup.admin_password
    refused = page(client, "admin", password, site="same-site")
    assert (refused.status_code, "own; programs" in refused.json()["detail"]) == (403, True)
    assert page(client, "admin", password).status_code == 302
    client.get("/auth/login/")  # gives whoever has a session Airflow's cookie
    me = client.get("/ui/auth/me")
    assert me.json()["username"] == "admin"
    another = {"username": "officeflow", "password": airflow.setup.service_password}
    assert (
        client.post("/auth/login/", data=another, headers={"Sec-Fetch-Site": "same-site"}).status_code == 403
    )
    assert client.get("/ui/auth/me").json()["username"] == "admin"
    assert client.get("/auth/logout", follow_redirects=True).status_code == 200
    assert client.get("/ui/auth/me").status_code == 401


def test_pages_are_kept_to_airflow_itself(client: httpx.Client) -> None:
    for path, scripts in (
        ("/dags", "script-src 'self';"),
        ("/auth/login/", "script-src 'self' 'unsafe-inline';"),
    ):
        told = client.get(path).headers
        assert scripts in told["Content-Security-Policy"]
        assert (told["X-Frame-Options"], told["X-Content-Type-Options"]) == ("SAMEORIGIN", "nosniff")


def test_a_right_password_at_the_api_forgets_mistakes(
    airflow: EmbeddedAirflow, client: httpx.Client, counts: Redis
) -> None:
    for _ in range(2):
        for n in range(ALLOWED - 1):
            assert token(client, "admin", f"wrong {n}").status_code == 401
        assert token(client, "admin", airflow.setup.admin_password).status_code == 201


def test_a_command_that_signs_in_says_when_to_try_again(airflow: EmbeddedAirflow, counts: Redis) -> None:
    with httpx.Client(base_url=airflow.setup.url, trust_env=False, timeout=30) as client:
        for n in range(ALLOWED):
            token(client, "admin", f"wrong {n}")
    with (
        AirflowApi(airflow.setup.url, "admin", airflow.setup.admin_password) as api,
        pytest.raises(Unavailable, match=r"try again in \d+ s"),
    ):
        api.dag("probe")
