"""`bench gateway`: webhooks. 1,000 deliveries a second are offered for 30 s: how many are accepted, how long
each takes from when it was due, and whether all of them are in Kafka; again with Kafka killed in the middle,
and with the gateway killed by `kill -9`. And a delivery's processor time, against a bare Starlette route that
only checks the HMAC.

The one that offers runs on the same machine.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import httpx

from benchmarks import deliveries, frame
from benchmarks.deliveries import Offered
from benchmarks.measure import NotFinished, cpu_seconds, quantile, wait_for
from officeflow.database import migrate
from officeflow.database.engine import Database
from officeflow.database.roles import Logins
from officeflow.demo import setup
from officeflow.events import topics
from officeflow.gateway import administration
from officeflow.gateway.presets import preset
from officeflow.layout import Layout
from officeflow.stack.parts import BACKING, LISTENERS
from officeflow.stack.privileges import GATEWAY, variables_of
from officeflow.stack.stack import Stack
from officeflow.stack.supervision.supervisor import Supervisor

RATE, SECONDS = 1000, 30
COUNTED = 20_000
"""Deliveries over which processor time is taken."""
SOURCE = "bench"
HALF_COMPUTED = {"title": "body.payload.title + ' (new)'", "location": "body.payload.location.trim()"}
SETTLE_SECONDS = 120.0


class Process:
    """The gateway, or what it is compared with."""

    def __init__(self, command: Sequence[str], environment: dict[str, str], port: int, log: Path) -> None:
        self.command, self.environment, self.port, self._log = command, environment, port, log
        self.start()

    def start(self) -> None:
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(self.command, env=self.environment, stdout=output, stderr=output)
        wait_for(self._answers, what="the gateway", seconds=60, pause=0.05)

    def _answers(self) -> bool:
        if self._process.poll() is not None:
            raise NotFinished(f"it ended: {self._log.read_text()[-2000:]}")
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/health").status_code in {200, 404}
        except httpx.HTTPError:
            return False

    @property
    def cpu(self) -> float:
        return cpu_seconds(self._process.pid)

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(60)


class Place:
    """A stack's servers, an organization, and its source."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self.stack, self._folder = stack, folder
        logins = Logins(stack.database_tenant_url, stack.database_service_url, stack.database_gateway_url)
        migrate.upgrade(stack.database_url, logins=logins)
        self.database = Database(stack.database_url)
        setup.ensure_organization(self.database)
        topics.create_topics(stack.kafka, setup.ORG)
        self.secret = self._source(SOURCE, {})
        self.computed_secret = self._source(f"{SOURCE}-computed", HALF_COMPUTED)

    def _source(self, slug: str, payload: dict[str, str]) -> str:
        document = {**preset("json-signed").document, "per_minute": 10_000_000, "payload": payload}
        made = administration.create(
            self.database, setup.ORG, slug, document=document, by="service:benchmark"
        )
        return str(made.secret)

    @contextlib.contextmanager
    def gateway(self) -> Iterator[Process]:
        given = {
            **variables_of(GATEWAY, self.stack.process_environment),
            **self.stack.gateway_kafka.environment,
        }
        command = [sys.executable, "-P", "-m", LISTENERS[GATEWAY]]
        process = Process(
            command, self._environment(given), self.stack.ports["gateway"], self._folder / "gateway.log"
        )
        try:
            yield process
        finally:
            process.stop()

    @contextlib.contextmanager
    def bare(self) -> Iterator[Process]:
        port = self.stack.ports["gateway"]
        code = f"from benchmarks.bare_hook import serve; serve({port}, {self.secret!r})"
        process = Process(
            [sys.executable, "-c", code], self._environment({}), port, self._folder / "bare.log"
        )
        try:
            yield process
        finally:
            process.stop()

    def _environment(self, given: dict[str, str]) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("OFFICEFLOW_")}
        return {**kept, **given}

    def offer(
        self, prefix: str, seconds: float, *, rate: float = RATE, again: bool = False, computed: bool = False
    ) -> Offered:
        slug, secret = (f"{SOURCE}-computed", self.computed_secret) if computed else (SOURCE, self.secret)
        make = partial(deliveries.request, f"/hooks/{setup.ORG}/{slug}", secret)
        port = self.stack.ports["gateway"]
        return asyncio.run(
            deliveries.offer(port, make, prefix=prefix, rate=rate, seconds=seconds, again=again)
        )

    def arrived(self, wanted: set[str], prefix: str) -> set[str]:
        """Of the ids, those in Kafka; it is waited until all are there, or for some minutes."""
        from confluent_kafka import Consumer

        consumer = Consumer(
            {
                **self.stack.kafka.configuration,
                "group.id": f"bench-{prefix}-{time.time()}",
                "auto.offset.reset": "earliest",
            }
        )
        consumer.subscribe([topics.lifecycle_topic(topics.EMPLOYEE_ONBOARD, setup.ORG)])
        found: set[str] = set()
        deadline = time.monotonic() + SETTLE_SECONDS
        try:
            while wanted - found and time.monotonic() < deadline:
                for message in consumer.consume(2000, 1.0):
                    if (value := message.value()) is not None and message.error() is None:
                        found.add(str(value).partition('"id":"')[2].partition('"')[0])
        finally:
            consumer.close()
        return found & wanted


