"""People are hired everywhere by a running stack, sign in, and leave; and their runs are killed meanwhile."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from confluent_kafka import Consumer, TopicPartition

from officeflow.runs.follow import RunFound
from officeflow.runtime import processes
from tests.e2e.beside import LEAVES, Beside, Systems
from tests.e2e.conftest import Running, wait_for
from tests.e2e.test_stories import done
from tests.messages import headers_of
from tests.systems.system import Seen

SLUG = "everywhere"
"""The workflow's, and the department whose people start it."""
CREATE, SUSPEND = KILLED = ("create_account", "suspend_account")
"""Steps of each branch that are killed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """By the systems' own word and journals, Airflow and the ledger."""

    people: Mapping[str, Mapping[str, Seen]]
    writes: Mapping[str, int]
    tasks: Mapping[str, Mapping[str, Any]]
    ledger: Sequence[Mapping[str, Any]]
    """As `run show` has it."""


def hired(employee: str) -> dict[str, Any]:
    names = {"given_name": employee.title(), "family_name": "Pérez"}
    return event("employee.onboard", employee, {**names, "department": SLUG})


def hire(running: Running, sent: Mapping[str, Any]) -> RunFound:
    command = ("event", "send", "-", "--org", "acme", "--wait")
    (told,) = running.cli_json(*command, stdin=json.dumps(sent))["runs"]
    return RunFound(told["dag_id"], told["dag_run_id"], uuid.UUID(told["run_id"]))


def event(kind: str, employee: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"e2e-{uuid.uuid4().hex[:12]}",
        "source": "https://hr.acme.example/e2e",
        "type": kind,
        "subject": employee,
        "time": dt.datetime.now(dt.UTC).isoformat(),
        "data": dict(payload),
    }


def await_leaving(running: Running, systems: Systems, run: str, employee: str) -> None:
    """Everything is there, and the person is signed in everywhere."""

    def waits() -> bool:
        return LEAVES in {each["node"] for each in running.cli_json("run", "show", run)["waits"]}

    wait_for(waits, what="all branches to wait")
    for each in systems.there.values():
        each.sign_in(employee)


def leave(running: Running, employee: str) -> None:
    leaving = event("employee.update", employee, {"end_date": "2026-01-30"})
    done(running, "event", "send", "-", "--org", "acme", stdin=json.dumps(leaving))


def since(before: Mapping[str, int], systems: Systems) -> Mapping[str, int]:
    return {name: number - before[name] for name, number in systems.writes().items()}


def state(running: Running, systems: Systems, run: RunFound) -> State:
    tasks = running.api.task_instances(run.dag_id, run.dag_run_id)
    return State(
        people=systems.people(),
        writes=systems.writes(),
        tasks={task["task_id"]: task for task in tasks},
        ledger=running.cli_json("run", "show", str(run.run_id))["nodes"],
    )


def kill_all(running: Running, run: RunFound, systems: Systems, employee: str, step: str) -> None:
    """At each system, once it has done the step and its answer is waited for."""
    waiting = list(systems.there.values())

    def done_by() -> Beside | None:
        for each in waiting:
            seen = each.seen(employee)
            if seen is not None and (step == CREATE or not seen.active):
                return each
        return None

    while waiting:
        beside = wait_for(done_by, what=f"{step} at one of {[each.branch.name for each in waiting]}")
        waiting.remove(beside)
        kill(running, run, beside.branch.node_id(step))


def kill(running: Running, run: RunFound, node: str) -> None:
    """The process in which the node acts."""
    worker = worker_of(running, run, node)
    acting = [pid for pid in processes.tree(worker) if processes.parent(pid) == worker]
    assert acting, f"nobody acts for {node}"
    for pid in acting:
        os.kill(pid, signal.SIGKILL)


def worker_of(running: Running, run: RunFound, node: str) -> int:
    """The pid of Airflow's process that runs the node's task."""
    tasks = running.api.task_instances(run.dag_id, run.dag_run_id)
    (task,) = (cast("Any", each) for each in tasks if each["task_id"] == node)
    return int(task["pid"])


def announced(running: Running, topic: str, event_id: str) -> list[Mapping[str, Any]]:
    """What the topic has of the run that the event started."""
    consumer = Consumer(
        {
            **running.stack.kafka.configuration,
            "group.id": uuid.uuid4().hex,
            "enable.auto.commit": False,
            "enable.partition.eof": True,
        }
    )
    try:
        parts = consumer.list_topics(topic, timeout=10).topics[topic].partitions
        consumer.assign([TopicPartition(topic, part, 0) for part in parts])
        found, open_parts = [], len(parts)
        while open_parts:
            message = consumer.poll(10.0)
            assert message is not None, "Kafka stands still"
            if message.error():
                open_parts -= 1
            elif headers_of(message).get("ce_correlationid") == event_id:
                found.append(json.loads(message.value() or b""))
        return found
    finally:
        consumer.close()
