"""What connectors share: addresses, waits, providers."""

from __future__ import annotations

import datetime as dt
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from officeflow.connectors.connection import Connection, timeout_of
from officeflow.connectors.fields import problems_of
from officeflow.connectors.http import base_url
from officeflow.connectors.http_errors import FARTHEST, is_refusal, retry_after
from officeflow.connectors.opening import open_provider
from officeflow.connectors.providers import provider, providers
from officeflow.errors import InvalidInput, NotKnown

NOW = dt.datetime(2026, 11, 24, 12, 0, tzinfo=dt.UTC)


@given(st.integers(0, 366 * 86400))
def test_a_wait_may_be_seconds_or_a_date(seconds: int) -> None:
    assert retry_after(str(seconds), now=NOW) == seconds
    assert retry_after(format_datetime(NOW + dt.timedelta(seconds=seconds), usegmt=True), now=NOW) == seconds


@pytest.mark.parametrize(
    "value", ["9" * 400, "1" + "0" * 12, "Fri, 31 Dec 9999 23:59:59 GMT", "Fri, 31 Dec 9999 23:59:59 -2359"]
)
def test_a_wait_beyond_all_sense_is_as_long_as_the_longest(value: str) -> None:
    assert retry_after(value, now=NOW) == FARTHEST.total_seconds()


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "soon",
        "-5",
        "1.5",
        "²",
        "٣",
        "1e30",
        "NaN",
        "Infinity",
        "Wed, 99 Nov 2026 07:28:00 GMT",
        "1, 31 Dec 99999 0:0 GMT",
    ],
)
def test_a_wait_that_says_nothing_is_none(value: str | None) -> None:
    assert retry_after(value, now=NOW) is None


@given(st.text())
def test_no_header_can_break_the_wait(value: str) -> None:
    wait = retry_after(value, now=NOW)
    assert wait is None or 0 <= wait <= FARTHEST.total_seconds()


def test_only_a_refusal_says_that_nothing_was_done() -> None:
    sure = {status for status in range(100, 600) if is_refusal(status)}
    assert {400, 401, 403, 404, 405, 409, 410, 412, 413, 415, 422, 301, 307, 308} <= sure
    assert sure.isdisjoint({200, 201, 202, 204, 302, 303, 408, 423, 425, 429, *range(500, 600)})


def test_a_date_that_is_past_is_no_wait() -> None:
    assert retry_after("Tue, 24 Nov 2020 12:00:00 GMT", now=NOW) == 0


@pytest.mark.parametrize(
    ("host", "port", "url"),
    [
        ("https://id.example/scim/v2/", None, "https://id.example/scim/v2"),
        ("id.example", None, "https://id.example"),
        ("id.example", 8443, "https://id.example:8443"),
        ("http://127.0.0.1:8080/v2", 99, "http://127.0.0.1:8080/v2"),
    ],
)
def test_an_address_without_a_scheme_is_reached_encrypted(host: str, port: int | None, url: str) -> None:
    assert base_url(Connection(id="a.b", provider="scim", host=host, port=port)) == url


def test_a_connection_without_an_address_is_refused() -> None:
    with pytest.raises(InvalidInput):
        base_url(Connection(id="a.b", provider="scim"))


@pytest.mark.parametrize("value", ["x", None, 0, -1, 99999])
def test_a_time_out_is_a_number_of_seconds(value: Any) -> None:
    with pytest.raises(InvalidInput):
        timeout_of(Connection(id="a.b", provider="scim", extra={"timeout": value}))


def test_an_unknown_provider_gets_a_suggestion() -> None:
    with pytest.raises(NotKnown, match="did you mean scim"):
        provider("scmi")
    with pytest.raises(NotKnown, match="one of"):
        open_provider(Connection(id="a.b", provider="fax"), correlation_id="", family="identity")


def test_a_field_outside_its_choices_is_named() -> None:
    connection = Connection(id="a.b", provider="smtp", host="h", extra={"sender": "a@b", "security": "hope"})
    assert [problem.path for problem in problems_of(connection)] == ["security"]


@pytest.mark.parametrize("name", providers())
def test_every_field_of_a_provider_is_described_and_kept_where_airflow_has_a_place(name: str) -> None:
    for field in provider(name).fields:
        assert field.description
        assert field.kept.startswith("extra.") or field.kept in {
            "host",
            "port",
            "schema",
            "login",
            "password",
        }
        assert not (field.secret and field.kept != "password" and not field.kept.startswith("extra."))
