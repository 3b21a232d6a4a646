"""Deliveries over HTTP: what is taken, and what each that is refused is told. Kafka, Redis and the database
are away all the time: what is accepted is on disk.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from officeflow.api.problems import ProblemDocument
from officeflow.events.webhooks import replaying
from officeflow.events.webhooks.definition import parse
from officeflow.events.webhooks.mapping import EventMapping
from officeflow.gateway import limiting
from officeflow.gateway.app import Hooks, make_app
from officeflow.gateway.counters import Counters
from officeflow.gateway.lane import Lane
from officeflow.gateway.limiting import Limits
from officeflow.gateway.presets import preset
from officeflow.gateway.requests import Networks
from officeflow.gateway.signatures import headers_that_prove, hidden_headers
from officeflow.gateway.sources import Secret, Source
from officeflow.gateway.spool import Kind, Record, Spool
from officeflow.gateway.taking import Taking
from officeflow.kafka_access import KafkaAccess
from officeflow.runtime.bounded_http import BoundedHttp
from tests.counterparts.process import UNENCRYPTED

SECRET = "a secret of the tests"
NOWHERE = "127.0.0.1:1"
EVENT = {"type": "employee.exit", "employeeId": "E1", "timestamp": "2026-01-31T09:00:00Z", "payload": {}}
BEARER = {"authorization": f"Bearer {SECRET}", "content-type": "application/json"}


def source(slug: str, document: Any = None, **changes: Any) -> Source:
    definition = parse({**(document or preset(slug).document), **changes})
    return Source(
        source_id=slug,
        version=1,
        org="acme",
        org_id=uuid.UUID(int=1),
        slug=slug,
        definition=definition,
        mapping=EventMapping(definition),
        secrets=(Secret(SECRET), Secret("one that is over", until=1.0)),
        networks=Networks.of(definition.networks),
        proving=headers_that_prove(definition.authentication),
        hidden=hidden_headers(definition.authentication),
    )


SOURCES = {
    each.slug: each
    for each in (
        *(source(name) for name in ("json", "json-signed", "hibob", "cloudevents", "csv", "xml")),
        source("small", preset("json").document, max_bytes=2000),
        source("near", preset("json").document, networks=["192.0.2.0/24"]),
        source("echo", preset("json").document, challenge="echo"),
        source("few", preset("json").document, per_minute=2),
        source("bad", preset("json").document),
    )
}


class Known:
    """In the place of the sources of a database."""

    def get(self, org: str, slug: str) -> Source | None:
        return SOURCES.get(slug) if org == "acme" else None

    async def find(self, org: str, slug: str) -> Source | None:
        return self.get(org, slug)


class Gateway:
    """A whole one but for its database, on a port of its own."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._folder = folder
        self._started, self._loop = threading.Event(), asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._run(),))

    async def _run(self) -> None:
        self.counters, self.spool = Counters(), Spool(self._folder, most_bytes=4 * 2**20)
        self.lane = Lane(KafkaAccess(NOWHERE), seconds=1)
        self.lane.away = "the tests say so"
        self.limits = Limits(f"redis://{NOWHERE}/0")
        taking = Taking(self.spool, self.lane, self.limits, self.counters)
        trusted = Networks.of(["127.0.0.1"])
        hooks = Hooks(Known(), taking, self.counters, trusted=trusted, body_seconds=0.5)  # type: ignore[arg-type]
        app = make_app(hooks, self.counters, lambda: {"ready": True})
        self._server = uvicorn.Server(
            uvicorn.Config(
                app, port=self.port, http=BoundedHttp, lifespan="off", log_config=None, access_log=False
            )
        )
        self._started.set()
        await self._server.serve()
        await asyncio.to_thread(self.lane.close)
        await self.spool.close()

    def start(self) -> None:
        self._thread.start()
        self._started.wait()
        while not self._server.started:
            time.sleep(0.01)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._loop.close()

    def records(self, kind: Kind) -> list[Record]:
        return asyncio.run_coroutine_threadsafe(self.spool.oldest(kind, limit=2000), self._loop).result()

    def post(self, slug: str, body: Any, headers: Any = BEARER, **more: Any) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        url = f"http://127.0.0.1:{self.port}/hooks/acme/{slug}"
        return httpx.post(url, content=content, headers=headers, timeout=30, verify=UNENCRYPTED, **more)


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    made = Gateway(tmp_path_factory.mktemp("spool"))
    made.start()
    yield made
    made.stop()


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """What the sender is told: a problem document as the API's are, and no secret in it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told: dict[str, Any] = answer.json()
    assert told["status"] == status
    assert ProblemDocument.model_validate(told, extra="forbid").type.endswith(told["code"])
    assert SECRET not in answer.text
    return told


def signed(body: bytes, *, at: float | None = None, secret: str = SECRET) -> list[tuple[str, str]]:
    stamp = str(int(time.time() if at is None else at))
    signature = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return [("x-signature", signature), ("x-timestamp", stamp), ("content-type", "application/json")]


def test_a_delivery_is_on_disk_as_the_message_that_kafka_will_get(gateway: Gateway) -> None:
    answer = gateway.post("json", {**EVENT, "id": "d1"})
    assert (answer.status_code, answer.headers["officeflow-event"], answer.content) == (202, "d1", b"")
    (record,) = [each for each in gateway.records(Kind.EVENT) if b'"id":"d1"' in (each.message.value or b"")]
    assert record.message.topic == "employee.exit.acme"
    assert json.loads(record.message.value or b"") == {
        "specversion": "1.0",
        "id": "d1",
        "source": "webhook/json",
        "type": "employee.exit",
        "subject": "E1",
        "organizationid": "acme",
        "datacontenttype": "application/json",
        "data": {},
        "time": "2026-01-31T09:00:00+00:00",
    }


@pytest.mark.parametrize(
    "org_and_slug", ["acme/none", "other/json", "acme/json/more", "acme/..%2fjson", "acme/json/"]
)
def test_what_there_is_not_is_not_told_apart(gateway: Gateway, org_and_slug: str) -> None:
    answer = httpx.post(f"http://127.0.0.1:{gateway.port}/hooks/{org_and_slug}", headers=BEARER)
    problem(answer, 404)
    assert "location" not in answer.headers


def test_an_altered_body_an_old_timestamp_and_a_wrong_secret_prove_nothing(gateway: Gateway) -> None:
    body = json.dumps(EVENT).encode()
    assert gateway.post("json-signed", body, signed(body)).status_code == 202
    for altered, headers in (
        (body.replace(b"E1", b"E2"), signed(body)),
        (body, signed(body, at=time.time() - 400)),
        (body, signed(body, at=time.time() + 400)),
        (body, signed(body, secret="another secret")),
        (body, signed(body, secret="one that is over")),
        (body, signed(body)[1:]),
    ):
        problem(gateway.post("json-signed", altered, headers), 401)
    told = problem(gateway.post("json-signed", body, [*signed(body), signed(body)[0]]), 400)
    assert "x-signature" in told["detail"]


@pytest.mark.parametrize(
    ("slug", "content_type", "body", "status", "said"),
    [
        ("json", "application/json", b'{"type":1,"type":2}', 422, "twice"),
        ("json", "application/json", b"[" * 60 + b"]" * 60, 422, "deep"),
        ("json", "text/csv", b"{}", 415, "application/json"),
        ("xml", "text/xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", 422, "entities"),
        ("csv", "text/csv", b"type,employee\nemployee.exit,=1+1\n", 422, "formula"),
        ("cloudevents", "application/json", b"{}", 422, "CloudEvent"),
    ],
)
def test_a_body_that_is_not_what_the_source_takes_is_refused_with_what_and_where(
    gateway: Gateway, slug: str, content_type: str, body: bytes, status: int, said: str
) -> None:
    before = len(gateway.records(Kind.LETTER))
    told = problem(gateway.post(slug, body, {**BEARER, "content-type": content_type}), status)
    assert said in told["detail"]
    assert len(gateway.records(Kind.LETTER)) == before


def test_what_the_mapping_makes_nothing_of_is_kept_with_its_bytes_and_the_reason(gateway: Gateway) -> None:
    body = json.dumps({"type": "employee.fired", "employeeId": "E9"}).encode()
    answer = gateway.post("json", body, {**BEARER, "ce-note": "kept", "cookie": "not kept"})
    assert (answer.status_code, answer.json()["quarantined"]) == (202, 1)
    (record,) = [each for each in gateway.records(Kind.LETTER) if each.message.value == body]
    assert record.message.topic == replaying.name("acme", "json")
    assert "kinds" in record.note["detail"]
    assert dict(record.message.headers).keys() == {"content-type", "ce-note", replaying.ITEMS}


def test_100_megabytes_are_refused_before_they_come(gateway: Gateway) -> None:
    with socket.create_connection(("127.0.0.1", gateway.port)) as client:
        client.sendall(b"POST /hooks/acme/json HTTP/1.1\r\nhost: x\r\ncontent-length: 104857600\r\n\r\n")
        assert b" 413 " in client.recv(65536).split(b"\r\n")[0]


def test_a_body_of_untold_size_is_refused_as_soon_as_it_is_too_large(gateway: Gateway) -> None:
    def forever() -> Iterator[bytes]:
        while True:
            yield bytes(1000)

    with socket.create_connection(("127.0.0.1", gateway.port)) as client:
        client.sendall(b"POST /hooks/acme/small HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n")
        for chunk in forever():
            client.sendall(b"%x\r\n%b\r\n" % (len(chunk), chunk))
            client.settimeout(0.05)
            try:
                answer = client.recv(65536)
                break
            except TimeoutError:
                continue
    assert b" 413 " in answer.split(b"\r\n")[0]


def test_a_body_that_trickles_is_not_waited_for(gateway: Gateway) -> None:
    with socket.create_connection(("127.0.0.1", gateway.port)) as client:
        client.sendall(b"POST /hooks/acme/json HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n{")
        assert b" 408 " in client.recv(65536).split(b"\r\n")[0]


def test_a_delivery_from_elsewhere_is_refused_and_from_a_named_network_by_a_proxy_taken(
    gateway: Gateway,
) -> None:
    problem(gateway.post("near", EVENT), 403)
    problem(gateway.post("near", EVENT, {**BEARER, "x-forwarded-for": "192.0.2.1, 203.0.113.1"}), 403)
    answer = gateway.post("near", EVENT, {**BEARER, "x-forwarded-for": "203.0.113.1, 192.0.2.1"})
    assert answer.status_code == 202


def test_challenges_are_answered_as_text_and_nothing_else_is_echoed(gateway: Gateway) -> None:
    url = f"http://127.0.0.1:{gateway.port}/hooks/acme"
    answer = httpx.get(f"{url}/echo", params={"hub.challenge": "abc-1"})
    assert (answer.status_code, answer.text) == (200, "abc-1")
    assert answer.headers["x-content-type-options"] == "nosniff"
    problem(httpx.get(f"{url}/echo", params={"challenge": "<script>"}), 405)
    problem(httpx.get(f"{url}/json", params={"challenge": "abc"}), 405)
    problem(httpx.put(f"{url}/json"), 405)
    assert gateway.post("echo", {"challenge": "abc-2"}).text == "abc-2"
    problem(gateway.post("echo", {"challenge": "abc-2"}, {}), 401)
    answer = httpx.options(f"{url}/cloudevents", headers={"webhook-request-origin": "hr.example"})
    assert (answer.status_code, answer.headers["webhook-allowed-origin"]) == (200, "hr.example")


def test_an_event_that_is_too_old_is_taken_for_a_replay(gateway: Gateway) -> None:
    """HiBob signs no time but the body's own."""
    import base64

    body = preset("hibob").example.replace("2026-01-08", "2020-01-08").encode()
    signature = base64.b64encode(hmac.digest(SECRET.encode(), body, "sha512")).decode()
    told = problem(gateway.post("hibob", body, {"bob-signature": signature}), 409)
    assert "replay" in told["type"]


