"""What the guard before Airflow's sign-in counts, against a real Valkey and without one."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from middlewares.sign_in import Attempts, SignInGuard
from officeflow.stack.ports import is_free

pytestmark = pytest.mark.integration


class Airflow:
    """The application behind the guard: it takes one password, and echoes the body it got."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        message = await receive()
        self.bodies.append(message.get("body", b""))
        status = 201 if b"right" in self.bodies[-1] else 401
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})


@pytest.fixture
def login() -> str:
    return f"ana-{secrets.token_hex(6)}"


@pytest.fixture
def airflow() -> Airflow:
    return Airflow()


Sender = Callable[..., "httpx.Response"]


@pytest.fixture(params=["valkey", "nobody"])
def attempts(request: pytest.FixtureRequest) -> Attempts:
    if request.param == "valkey":
        return Attempts(request.getfixturevalue("valkey_url"), "3 per 2 second")
    assert is_free(1)
    return Attempts("redis://127.0.0.1:1/0", "3 per 2 second")


async def post(guard: SignInGuard, path: str, **request: Any) -> int:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=guard), base_url="http://airflow"
    ) as client:
        return (await client.post(path, **request)).status_code


def run(guard: SignInGuard, path: str, **request: Any) -> int:
    return asyncio.run(post(guard, path, **request))


def test_a_login_that_was_stopped_may_try_again_later_and_others_at_once(
    airflow: Airflow, attempts: Attempts, login: str
) -> None:
    guard = SignInGuard(airflow, attempts, ["service"])
    wrong = {"username": login, "password": "wrong"}
    assert [run(guard, "/auth/token", json=wrong) for _ in range(4)] == [401, 401, 401, 429]
    assert run(guard, "/auth/login/", data={"username": login.upper(), "password": "right"}) == 429
    assert run(guard, "/auth/token", json={"username": f"other-{login}", "password": "right"}) == 201
    while (status := run(guard, "/auth/token", json={"username": login, "password": "right"})) == 429:
        assert len(airflow.bodies) == 4, "who is stopped does not reach Airflow"
    assert status == 201


def test_whoever_is_signed_in_already_cannot_clear_anothers_count(
    airflow: Airflow, attempts: Attempts, login: str
) -> None:
    """The page sends those away without looking at the password, as if it had been right."""
    guard = SignInGuard(airflow, attempts, ["service"])
    for _ in range(3):
        assert run(guard, "/auth/login/", data={"username": login, "password": "right"}) == 201
    assert run(guard, "/auth/login/", data={"username": login, "password": "right"}) == 429


def test_mistakes_are_forgotten_before_the_answer_is_given(
    airflow: Airflow, attempts: Attempts, login: str
) -> None:
    told: list[str] = []

    class Watched(Attempts):
        def begin(self, login: str) -> int:
            return attempts.begin(login)

        def forget(self, login: str) -> None:
            attempts.forget(login)
            told.append("forgotten")

    async def sent(message: Any) -> None:
        told.append(message["type"])

    async def received() -> Any:
        body = json.dumps({"username": login, "password": "right"}).encode()
        return {"type": "http.request", "body": body, "more_body": False}

    scope = {"type": "http", "method": "POST", "path": "/auth/token", "headers": []}
    asyncio.run(SignInGuard(airflow, Watched("redis://"), ["service"])(scope, received, sent))
    assert told == ["forgotten", "http.response.start", "http.response.body"]


@pytest.mark.parametrize("path", ["/auth/token", "/auth/token/", "/auth/token/cli", "/airflow/auth/token"])
def test_every_spelling_of_the_door_is_watched(
    airflow: Airflow, attempts: Attempts, login: str, path: str
) -> None:
    guard = SignInGuard(airflow, attempts, ["service"])
    wrong = {"username": login, "password": "wrong"}
    assert [run(guard, path, json=wrong) for _ in range(4)] == [401, 401, 401, 429]


def test_a_thousand_wrong_passwords_reach_airflow_no_more_and_fill_no_log(
    airflow: Airflow, login: str
) -> None:
    """None of them is in the log; whoever it is may sign in again, and is told when."""
    assert is_free(1)
    guard = SignInGuard(airflow, Attempts("redis://127.0.0.1:1/0", "10 per 1 minute"), ["service"])

    async def tried() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=guard)
        async with httpx.AsyncClient(transport=transport, base_url="http://airflow") as client:
            bodies = ({"username": login, "password": f"guess-{n}"} for n in range(1000))
            return [await client.post("/auth/token", json=body) for body in bodies]

    with capture_logs() as told:
        answers = asyncio.run(tried())
    assert [answer.status_code for answer in answers] == [401] * 10 + [429] * 990
    assert len(airflow.bodies) == 10
    assert 0 < int(answers[-1].headers["retry-after"]) <= 60
    assert f"try again in {answers[-1].headers['retry-after']} s" in answers[-1].json()["detail"]
    stopped = [each for each in told if each["event"] == "too many sign-ins"]
    assert [each["login"] for each in stopped] == [login]
    assert "guess-" not in str(told)


@pytest.mark.parametrize(
    "other", ["ADMIN-x", "adm\u0131n-x", "adm\u0130n-x", "adm\u0049\u0307n-x", "ad\uff4din-x"]
)
def test_a_login_is_counted_however_it_is_spelt_that_airflow_finds(airflow: Airflow, other: str) -> None:
    guard = SignInGuard(airflow, Attempts("redis://127.0.0.1:1/0", "1 per 1 minute"), ["service"])
    assert run(guard, "/auth/token", json={"username": "admin-x", "password": "wrong"}) == 401
    found = run(guard, "/auth/token", json={"username": other, "password": "wrong"})
    assert found == (401 if other == "adm\u0131n-x" else 429)


def test_a_form_that_the_page_would_read_otherwise_is_refused(
    airflow: Airflow, attempts: Attempts, login: str
) -> None:
    guard = SignInGuard(airflow, attempts, ["service"])
    assert run(guard, "/auth/login/", files={"username": (None, login), "password": (None, "wrong")}) == 415
    assert (
        run(
            guard,
            "/auth/login/",
            content=b"x" * 70_000,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        == 413
    )
    assert airflow.bodies == []


def test_what_is_no_sign_in_passes_untouched(airflow: Airflow, attempts: Attempts) -> None:
    guard = SignInGuard(airflow, attempts, ["service"])
    for body in (b"nonsense", b"[1]", b"{}"):
        assert [run(guard, "/auth/token", content=body) for _ in range(5)] == [401] * 5
    assert run(guard, "/api/v2/dags", content=b"right") == 201
    assert [
        run(guard, "/auth/token", json={"username": "service", "password": "wrong"}) for _ in range(5)
    ] == [401] * 5
    assert airflow.bodies[0] == b"nonsense"
