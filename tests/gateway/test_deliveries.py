"""From a POST to the inbox, by the gateway's process, Kafka and the listener's own code."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from listeners.inbound.flood import FloodGuard
from listeners.inbound.kafka import Source
from listeners.inbound.lifecycle_events import Listener
from listeners.inbound.options import Options
from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.database.tables import DeadLetter, InboxEvent, Organization
from officeflow.errors import InvalidEvent
from officeflow.events import decisions, inbox
from officeflow.events.producer import EventProducer
from officeflow.gateway import administration
from officeflow.gateway.presets import preset
from officeflow.kafka_access import KafkaAccess
from officeflow.settings import load_settings
from officeflow.statuses import QuarantineStatus
from tests.counterparts.process import UNENCRYPTED
from tests.gateway.conftest import Gateway, eventually

EVENT = {"type": "employee.exit", "employeeId": "E1", "payload": {"end_date": "2026-03-31"}}
DEAD = "127.0.0.1:1"


class Silent:
    def beat(self, *_: Any, **__: Any) -> None:
        pass


@contextmanager
def listening(database: Database, access: KafkaAccess, org: str) -> Iterator[None]:
    """The lifecycle listener, for the topics of one organization."""
    source = Source(access, Options(group=f"gateway-{org}", topics=rf"^employee\..+\.{org}$"))
    stop = threading.Event()
    listener = Listener(
        source=source,
        database=database,
        producer=EventProducer(access),
        store=partial(inbox.store, own_source="officeflow"),
        flood=FloodGuard(limit=100, wait=1, share=1),
        arrived=lambda: None,
        health=Silent(),
        stop=stop,
    )
    thread = threading.Thread(target=listener.run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        source.close()


def rows(database: Database) -> list[InboxEvent]:
    with database.service() as session:
        return list(session.scalars(select(InboxEvent).order_by(InboxEvent.arrival)))


def letters(database: Database) -> list[DeadLetter]:
    with database.service() as session:
        return list(session.scalars(select(DeadLetter)))


class Hr:
    """A system that delivers to a source of the preset `json`."""

    def __init__(self, database: Database, gateway: Gateway, org: str, **changes: Any) -> None:
        document = {**preset("json").document, **changes}
        made = administration.create(database, org, "hr", document=document, by="cli:test")
        self.url = administration.address(gateway.url, org, "hr")
        self.headers = {"authorization": f"Bearer {made.secret}"}

    def post(self, body: Any) -> httpx.Response:
        return httpx.post(self.url, json=body, headers=self.headers, timeout=30, verify=UNENCRYPTED)

    def accepted(self, body: Any) -> dict[str, Any]:
        answer = self.post(body)
        assert answer.status_code == 202, answer.text
        one = {"events": [answer.headers.get("officeflow-event")], "ignored": 0, "quarantined": 0}
        found: dict[str, Any] = answer.json() if answer.content else one
        return found


def test_a_delivery_becomes_one_row_of_the_inbox_however_often_it_comes(
    database: Database, kafka_access: KafkaAccess, tenant: Organization, gateway: Gateway
) -> None:
    """Also one without a time and an id of its own, and across a change of the secret."""
    hr = Hr(database, gateway, tenant.slug)
    gateway.start()
    with listening(database, kafka_access, tenant.slug):
        for _ in range(3):
            hr.accepted(EVENT)
        made = administration.rotate(database, SystemClock(), tenant.slug, "hr", why="test", by="cli:test")
        new = {"authorization": f"Bearer {made.secret}"}
        eventually(lambda: httpx.post(hr.url, json=EVENT, headers=new, verify=UNENCRYPTED).status_code == 202)
        hr.accepted({**EVENT, "employeeId": "E2"})
        found = eventually(lambda: len(each := rows(database)) == 2 and each)
    assert [(row.employee_key, row.source, row.kind) for row in found] == [
        ("E1", "webhook/hr", "employee.exit"),
        ("E2", "webhook/hr", "employee.exit"),
    ]
    assert letters(database) == []
    assert gateway.health()["deliveries"]["accepted"] >= 5


def test_what_no_mapping_fits_waits_in_quarantine_until_it_was_mended(
    database: Database, tenant: Organization, gateway: Gateway
) -> None:
    """It is mapped anew, goes into the inbox once, and is not sent to a dead-letter topic."""
    hr = Hr(database, gateway, tenant.slug)
    gateway.start()
    strange = {"type": "fired", "employeeId": "E1", "payload": {"end_date": "2026-03-31"}}
    assert hr.accepted(strange)["quarantined"] == 1
    hr.accepted(strange)
    (letter,) = eventually(lambda: letters(database))
    assert (letter.topic, letter.reason) == (f"webhook.{tenant.slug}.hr", "unmapped")
    assert json.loads(letter.body or b"") == strange
    settings, clock = load_settings(), SystemClock()
    name = str(letter.dead_letter_id)
    with pytest.raises(InvalidEvent, match="mapping"):
        decisions.replay(database, clock, settings, name, why="too early", by="cli:test")
    mended = administration.find(database, tenant.slug, "hr").definition
    mended = {**mended, "kinds": [{"when": 'body.type == "fired"', "kind": "employee.exit"}]}
    administration.change(database, tenant.slug, "hr", mended, why="mended", by="cli:test")
    # The message has no time of its own: that it was kept is the time.
    decisions.replay(database, clock, settings, name, why="mended", by="cli:test")
    (row,) = rows(database)
    assert (row.kind, row.employee_key, row.payload) == ("employee.exit", "E1", {"end_date": "2026-03-31"})
    assert letters(database)[0].status is QuarantineStatus.REPLAYED
    eventually(lambda: hr.accepted(strange)["quarantined"] == 0)


def test_of_a_delivery_whose_items_fit_in_part_each_is_taken_once(
    database: Database, kafka_access: KafkaAccess, tenant: Organization, gateway: Gateway
) -> None:
    changes = {"each": "body", "kind": "item.type", "employee": "item.employeeId", "time": "item.at"}
    hr = Hr(database, gateway, tenant.slug, **changes, payload_from="item.payload", id=["item.n"])
    gateway.start()
    batch = [{**EVENT, "n": n, "type": "fired" if n == 1 else "employee.exit"} for n in range(3)]
    assert hr.accepted(batch) == {"events": ["0", "2"], "ignored": 0, "quarantined": 1}
    with listening(database, kafka_access, tenant.slug):
        eventually(lambda: len(rows(database)) == 2)
    (letter,) = eventually(lambda: letters(database))
    mended = administration.find(database, tenant.slug, "hr").definition
    mended = {**mended, "kinds": [{"when": 'item.type == "fired"', "kind": "employee.exit"}]}
    administration.change(database, tenant.slug, "hr", mended, why="mended", by="cli:test")
    name = str(letter.dead_letter_id)
    decisions.replay(database, SystemClock(), load_settings(), name, why="mended", by="cli:test")
    assert [row.event_id for row in rows(database)] == ["0", "2", "1"]


def test_what_was_accepted_while_kafka_was_away_survives_a_kill_and_arrives_in_order(
    database: Database, kafka_access: KafkaAccess, tenant: Organization, gateway: Gateway
) -> None:
    hr = Hr(database, gateway, tenant.slug)
    gateway.start(OFFICEFLOW_KAFKA_BOOTSTRAP=DEAD)
    ids = [hr.accepted({**EVENT, "id": f"e{n}"})["events"][0] for n in range(20)]
    strange = {**EVENT, "type": "fired"}
    hr.accepted(strange)
    told = gateway.health()
    assert (told["ready"], told["spool"]["event"]) == (True, 20)
    assert "kafka" in told["problems"]
    gateway.kill()
    gateway.start()
    ids.append(hr.accepted({**EVENT, "id": "after"})["events"][0])
    with listening(database, kafka_access, tenant.slug):
        found = eventually(lambda: len(each := rows(database)) == 21 and each)
    assert [row.event_id for row in found] == ids
    assert len(eventually(lambda: letters(database))) == 1
    eventually(lambda: gateway.health()["problems"] == {})
    assert gateway.health()["spool"]["event"] == 0


def test_with_the_database_away_sources_are_those_of_the_last_time_and_nothing_is_lost(
    database: Database, tenant: Organization, gateway: Gateway
) -> None:
    """A gateway that never knew any says to come again; one that did goes on, and keeps what is for the
    quarantine.
    """
    hr = Hr(database, gateway, tenant.slug)
    away = f"postgresql://nobody@{DEAD}/none"
    gateway.start()
    hr.accepted(EVENT)
    gateway.kill()
    gateway.start(OFFICEFLOW_DATABASE_GATEWAY_URL=away)
    hr.accepted(EVENT)
    hr.accepted({**EVENT, "type": "fired"})
    told = gateway.health()
    assert (told["ready"], told["spool"]["letter"]) == (True, 1)
    assert "database" in told["problems"]
    staying = eventually(lambda: gateway.health()["cannot_leave"])
    assert "did not answer" in staying["letter"]["why"]
    assert letters(database) == []
    gateway.stop()
    gateway.start()
    assert len(eventually(lambda: letters(database))) == 1
    eventually(lambda: gateway.health()["cannot_leave"] == {})


def test_a_source_may_bring_as_many_as_was_settled(
    database: Database, tenant: Organization, gateway: Gateway
) -> None:
    """Counted in Redis, in blocks; so a gateway that starts anew goes on from there."""
    hr = Hr(database, gateway, tenant.slug, per_minute=3)
    gateway.start()
    statuses = [hr.post({**EVENT, "id": str(n)}).status_code for n in range(8)]
    assert 429 in statuses, "three a minute, and two minutes at most are begun"
    assert statuses.count(202) in {3, 4, 5, 6}


def test_nothing_that_was_refused_is_in_the_log(
    database: Database, tenant: Organization, gateway: Gateway
) -> None:
    """Nor is a secret, nor what went to the quarantine; what was no request at all is refused too."""
    hr, mark = Hr(database, gateway, tenant.slug), "marked-4711"
    secret = hr.headers["authorization"].removeprefix("Bearer ")
    gateway.start()
    wrong = {"authorization": f"Bearer {mark}"}
    assert httpx.post(hr.url, json=EVENT, headers=wrong, verify=UNENCRYPTED).status_code == 401
    for body in (b'{"type": "%s"' % mark.encode(), b'{"type": "\\u0000%s"}' % mark.encode()):
        answer = httpx.post(hr.url, content=body, headers=hr.headers, verify=UNENCRYPTED)
        assert (answer.status_code, mark in answer.text, secret in answer.text) == (422, False, False)
    assert hr.accepted({**EVENT, "type": mark})["quarantined"] == 1
    answer = httpx.post(hr.url.replace("/hr", "/x%2fhr"), json=EVENT, headers=hr.headers)
    assert answer.status_code == 404
    with socket.create_connection(("127.0.0.1", httpx.URL(hr.url).port or 0), timeout=60) as client:
        client.sendall(f"POST /hooks HTTP/1.1\r\nauthorization: {secret}\r\nx: {mark}\0\r\n\r\n".encode())
        told = client.makefile("rb").read()
    assert b"400" in told.splitlines()[0]
    assert b"application/problem+json" in told
    gateway.stop()
    assert "started" in gateway.log
    assert (mark in gateway.log, secret in gateway.log) == (False, False)
