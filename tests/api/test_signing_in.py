"""Who is let in, by what, and what everybody else is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from officeflow.rights.permissions import Permission, Role
from tests.api.conftest import Airflow

pytestmark = pytest.mark.integration
Program = Callable[..., str]


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_without_credentials_it_says_how_to_sign_in(anybody: TestClient) -> None:
    answer = anybody.get("/me")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["code"] == "sign_in_needed"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_a_person_sees_their_organization_and_what_they_may(
    anybody: TestClient, as_role: Callable[[Role], dict[str, str]]
) -> None:
    told = anybody.get("/me", headers=as_role(Role.VIEWER)).json()
    assert [each["slug"] for each in told["organizations"]] == ["acme"]
    assert told["organizations"][0]["role"] == "viewer"
    assert "run.read" in told["organizations"][0]["permissions"]
    assert "run.start" not in told["organizations"][0]["permissions"]


def test_a_program_is_narrowed_to_its_scopes(anybody: TestClient, program: Program) -> None:
    token = program(Role.ADMIN, scopes=[Permission.RUN_READ])
    told = anybody.get("/me", headers=bearer(token)).json()
    assert told["actor"].startswith("token:acme/hr-")
    assert told["organizations"][0]["permissions"] == ["run.read"]


@pytest.mark.parametrize(
    "wrong", [{"expires": dt.timedelta(seconds=-1)}, {"active": False}, {"revoked": True}]
)
def test_a_token_that_is_over_opens_nothing(anybody: TestClient, program: Program, wrong: Any) -> None:
    assert anybody.get("/me", headers=bearer(program(**wrong))).status_code == 401


def test_the_beginning_of_a_token_is_not_the_token(anybody: TestClient, program: Program) -> None:
    token = program()
    other = token[:-1] + ("a" if token[-1] != "a" else "b")
    assert anybody.get("/me", headers=bearer(other)).status_code == 401
    assert anybody.get("/me", headers=bearer(token)).status_code == 200


def test_bad_tokens_are_slowed_down_and_good_ones_from_there_too(
    anybody: TestClient, program: Program
) -> None:
    statuses = [anybody.get("/me", headers=bearer("oft_guess")).status_code for _ in range(32)]
    assert statuses[0] == 401
    assert statuses[-1] == 429


class TestCookie:
    @pytest.fixture
    def browser(self, anybody: TestClient, airflow: Airflow) -> TestClient:
        anybody.cookies.set("_token", airflow.sign_in("ana"))
        return anybody

    def test_reads(self, browser: TestClient) -> None:
        assert browser.get("/me").json()["login"] == "ana"

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Origin": "http://evil.test"},
            {"Origin": "null"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site", "Origin": "http://api.test"},
        ],
    )
    def test_changes_nothing_for_another_page(self, browser: TestClient, headers: dict[str, str]) -> None:
        answer = browser.post("/probe", headers=headers, json={})
        assert (answer.status_code, answer.json()["code"]) == (403, "foreign_page")

    @pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://api.test"}])
    def test_changes_for_our_own(self, browser: TestClient, headers: dict[str, str]) -> None:
        assert browser.post("/probe", headers=headers, json={}).status_code == 200
