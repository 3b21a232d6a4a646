"""`bench events`: from the producing of an event to the creation of its run, against Airflow's own
AssetWatcher on the same Kafka.

Both are given the same number of messages at the same pace, one after the other in the same stack. A run's
creation is `dag_run.created_at` in Airflow's database. Our event starts a workflow of one node, which then
runs as any other; the watcher starts a DAG of an EmptyOperator, which costs no process.
"""

from __future__ import annotations

import argparse
import datetime as dt
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import frame
from benchmarks.bench import Bench
from benchmarks.measure import quantile, wait_for
from officeflow.demo import setup
from officeflow.events.message import Message
from officeflow.events.producer import NOWHERE, EventProducer, NewEvent, compose
from officeflow.events.topics import EMPLOYEE_ONBOARD
from officeflow.layout import ROOT

DAGS = Path(__file__).parent / "dags"
WATCHED_TOPIC = "bench.watched"
WATCHED_DAG = "bench_watched"
WORKFLOW = {
    "slug": "bench-events",
    "name": "Benchmark of events",
    "trigger": {"events": [EMPLOYEE_ONBOARD]},
    "nodes": [
        {
            "id": "record",
            "type": "audit.record",
            "params": {"action": "bench.event", "subject": "employee:${{ event.employee }}"},
        }
    ],
    "edges": [],
}
BUDGETS = {1: "max:0.1", 20: "max:0.02"}
"""By events per second."""

OURS = "SELECT conf->'event'->>'id', created_at FROM dag_run WHERE dag_id = 'acme__bench-events'"
WATCHED = """
SELECT e.extra->>'payload', min(r.created_at) FROM dag_run r
JOIN dagrun_asset_event x ON x.dag_run_id = r.id JOIN asset_event e ON e.id = x.event_id
WHERE r.dag_id = 'bench_watched' GROUP BY 1"""

Send = Callable[[str], None]


@dataclass(frozen=True)
class Way:
    """One way from a message to a run. `created` gives the event's id and when its run was created."""

    name: str
    send: Send
    created: Callable[[], Mapping[str, dt.datetime]]
    seconds_each: float
    """How long to wait for each event at most."""

    def delays(self, count: int, per_second: float) -> list[float]:
        """Seconds from producing to the run's creation, of each of `count` events."""
        sent = produce(self.send, count, per_second)
        seconds = 60 + count * self.seconds_each
        wait_for(
            lambda: sent.keys() <= self.created().keys(),
            what=f"the runs of {count} events by {self.name}",
            seconds=seconds,
        )
        created = self.created()
        return [created[event].timestamp() - at for event, at in sent.items()]


def produce(send: Send, count: int, per_second: float) -> dict[str, float]:
    """Send at a steady pace; the ids of the events, each with the time at which it was handed over."""
    sent = {}
    start = time.monotonic()
    for number in range(count):
        time.sleep(max(0.0, start + number / per_second - time.monotonic()))
        event = f"bench-{uuid.uuid4().hex}"
        sent[event] = time.time()
        send(event)
    return sent


def our_way(bench: Bench, producer: EventProducer) -> Way:
    def send(event: str) -> None:
        now = dt.datetime.now(dt.UTC)
        payload = {
            "given_name": "Ana",
            "family_name": "Bench",
            "department": "Bench",
            "start_date": "2026-02-02",
        }
        new = NewEvent(
            kind=EMPLOYEE_ONBOARD,
            organization=setup.ORG,
            employee=event,
            payload=payload,
            time=now,
            source="https://hr.example",
            id=event,
        )
        producer.send([compose(new, org_id=bench.org.org_id)])

    return Way("our listener", send, lambda: query(bench, OURS), seconds_each=2)


def watched_way(bench: Bench, producer: EventProducer) -> Way:
    def send(event: str) -> None:
        producer.send(
            [Message(topic=WATCHED_TOPIC, partition=NOWHERE, offset=NOWHERE, key=None, value=event.encode())]
        )

    return Way("Airflow's AssetWatcher", send, lambda: query(bench, WATCHED), seconds_each=6)


def query(bench: Bench, sql: str) -> dict[str, dt.datetime]:
    return dict(bench.airflow_tables.execute(sql.encode()).fetchall())


def prepare_watcher(bench: Bench) -> None:
    """Its topic, and the connection that it reads it by."""
    from confluent_kafka.admin import AdminClient, NewTopic

    access = bench.stack.kafka.configuration
    client = AdminClient(access)
    client.create_topics([NewTopic(WATCHED_TOPIC, num_partitions=1)])[WATCHED_TOPIC].result(30)
    extra = {**access, "group.id": "bench", "enable.auto.commit": False, "auto.offset.reset": "earliest"}
    bench.api.put_connection("bench_kafka", "kafka", extra=extra)
    bench.wait_for_dag(WATCHED_DAG)


def measure(options: argparse.Namespace) -> Sequence[frame.Result]:
    packages = {"PYTHONPATH": f"{frame.extra_packages()}:{ROOT}"}
    counts = {1: 3, 20: 6} if options.quick else {1: options.slow_events, 20: options.fast_events}
    with frame.bench_stack(dags=DAGS, environment=packages) as bench:
        prepare_watcher(bench)
        bench.publish(WORKFLOW)
        return compare(bench, counts)


def compare(bench: Bench, counts: Mapping[int, int]) -> list[frame.Result]:
    """`counts`: events per second to how many of them."""
    producer = EventProducer(bench.stack.kafka)
    ways = watched_way(bench, producer), our_way(bench, producer)
    for way in ways:
        way.delays(3, 0.2)  # what is slow only the first time
    results = []
    for rate, count in counts.items():
        theirs, ours = (way.delays(count, rate) for way in ways)
        results += figures(rate, theirs, ours)
    return results


def figures(rate: int, theirs: Sequence[float], ours: Sequence[float]) -> list[frame.Result]:
    results = []
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        baseline, own = quantile(theirs, share), quantile(ours, share)
        measured = {f"AssetWatcher, s, {len(theirs)} events": baseline, "own, s": own}
        results.append(frame.Result(f"events.{name}_{rate}", own / baseline, BUDGETS[rate], measured))
    if rate == 20:
        results.append(frame.Result("events.own_p99_20", quantile(ours, 0.99), "max:1"))
    return results


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--slow-events", type=int, default=20, help="How many events at 1/s.")
    parser.add_argument(
        "--fast-events",
        type=int,
        default=60,
        help="How many events at 20/s; the watcher takes about 2 seconds for each.",
    )
    parser.add_argument("--quick", action="store_true", help="A smoke test: few events.")


if __name__ == "__main__":
    frame.main(measure, options)
