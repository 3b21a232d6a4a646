"""Airflow: its components, what it cannot import, whether it shows what was published, and who runs nodes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from officeflow import ids
from officeflow.airflow_api.client import AirflowApi
from officeflow.catalog import registry
from officeflow.counts import counted
from officeflow.database.engine import Database
from officeflow.doctor.finding import Check, Finding, Subject, ok, problem, warning
from officeflow.errors import NotKnown
from officeflow.layout import read_json
from officeflow.program import typed
from officeflow.workflows import airflow_check, store

AREA = "airflow"
COMPONENTS = ("metadatabase", "scheduler", "dag_processor", "triggerer")
QUEUES_VARIABLE = "AIRFLOW__SDK__QUEUE_TO_COORDINATOR"
COORDINATORS_VARIABLE = "AIRFLOW__SDK__COORDINATORS"
LOOKED_AT = 20
"""How many active workflows are looked at, the last published first."""


def api_of(subject: Subject) -> AirflowApi:
    settings = subject.known
    return AirflowApi(
        settings.airflow_url,
        settings.airflow_username,
        settings.airflow_password.get_secret_value(),
        timeout=5.0,
    )


def answers(subject: Subject) -> Iterator[Finding]:
    with api_of(subject) as api:
        api.health()
    yield ok(f"Airflow at {subject.known.airflow_url} answers")


def components(subject: Subject) -> Iterator[Finding]:
    with api_of(subject) as api:
        health = api.health()
    for name in COMPONENTS:
        told = health.get(name) or {}
        if told.get("status") == "healthy":
            continue
        last = told.get(f"latest_{name}_heartbeat")
        yield problem(
            f"Airflow's {name.replace('_', '-')} is {told.get('status') or 'not there'}"
            + (f", last heard of at {last}" if last else ""),
            f"{typed('logs airflow-')}{name.replace('_', '-')}, or its log where Airflow runs elsewhere",
        )
    if all((health.get(name) or {}).get("status") == "healthy" for name in COMPONENTS):
        yield ok(f"{', '.join(name.replace('_', '-') for name in COMPONENTS)} are healthy")


def login(subject: Subject) -> Iterator[Finding]:
    with api_of(subject) as api:
        api.connections("none")
    yield ok(f"the service account {subject.known.airflow_username} may sign in and read connections")


def import_errors(subject: Subject) -> Iterator[Finding]:
    with api_of(subject) as api:
        errors = api.import_errors(limit=5)
    for error in errors:
        last = (error["stack_trace"].strip().splitlines() or ["no reason given"])[-1]
        yield problem(
            f"Airflow cannot import {error['filename']} of bundle {error['bundle_name']}: {last}",
            "correct it; the UI shows the whole trace",
        )
    if not errors:
        yield ok("no import errors")


def bundle(subject: Subject) -> Iterator[Finding]:
    """Whether Airflow's copy of what was published last is that very version, and none is paused."""
    with Database.from_settings(subject.known) as database, database.service() as session:
        published = store.last_published(session, most=LOOKED_AT)
    if not published:
        yield ok("no workflow is active")
        return
    stale, paused = [], []
    with api_of(subject) as api:
        for dag_id, content_hash in published:
            try:
                told = api.dag_details(dag_id)
            except NotKnown:
                stale.append(dag_id)
                continue
            if content_hash not in (told.get("doc_md") or ""):
                stale.append(dag_id)
            if told["is_paused"]:
                paused.append(dag_id)
    if stale:
        yield problem(
            f"Airflow does not show the newest version of {', '.join(stale)}",
            typed("logs airflow-dag-processor"),
        )
    if paused:
        yield warning(
            f"paused in Airflow: {', '.join(paused)}: their runs are created and wait",
            "unpause them in the Airflow UI",
        )
    if not stale and not paused:
        yield ok(
            f"{counted(len(published), 'workflow')} published last: there in the newest version, none paused"
        )