def test_redis_away_means_admitted_and_is_said(gateway: Gateway) -> None:
    assert [gateway.post("few", EVENT).status_code for _ in range(5)] == [202] * 5
    assert gateway.limits.away


def test_who_proves_nothing_again_and_again_is_not_listened_to(gateway: Gateway) -> None:
    for _ in range(limiting.BAD_PER_MINUTE):
        answer = gateway.post("bad", EVENT, {"authorization": "Bearer wrong"})
    told = problem(gateway.post("bad", EVENT), 429)
    assert answer.status_code == 401
    assert "not signed" in told["detail"]
    other = {**BEARER, "x-forwarded-for": "203.0.113.1"}
    assert gateway.post("bad", EVENT, other).status_code == 202, "from another address"


def test_a_full_spool_says_when_to_come_again_and_keeps_nothing_of_the_delivery(gateway: Gateway) -> None:
    large = {**EVENT, "payload": {"note": "x" * 900_000}}
    answers = [gateway.post("json", {**large, "id": str(n)}) for n in range(6)]
    statuses = [answer.status_code for answer in answers]
    assert statuses[0] == 202
    told = problem(answers[-1], 503)
    assert "spool" in told["detail"]
    assert int(answers[-1].headers["retry-after"]) >= 1
    kept = sum(len(each.message.value or b"") > 900_000 for each in gateway.records(Kind.EVENT))
    assert kept == statuses.count(202)


def test_what_became_of_deliveries_is_counted_by_source(gateway: Gateway) -> None:
    text = httpx.get(f"http://127.0.0.1:{gateway.port}/metrics").text
    assert (
        'officeflow_gateway_deliveries_total{source="acme/json",fate="refused",reason="too_deep"} 1' in text
    )
    assert httpx.get(f"http://127.0.0.1:{gateway.port}/health").json() == {"ready": True}
