"""Every workflow of these tests, in six variants each: three ways to a node on two executors."""

from __future__ import annotations

import contextlib
import itertools
import os
import secrets
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest
from sqlalchemy.engine import make_url

from dag_factory.bundle import WORKFLOWS_PER_STUB
from officeflow.airflow_api.client import AirflowApi
from officeflow.database.engine import Database
from officeflow.errors import NotKnown
from tests.airflow.embedded import EmbeddedAirflow, eventually
from tests.dag_factory.conftest import Published, content_hash, definition

ENDED = {"success", "failed"}
HANDED_ON = os.environ.get("OFFICEFLOW_HANDOVER", "on") != "off"
"""Whether workers hand their slots on; where not, the variants that ask for it go the scheduler's way."""
CORRELATION_ID = "c-doors"


@dataclass(frozen=True, slots=True)
class Variant:
    """`door` is `stock`, `warm`, or `handed`: the warm one, for tasks that are taken over from one before
    them.
    """

    door: str
    executor: str

    @property
    def is_handed(self) -> bool:
        return self.door == "handed"

    def __str__(self) -> str:
        return f"{self.door}-{self.executor}"


VARIANTS = [
    Variant(door, executor)
    for door, executor in itertools.product(("stock", "warm", "handed"), ("local", "celery"))
]
SHOWN = {Variant("warm", "local"), Variant("stock", "celery"), Variant("handed", "celery")}
"""Each door and each executor; tests of the other three are `long`."""
LOCAL, CELERY = ([each for each in VARIANTS if each.executor == name] for name in ("local", "celery"))
HANDED = [variant for variant in VARIANTS if variant.is_handed]


