"""The parts of the stack, and the services that each is made of."""

from __future__ import annotations

import time
from functools import partial

from officeflow.layout import ROOT, Layout, read_json
from officeflow.runtime import processes
from officeflow.runtime.health import HealthState
from officeflow.stack.airflow.services import airflow_services
from officeflow.stack.airflow.settings import setup_for
from officeflow.stack.privileges import GATEWAY, variables_of
from officeflow.stack.progress import Progress
from officeflow.stack.servers import kafka, postgres, valkey
from officeflow.stack.servers.counterparts import counterpart_services
from officeflow.stack.stack import Stack
from officeflow.stack.supervision.service import Service

BACKING = frozenset({"postgres", "valkey", "kafka"})
PLATFORM = frozenset({"airflow", "counterparts", "listeners"})
EVERYTHING = BACKING | PLATFORM
"""Airflow needs `postgres`, the listeners all but `counterparts`."""

LISTENERS = {
    "listener": "listeners.inbound",
    "steward": "listeners.steward",
    GATEWAY: "officeflow.gateway",
}
HEALTH_NAMES = {"listener": "lifecycle_events", "steward": "steward", GATEWAY: "gateway"}
"""What each calls its health file."""
LISTENER_PRIORITY = 50
HEALTH_SECONDS = 15.0


def backing_services(
    stack: Stack, parts: frozenset[str], progress: Progress
) -> tuple[list[Service], postgres.Place | None]:
    """The services that are not given, their data folders made; and where PostgreSQL is, if it is one of
    them.
    """
    services: list[Service] = []
    where = None
    if "postgres" in parts and not stack.given.both_databases:
        with progress.step("PostgreSQL's data folder") as step:
            where = postgres.place(stack.layout)
            if where.fallback:
                step.say(f"{where.user} cannot enter {stack.layout.home}; it is in {where.fallback}")
            postgres.initialize(where, stack.secrets["postgres_postgres"])
        services.append(postgres.service(stack, where))
    if "valkey" in parts and not stack.given.redis_url:
        services.append(valkey.service(stack))
    if "kafka" in parts and not stack.given.kafka_bootstrap:
        with progress.step("Kafka's jars and data folder") as step:
            kafka.fetch(stack.layout, step)
            kafka.initialize(stack)
        services.append(kafka.service(stack))
    return services, where


def platform_services(stack: Stack, parts: frozenset[str]) -> list[Service]:
    services: list[Service] = []
    if "counterparts" in parts:
        services += counterpart_services(stack)
    if "airflow" in parts:
        services += airflow_services(setup_for(stack))
    if "listeners" in parts:
        services += [_listener(stack, name, module) for name, module in LISTENERS.items()]
    return services


def _listener(stack: Stack, name: str, module: str) -> Service:
    is_gateway, port = name == GATEWAY, stack.ports[GATEWAY]
    return Service(
        name=name,
        command=(str(stack.layout.python), "-m", module),
        environment={
            **variables_of(name, stack.process_environment),
            **(stack.gateway_kafka.environment if is_gateway else {}),
        },
        directory=ROOT,
        ready=partial(_is_healthy, stack.layout, HEALTH_NAMES[name]),
        priority=LISTENER_PRIORITY,
        stop_seconds=20,
        ports={GATEWAY: port} if is_gateway else {},
        urls={"Webhooks": f"http://127.0.0.1:{port}/hooks/"} if is_gateway else {},
    )


def _is_healthy(layout: Layout, name: str) -> bool:
    """Whether the process that last wrote its health file lives, wrote it just now, and does its work."""
    path = layout.health / f"{name}.json"
    try:
        fresh = time.time() - path.stat().st_mtime < HEALTH_SECONDS
    except FileNotFoundError:
        return False
    told = read_json(path)
    return (
        fresh
        and processes.is_alive(int(told.get("pid", 0)))
        and told.get("state") in {HealthState.READING, HealthState.WORKING}
    )
