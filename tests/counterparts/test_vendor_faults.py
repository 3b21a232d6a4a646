"""What every vendor's fake can be told to do wrong, and what it keeps; shown with Okta's."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.counterparts.okta import OktaServer
from tests.counterparts.process import UNENCRYPTED

pytestmark = pytest.mark.integration

USERS = "/api/v1/users"
PASSWORD = "Never-In-A-Journal-1"


@pytest.fixture
def okta(okta_server: OktaServer) -> Iterator[httpx.Client]:
    with okta_server.client() as client:
        yield client


def create(okta: httpx.Client, login: str = "ana@acme.example") -> httpx.Response:
    profile = {"login": login, "email": login, "firstName": "Ana", "lastName": "Béla"}
    body = {"profile": profile, "credentials": {"password": {"value": PASSWORD}}}
    return okta.post(USERS, json=body, headers={"X-Correlation-Id": "c1"})


def fault(hook: str, **more: Any) -> dict[str, Any]:
    return {"hook": hook, "method": "POST", "route": USERS, **more}


def test_an_answer_of_its_own_comes_in_the_vendors_form_and_nothing_is_done(
    okta: httpx.Client, okta_server: OktaServer
) -> None:
    okta_server.add_faults(
        fault("answer", status=503, headers={"Retry-After": "7"}), fault("answer", status=500, body="<html>")
    )
    down, odd = create(okta), create(okta)
    assert (down.status_code, down.json()["errorCode"], down.headers["Retry-After"]) == (503, "E0000010", "7")
    assert (odd.status_code, odd.text, odd.headers["Content-Type"]) == (
        500,
        "<html>",
        "text/plain; charset=utf-8",
    )
    assert okta_server.user("ana@acme.example") is None
    assert create(okta).status_code == 200


@pytest.mark.parametrize("retry_after", [None, 3])
def test_too_many_requests_are_told_with_and_without_a_time(
    okta: httpx.Client, okta_server: OktaServer, retry_after: float | None
) -> None:
    okta_server.add_faults(fault("rate_limit", retry_after=retry_after, skip=1))
    assert create(okta).status_code == 200
    refused = create(okta, "bo@acme.example")
    assert (refused.status_code, refused.json()["errorCode"]) == (429, "E0000047")
    assert refused.headers.get("Retry-After") == (None if retry_after is None else "3")


def test_what_is_done_may_be_told_otherwise_or_not_at_all(
    okta: httpx.Client, okta_server: OktaServer
) -> None:
    okta_server.add_faults(fault("act_then_answer", status=502), fault("act_then_drop"), fault("drop"))
    assert create(okta, "a@acme.example").status_code == 502
    for login in ("b@acme.example", "c@acme.example"):
        with pytest.raises(httpx.RemoteProtocolError):
            create(okta, login)
    assert [bool(okta_server.user(f"{name}@acme.example")) for name in "abc"] == [True, True, False]


@pytest.mark.parametrize(("hook", "done"), [("act_then_silent", True), ("silent", False)])
def test_silence_ends_when_the_client_has_had_enough_of_it(
    okta_server: OktaServer, hook: str, *, done: bool
) -> None:
    okta_server.add_faults(fault(hook))
    with okta_server.client() as client:
        client.timeout = httpx.Timeout(5, read=0.2)
        with pytest.raises(httpx.ReadTimeout):
            create(client)
    okta_server.clear_faults()
    assert bool(okta_server.user("ana@acme.example")) is done


def test_a_slow_route_does_what_it_is_asked_to_once_it_may(okta_server: OktaServer) -> None:
    okta_server.add_faults(fault("slow", seconds=600))
    answers: list[int] = []

    def call() -> None:
        with okta_server.client() as client:
            answers.append(create(client).status_code)

    caller = threading.Thread(target=call)
    caller.start()
    while okta_server.control("GET", "faults"):
        pass
    assert okta_server.user("ana@acme.example") is None
    okta_server.clear_faults()
    caller.join()
    assert answers == [200]


def test_yes_and_nothing_happened(okta: httpx.Client, okta_server: OktaServer) -> None:
    okta_server.add_faults(fault("nothing"))
    said = create(okta)
    assert (said.status_code, okta.get(f"{USERS}/{said.json()['id']}").status_code) == (200, 404)
    assert okta_server.state("log") == {}


def test_a_write_is_seen_late(okta: httpx.Client, okta_server: OktaServer) -> None:
    okta_server.add_faults(fault("lag", reads=2))
    path = f"{USERS}/{create(okta).json()['id']}"
    assert [okta.get(path).status_code for _ in range(3)] == [404, 404, 200]
    okta_server.add_faults({"hook": "lag", "method": "POST", "route": "*", "seconds": 600})
    okta.post(path, json={"profile": {"title": "Head"}}).raise_for_status()
    assert "title" not in okta.get(path).json()["profile"]
    changed = okta_server.user("ana@acme.example")
    assert changed is not None
    assert changed["profile"]["title"] == "Head"


def test_a_fault_that_is_none_is_told_so(okta_server: OktaServer) -> None:
    for bad in ([{"hook": "explode"}], [{"hook": "answer", "colour": "red"}], {"hook": "answer"}):
        response = httpx.post(
            f"{okta_server.url}/__control/faults",
            json=bad,
            headers={"Authorization": f"Bearer {okta_server.secret}"},
            trust_env=False,
            verify=UNENCRYPTED,
        )
        assert response.status_code == 400


def test_only_who_has_the_secret_controls_it(okta: httpx.Client) -> None:
    assert okta.post("/__control/reset").status_code == 401


def test_what_was_done_outlives_the_process_and_reset_takes_it_away(okta_server: OktaServer) -> None:
    with okta_server.client() as client:
        created = create(client).json()
    okta_server.kill()
    okta_server.start()
    with okta_server.client() as client:
        assert client.get(f"{USERS}/{created['id']}").json()["profile"] == created["profile"]
        okta_server.reset()
        assert client.get(f"{USERS}/{created['id']}").status_code == 404
    with sqlite3.connect(okta_server.folder / "okta.sqlite") as file:
        kept = [identity for (identity,) in file.execute("SELECT id FROM documents WHERE kind = 'user'")]
    file.close()
    assert kept == list(okta_server.state("user"))


def test_the_journal_has_every_request_and_no_secret(okta: httpx.Client, okta_server: OktaServer) -> None:
    create(okta).raise_for_status()
    okta.get(f"{USERS}?access_token={PASSWORD}")
    okta.get("/api/v1/nothing")
    okta.post(
        USERS, json={"profile": {}, "password": {PASSWORD: PASSWORD}, "credentials": {"password": PASSWORD}}
    )
    lines = okta_server.requests()
    assert [(line["method"], line["status"], line.get("effect")) for line in lines] == [
        ("POST", 200, "writes"),
        ("GET", 400, "reads"),
        ("GET", 404, None),
        ("POST", 400, "writes"),
    ]
    assert [line.get("correlation_id") for line in lines] == ["c1", None, None, None]
    journal = (okta_server.folder / "requests.jsonl").read_text() + (
        okta_server.folder / "output"
    ).read_text()
    assert PASSWORD not in journal
    assert okta_server.token not in journal


@pytest.mark.parametrize(
    "body",
    [b"[" * 100_000, b"\xff\xfe", b'{"profile": ' + b'{"a":' * 50_000, b"null"],
    ids=["deep", "bytes", "cut", "null"],
)
def test_a_body_that_nobody_can_read_is_refused_and_written_down(
    okta: httpx.Client, okta_server: OktaServer, body: bytes
) -> None:
    refused = okta.post(USERS, content=body, headers={"Content-Type": "application/json"})
    assert refused.status_code == 400
    assert len(okta_server.problems()) == 1