def params(*doors: str) -> list[Any]:
    """The variants, of these doors where any are named, as parameters of a test."""
    return [
        pytest.param(variant, id=str(variant), marks=[] if variant in SHOWN else [pytest.mark.long])
        for variant in VARIANTS
        if not doors or variant.door in doors
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A workflow without a name: `nodes` and `edges` of its definition."""

    nodes: list[dict[str, Any]]
    edges: list[dict[str, Any]] = field(default_factory=list)
    starts: bool = True
    """Whether a run of it is started together with all others."""
    variants: Collection[Variant] = ()
    """The variants of it, whatever is asked for; where there are none, those that the session's tests ask
    for.
    """

    def taken_over(self) -> Scenario:
        """The same, with a quick node before each with which it begins: one worker goes on with one task, so
        each has its own.
        """
        into = {edge["to"] for edge in self.edges}
        before = {node["id"]: before_(node["id"]) for node in self.nodes if node["id"] not in into}
        quick = {"type": "audit.record", "params": {"action": "before", "subject": "employee:E-1"}}
        return replace(
            self,
            nodes=[*({"id": name, **quick} for name in before.values()), *self.nodes],
            edges=[*({"from": name, "to": key} for key, name in before.items()), *self.edges],
        )


def before_(key: str) -> str:
    """The quick node whose worker takes over the node `key`."""
    return f"before_{key}"


@dataclass(frozen=True, slots=True)
class Run:
    """A run of a variant of a scenario; `file` has what its nodes left as evidence.

    Where the variant is one of tasks that are taken over, whoever awaits the state of one learns that it was.
    """

    airflow: EmbeddedAirflow
    dag_id: str
    run_id: str
    file: Path

    @property
    def api(self) -> AirflowApi:
        return self.airflow.admin

    def all_tasks(self) -> dict[str, dict[str, Any]]:
        """Also the quick nodes, with all that the API says of each."""
        return {task["task_id"]: dict(task) for task in self.api.task_instances(self.dag_id, self.run_id)}

    def tasks(self) -> dict[str, dict[str, Any]]:
        """Those of the scenario."""
        every = self.all_tasks()
        quick = {before_(name) for name in every}
        return {name: task for name, task in every.items() if name not in quick}

    def state(self, task: str) -> str | None:
        found: str | None = self.all_tasks()[task]["state"]
        return found

    def await_state(self, task: str, *states: str, seconds: float = 240) -> str:
        found = eventually(lambda: state if (state := self.state(task)) in states else None, seconds=seconds)
        self._assert_taken_over(task)
        return found or ""

    def first(self, task: str) -> str:
        """What has to run for this task to run: the quick one before it, or itself."""
        return before_(task) if before_(task) in self.all_tasks() else task

    def _assert_taken_over(self, task: str) -> None:
        if before_(task) in self.all_tasks():
            found = self.airflow.taken_over_from(self.dag_id, self.run_id, task)
            assert (before_(task) in found) is HANDED_ON, f"{task} was taken over from {found}"

    def await_end(self, *, seconds: float = 300) -> dict[str, str | None]:
        """The states of its tasks when the run has ended."""
        try:
            eventually(lambda: self.api.dag_run(self.dag_id, self.run_id)["state"] in ENDED, seconds=seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}: {self._states(self.all_tasks())}") from error
        for task in self.tasks():
            self._assert_taken_over(task)
        return self._states(self.tasks())

    @staticmethod
    def _states(tasks: Mapping[str, Mapping[str, Any]]) -> dict[str, str | None]:
        return {name: task["state"] for name, task in tasks.items()}

    def log(self, task: str, attempt: int = 1) -> str:
        return self.api.task_log(self.dag_id, self.run_id, task, attempt)

    def log_when(self, task: str, attempt: int, *words: str) -> str:
        """The log once it has all these words; it is written a moment after the state."""
        log = ""

        def has_them() -> bool:
            nonlocal log
            try:
                log = self.log(task, attempt)
            except NotKnown:
                return False  # the scheduler has not made the run's tasks yet
            return all(word in log for word in words)

        try:
            eventually(has_them)
        except AssertionError as error:
            raise AssertionError(
                f"{words} are not all in the log of {task}, try {attempt}:\n{log}"
            ) from error
        return log

    def evidence(self) -> list[tuple[str, int]]:
        """Word and pid of everything that was left, in order."""
        lines = self.file.read_text().splitlines() if self.file.exists() else []
        return [(line.split()[0], int(line.split()[1])) for line in lines]

    def words(self) -> list[str]:
        return [word for word, _ in self.evidence()]


class Stage:
    """Published workflows and their runs, on one Airflow. `folder` is for evidence; logs of tasks are sent to
    `kept_logs`.
    """

    def __init__(
        self,
        airflow: EmbeddedAirflow,
        database: Database,
        publisher: Published,
        folder: Path,
        kept_logs: Path,
        variants: Collection[Variant],
    ) -> None:
        """`variants` are those that the session's tests ask for."""
        self.airflow = airflow
        self.database = database
        self.folder = folder
        self.kept_logs = kept_logs
        self._variants = [variant for variant in VARIANTS if variant in variants]
        self._publisher = publisher
        self._drawn: dict[str, dict[str, Any]] = {}
        self._runs: dict[str, Run] = {}

    def play(self, scenarios: Mapping[str, Callable[[str], Scenario]]) -> None:
        """Publish all variants of all scenarios, and start those that start by themselves, as soon as Airflow
        has them all.
        """
        every = (
            (name, variant, make(str(self._file(name, variant))))
            for name, make in scenarios.items()
            for variant in VARIANTS
        )
        made = {
            (name, variant): scenario for name, variant, scenario in every if self._has(scenario, variant)
        }
        for (name, variant), scenario in made.items():
            self.publish(name, variant, scenario)
        self.await_published()
        for (name, variant), scenario in made.items():
            if scenario.starts:
                self.start(name, variant)

    def _has(self, scenario: Scenario, variant: Variant) -> bool:
        return variant in (scenario.variants or self._variants)

    def replace(self, name: str, make: Callable[[str], Scenario]) -> None:
        """Publish another version of the scenario."""
        for variant in self._variants:
            self.publish(name, variant, make(str(self._file(name, variant))))
        self.await_published()

    def _file(self, name: str, variant: Variant) -> Path:
        return self.folder / f"{name}-{variant}"

    def publish(self, name: str, variant: Variant, scenario: Scenario) -> None:
        slug = f"{name}-{variant}"
        tags = [f"door-{variant.door}", f"executor-{variant.executor}"]
        if variant.is_handed:
            scenario = scenario.taken_over()
        self._drawn[slug] = definition(slug, nodes=scenario.nodes, edges=scenario.edges, tags=tags)
        self._publisher.publish(slug, self._drawn[slug])

    def await_published(self) -> None:
        """Until Airflow's own copy of every DAG is the one of its definition."""
        missing = set(self._drawn)
        asked = time.monotonic()

        def none_is_missing() -> bool:
            nonlocal asked
            missing.difference_update({slug for slug in missing if self._shows(slug)})
            if missing and time.monotonic() - asked > 10:
                asked = time.monotonic()
                self._ask_for_parse(missing)
            return not missing

        try:
            eventually(none_is_missing)
        except AssertionError as error:
            raise AssertionError(
                f"Airflow does not show {sorted(missing)}; {self.airflow.api.import_errors()}"
            ) from error

    def _ask_for_parse(self, missing: Collection[str]) -> None:
        """As a publish does: the dag-processor may have missed a change while it was parsing the file."""
        slugs = list(self._drawn)
        places = {slugs.index(slug) // WORKFLOWS_PER_STUB for slug in missing}
        for place in places:
            with contextlib.suppress(NotKnown):
                self.airflow.api.parse_dag_file(f"acme__{slugs[place * WORKFLOWS_PER_STUB]}")

    def _shows(self, slug: str) -> bool:
        try:
            details = self.airflow.api.dag_details(f"acme__{slug}")
        except NotKnown:
            return False
        return content_hash(self._drawn[slug]) in (details["doc_md"] or "")

    def start(self, name: str, variant: Variant, *, run_id: str = "", **payload: Any) -> Run:
        """A new run."""
        dag_id, run_id = f"acme__{name}-{variant}", run_id or f"test__{secrets.token_hex(4)}"
        assert self.airflow.api.trigger(dag_id, run_id, conf(**payload))
        run = Run(self.airflow, dag_id, run_id, self._file(name, variant))
        self._runs[f"{name}-{variant}"] = run
        return run

    def ask_airflow(self, query: LiteralString, *values: object) -> list[tuple[Any, ...]]:
        """The rows of Airflow's own database."""
        url = make_url(self.airflow.setup.database_url).set(drivername="postgresql")
        with psycopg.connect(url.render_as_string(hide_password=False)) as connection:
            return connection.execute(query, values).fetchall()

    def run(self, name: str, variant: Variant) -> Run:
        """The run that was started last."""
        return self._runs[f"{name}-{variant}"]


def conf(**payload: Any) -> dict[str, Any]:
    event = {
        "id": "e-1",
        "source": "hr",
        "kind": "employee.onboard",
        "org": "acme",
        "employee": "E-1",
        "time": "2026-01-05T08:00:00Z",
    }
    return {"event": {**event, "payload": payload}, "correlation_id": CORRELATION_ID}
