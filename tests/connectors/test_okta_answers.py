"""What Okta's answers prove, and those that no Okta gives."""

from __future__ import annotations

import logging
from typing import Any

import httpx
import pytest

from officeflow.connectors.call import Call
from officeflow.connectors.okta.client import Okta
from officeflow.connectors.okta.errors import refusal
from officeflow.connectors.okta.types import equals, quoted
from officeflow.errors import (
    Conflict,
    ConnectorError,
    NotFound,
    RateLimited,
    Rejected,
    Transient,
    Unauthorized,
)
from tests.connectors.contract import KEY
from tests.connectors.okta_client import ANA, OktaCase
from tests.counterparts.okta import OktaServer

LIST = "/api/v1/users"
ONE = "/api/v1/users/{id}"
WRITING = Call(provider="okta", operation="create_account", writes=True)


def answer(status: int, code: str, method: str = "POST", **headers: str) -> httpx.Response:
    body = {"errorCode": code, "errorSummary": "no", "errorId": "oae1", "errorCauses": []}
    request = httpx.Request(method, "https://acme.okta.com/api/v1/users")
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json=body if code else None, headers=named, request=request)


@pytest.mark.parametrize(
    ("status", "code", "kind", "maybe_done"),
    [
        (400, "E0000001", Rejected, False),
        (401, "E0000011", Unauthorized, False),
        (403, "E0000006", Unauthorized, False),
        (403, "E0000014", Rejected, False),
        (403, "E0000016", Conflict, False),
        (403, "E0000038", Conflict, False),
        (403, "E0000046", Rejected, False),
        (404, "E0000007", NotFound, False),
        (409, "E0000090", Conflict, False),
        (429, "E0000047", RateLimited, False),
        (429, "", RateLimited, True),
        (500, "E0000009", Transient, True),
        (501, "E0000060", Rejected, False),
        (501, "", Rejected, True),
        (503, "E0000010", Transient, False),
        (503, "", Transient, True),
        (503, "E0000047", Transient, True),
        (500, "E0000007", Transient, True),
    ],
)
def test_a_refusal_is_told_by_status_and_code(
    status: int, code: str, kind: type[ConnectorError], maybe_done: bool
) -> None:
    error = refusal(answer(status, code), WRITING)
    assert isinstance(error, kind)
    assert error.maybe_done is maybe_done


@pytest.mark.parametrize(
    ("reset", "wait"),
    [("1764280830", 30.0), ("1764280000", 0.0), ("soon", None), ("nan", None), ("9e99", 3600.0)],
)
def test_the_end_of_a_rate_limit_is_by_oktas_clock(reset: str, wait: float | None) -> None:
    headers = {"X_Rate_Limit_Reset": reset, "Date": "Thu, 27 Nov 2025 22:00:00 GMT"}
    error = refusal(answer(429, "E0000047", **headers), WRITING)
    assert isinstance(error, RateLimited)
    assert error.retry_after == wait


@pytest.mark.parametrize("value", ['"', "\\", '\\"', 'a" or id pr or "', "ñ🎉", "a\nb", "{}"])
def test_a_value_stays_one_value_in_an_expression(value: str) -> None:
    import json

    assert json.loads(quoted(value)) == value
    assert equals({"profile.login": value, "id": None}) == f"profile.login eq {quoted(value)}"


@pytest.mark.integration
class TestStrangeAnswers(OktaCase):
    @pytest.mark.parametrize(
        ("body", "headers"),
        [
            ({"users": []}, {}),
            ([{"status": "ACTIVE", "profile": {}}], {}),
            ([{"id": "", "status": "ACTIVE", "profile": {}}], {}),
            ([{"id": "00u1", "status": "ACTIVE", "profile": [1]}], {}),
            (["00u1"], {}),
            ([], {"Link": '<https://acme.okta.com/api/v1/users?limit=2>; rel="next"'}),
        ],
    )
    def test_a_list_that_is_none_proves_nothing(
        self, okta: Okta, okta_server: OktaServer, body: Any, headers: dict[str, str]
    ) -> None:
        okta_server.add_faults(
            {
                "hook": "answer",
                "method": "GET",
                "route": LIST,
                "status": 200,
                "body": body,
                "headers": headers,
            }
        )
        with pytest.raises(Rejected):
            okta.find_account(external_id="1001")

    def test_what_only_describes_may_have_another_form(self, okta: Okta, okta_server: OktaServer) -> None:
        user = {
            "id": "00u1",
            "status": "NEW_STATUS",
            "profile": {"login": "x@y.example", "shoes": 44, "vip": True, "hats": ["a"], "title": None},
            "created": "yesterday",
            "credentials": "none",
        }
        okta_server.add_faults(
            {"hook": "answer", "method": "GET", "route": LIST, "status": 200, "body": [user]}
        )
        (account,) = okta.list_accounts()
        assert (account.active, account.status, account.created_at) == (False, "NEW_STATUS", None)
        assert account.attributes == {"shoes": "44", "vip": "true"}

    def test_no_secret_is_in_a_log(
        self, okta: Okta, okta_server: OktaServer, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        account = okta.create_account(ANA, key=KEY)
        okta.set_password(account.id, "Correct-horse-7-battery", must_change=False, key=KEY)
        given = okta.give_temporary_access(account.id, minutes=5, once=True, key=KEY)
        told = caplog.text + str(okta_server.requests())
        assert "users" in told
        for secret in (given.secret, "Correct-horse-7-battery", okta_server.token):
            assert secret not in told