def cpu_per_delivery(process: Process, offer: Callable[[], Offered]) -> float:
    """Microseconds."""
    offer()
    before = process.cpu
    done = len(offer().accepted)
    if done == 0:
        raise NotFinished("nothing was accepted")
    return (process.cpu - before) / done * 1e6


def processor_time(place: Place, counted: int) -> list[frame.Result]:
    seconds = counted / RATE
    with place.bare() as bare:
        base = cpu_per_delivery(bare, lambda: place.offer("b", seconds))
    with place.gateway() as gateway:
        own = cpu_per_delivery(gateway, lambda: place.offer("c", seconds))
        computed = cpu_per_delivery(gateway, lambda: place.offer("d", seconds, computed=True))
    measured = {
        "bare route, µs": base,
        "gateway, µs": own,
        "gateway with two computed fields, µs": computed,
    }
    return [frame.Result("gateway.cpu", own / base, "max:3", measured)]


def pace(
    place: Place, name: str, seconds: float, disturb: Callable[[Process], None] | None
) -> list[frame.Result]:
    """Offer, and in the middle disturb."""
    with place.gateway() as gateway:
        timer = threading.Timer(seconds / 2, lambda: disturb(gateway) if disturb else None)
        timer.start()
        told = place.offer(name, seconds, again=disturb is not None)
        timer.join()
        arrived = place.arrived(told.accepted, name)
    share = len(told.accepted) / (RATE * seconds)
    lost = len(told.accepted - arrived)
    measured = {
        "offered, a second": RATE,
        "accepted share": share,
        "p50, s": quantile(told.seconds, 0.5),
        "p99, s": quantile(told.seconds, 0.99),
        "tried again or refused": told.refused,
        "in Kafka": len(arrived),
    }
    results = [
        frame.Result(f"gateway.{name}_lost", lost, "max:0", measured),
        frame.Result(f"gateway.{name}_accepted", share, "min:0.999"),
    ]
    if disturb is None:
        results.append(frame.Result(f"gateway.{name}_p99", quantile(told.seconds, 0.99), "max:0.25"))
    return results


def kill_kafka(layout: Layout, _: Process) -> None:
    """Supervisord starts it anew."""
    os.kill(int(Supervisor(layout).states()["kafka"]["pid"]), signal.SIGKILL)


def kill_gateway(gateway: Process) -> None:
    gateway.kill()
    gateway.start()


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quick", action="store_true", help="For 6 s instead of 30.")


def measure(given: argparse.Namespace) -> Sequence[frame.Result]:
    seconds = 6 if given.quick else SECONDS
    with frame.bench_stack(parts=BACKING) as bench:
        layout = bench.stack.layout
        place = Place(bench.stack, layout.home)
        results = processor_time(place, COUNTED // 5 if given.quick else COUNTED)
        results += pace(place, "calm", seconds, None)
        results += pace(place, "kafka_killed", seconds, partial(kill_kafka, layout))
        results += pace(place, "gateway_killed", seconds, kill_gateway)
        place.database.dispose()
    return results


if __name__ == "__main__":
    frame.main(measure, options)