def node_types(subject: Subject) -> Iterator[Finding]:
    """Whether somebody knows the node types of what is published."""
    with Database.from_settings(subject.known) as database, database.service() as session:
        found = store.with_other_types(session, registry.type_names(), most=LOOKED_AT)
    for org, slug, types in found:
        yield problem(
            f"{ids.dag_id(org, slug)} (workflow {slug} of {org}): there is no node type {', '.join(types)},"
            " and its runs wait for an hour",
            "set OFFICEFLOW_NODE_PACKAGES to the packages with node types of your own, and call"
            f" `{typed('up')}`",
        )
    if not found:
        yield ok("the node types of all active workflows are known")


def checks(subject: Subject) -> Iterator[Finding]:
    """Whether a process is kept that checks definitions before they are published."""
    found = airflow_check.kept_process(subject.known)
    if found is airflow_check.Kept.READY:
        yield ok("a process is ready to check definitions")
        return
    why = {
        airflow_check.Kept.ABSENT: "no process is ready to check definitions",
        airflow_check.Kept.OTHER: "the process that checks definitions has other code or settings than this",
    }
    yield warning(
        f"{why[found]}: publishing takes some seconds longer",
        f"{typed('logs airflow-dag-processor')}, then `{typed('up')}`",
    )


def coordinator(subject: Subject) -> Iterator[Finding]:
    """Who runs tasks on the nodes' queue.

    Without a coordinator the ordinary door does, four times as slow; without a worker nobody.
    """
    queue = subject.known.node_queue
    if not queue:
        yield warning(
            "OFFICEFLOW_NODE_QUEUE is not set: nodes take Airflow's ordinary path",
            "set it to a queue with a coordinator",
        )
        return
    variables = _airflow_variables(subject)
    if variables is None:
        yield warning(
            f"who runs the queue {queue!r} cannot be seen from here",
            f"Airflow's workers need {QUEUES_VARIABLE}",
        )
        return
    queues, coordinators = (
        _object(variables.get(QUEUES_VARIABLE)),
        _object(variables.get(COORDINATORS_VARIABLE)),
    )
    if queues.get(queue) not in coordinators:
        yield problem(
            f"Airflow has no coordinator for the queue {queue!r}: nodes take the ordinary path",
            f"set {QUEUES_VARIABLE}",
        )
    else:
        yield ok(f"the queue {queue!r} is run by {coordinators[queues[queue]].get('classpath')}")
    taken = _worker_queues(subject)
    if taken is not None and queue not in taken:
        yield problem(
            f"no Celery worker takes the queue {queue!r}: nodes wait for ever",
            f"start one with -q default,{queue}",
        )


def _airflow_variables(subject: Subject) -> Mapping[str, str] | None:
    """The environment of the stack's scheduler, or our own where it names Airflow's settings; None where
    neither is known.
    """
    told = read_json(subject.layout.run / "airflow-scheduler.json").get("environment")
    if told:
        return dict(told)
    return subject.environ if QUEUES_VARIABLE in subject.environ else None


def _worker_queues(subject: Subject) -> list[str] | None:
    command = read_json(subject.layout.run / "airflow-worker.json").get("command") or []
    return command[command.index("--queues") + 1].split(",") if "--queues" in command else None


def _object(text: str | None) -> dict[str, Any]:
    try:
        value = json.loads(text or "{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


ANSWERS = "airflow.answers"

CHECKS = (
    Check(area=AREA, name="answers", examine=answers, needs=("settings.readable",)),
    Check(area=AREA, name="components", examine=components, needs=(ANSWERS,)),
    Check(area=AREA, name="login", examine=login, needs=(ANSWERS,)),
    Check(area=AREA, name="imports", examine=import_errors, needs=(ANSWERS, "airflow.login")),
    Check(area=AREA, name="bundle", examine=bundle, needs=(ANSWERS, "airflow.login", "database.revision")),
    Check(
        area=AREA, name="node-types", examine=node_types, needs=("database.revision", "settings.node-types")
    ),
    Check(area=AREA, name="checks", examine=checks, needs=(ANSWERS,)),
    Check(area=AREA, name="coordinator", examine=coordinator, needs=("settings.readable",)),
)
