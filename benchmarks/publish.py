"""`bench publish`: one of many workflows is changed: when does Airflow run its new version, and what does it
cost while nothing changes?

Against `dag-factory` with the same graphs, made of the same operators, in one YAML file, which a second
dag-processor reads beside ours in the same stack; while one is measured, the other has nothing to do. Ours is
timed from the call that publishes (validation and Airflow's own check of the definition included);
dag-factory's from the file being written, at a moment when its dag-processor is idle.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from benchmarks import frame
from benchmarks.bench import ACTOR, Bench
from benchmarks.measure import NotFinished, cpu_seconds, median, wait_for
from officeflow.database.engine import Database
from officeflow.demo import setup
from officeflow.stack.airflow.settings import airflow_environment, setup_for
from officeflow.stack.stack import Stack
from officeflow.stack.supervision.supervisor import Supervisor, base_environment
from officeflow.statuses import RevisionAction
from officeflow.tenants import organizations
from officeflow.workflows import store
from officeflow.workflows.airflow_check import airflow_check
from officeflow.workflows.models import Definition
from officeflow.workflows.projection import project
from officeflow.workflows.publish import Published, Publisher

NODES = (
    (
        "look",
        "identity.find_account",
        "operators.identity.FindAccountOperator",
        {"login": "${{ event.payload.work_email }}"},
    ),
    (
        "note",
        "audit.record",
        "operators.audit.RecordOperator",
        {"action": "bench.seen", "subject": "employee:${{ event.employee }}"},
    ),
    (
        "again",
        "identity.find_account",
        "operators.identity.FindAccountOperator",
        {"login": "${{ event.payload.work_email }}"},
    ),
    (
        "done",
        "audit.record",
        "operators.audit.RecordOperator",
        {"action": "bench.done", "subject": "employee:${{ event.employee }}"},
    ),
)
"""A chain of nodes: id, type, operator, parameters."""

BUNDLE = "bench"
STUB = '''"""The DAGs of the YAML file beside this one."""
from pathlib import Path

from dagfactory import load_yaml_dags

here = Path(__file__)
load_yaml_dags(globals_dict=globals(), config_filepath=str(here.with_suffix(".yaml")),
    defaults_config_path=str(here.parent))
'''
LOAD_SECONDS = 900.0


def slug(number: int) -> str:
    return f"bench-{number:05d}"


def definition(number: int, text: str) -> dict[str, Any]:
    return {
        "slug": slug(number),
        "name": f"Benchmark {number}",
        "description": text,
        "trigger": {"events": ["employee.onboard"]},
        "nodes": [
            {
                "id": key,
                "type": kind,
                "params": params,
                **({"connection": "directory"} if kind.startswith("identity.") else {}),
            }
            for key, kind, _, params in NODES
        ],
        "edges": [{"from": first[0], "to": second[0]} for first, second in pairwise(NODES)],
    }


def publish_all(database: Database, count: int) -> None:
    """As `Publisher.publish` does, in one transaction and without Airflow's check."""
    with database.service() as session:
        org = organizations.find(session, setup.ORG)
        store.lock_revisions(session)
        for number in range(count):
            parsed = Definition.model_validate(definition(number, "as it was"))
            workflow = store.add_version(session, org.org_id, parsed, by=ACTOR)
            project(session, workflow, parsed, {})
            store.add_revision(session, workflow, RevisionAction.PUBLISH)


def factory_file(count: int, changed: dict[int, str]) -> str:
    """The same graphs in dag-factory's words."""
    default = {"default_args": {"owner": "acme", "start_date": "2026-01-01"}}
    dags = {
        f"factory_{number:05d}": _factory_dag(changed.get(number, "as it was")) for number in range(count)
    }
    return yaml.safe_dump({"default": default, **dags})


def _factory_dag(text: str) -> dict[str, Any]:
    tasks = []
    for index, (key, kind, operator, params) in enumerate(NODES):
        task: dict[str, Any] = {"task_id": key, "operator": operator, "org": setup.ORG, "node_params": params}
        if kind.startswith("identity."):
            task["connection"] = "directory"
        if index:
            task["dependencies"] = [NODES[index - 1][0]]
        tasks.append(task)
    return {
        "schedule": None,
        "catchup": False,
        "tags": ["org:acme"],
        "doc_md": text,
        "description": text,
        "tasks": tasks,
    }


class Factory:
    """A dag-processor that reads one file of dag-factory's, and the file."""

    def __init__(self, stack: Stack, packages: Path, folder: Path, count: int) -> None:
        self.stack = stack
        self.packages = packages
        self.folder = folder
        self.count = count
        self.changed: dict[int, str] = {}

    def write(self) -> None:
        """The YAML file, and then the Python file anew: without that Airflow would look again only when its
        interval is over.
        """
        self.folder.mkdir(exist_ok=True)
        (self.folder / "factory.yaml").write_text(factory_file(self.count, self.changed))
        (self.folder / "factory.py").write_text(STUB)

    @property
    def environment(self) -> dict[str, str]:
        given = airflow_environment(setup_for(self.stack), "airflow-dag-processor")
        bundles = json.loads(given["AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST"])
        local = {"path": str(self.folder), "refresh_interval": 1}
        bundles.append(
            {
                "name": BUNDLE,
                "classpath": "airflow.dag_processing.bundles.local.LocalDagBundle",
                "kwargs": local,
            }
        )
        return {
            **base_environment(),
            **given,
            "PYTHONPATH": str(self.packages),
            "DO_NOT_TRACK": "true",
            "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps(bundles),
            "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": (
                "30"
            ),  # Airflow's default: only so is a changed YAML file noticed
            "AIRFLOW__DAG_PROCESSOR__DAG_FILE_PROCESSOR_TIMEOUT": "600",
            "AIRFLOW__DAG_PROCESSOR__STALE_DAG_THRESHOLD": "600",
            "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT": "600",
        }

    @contextlib.contextmanager
    def running(self) -> Iterator[int]:
        """The dag-processor's pid."""
        command = [
            str(self.stack.layout.python),
            "-m",
            "officeflow.runtime.airflow_process",
            "dag-processor",
            "--bundle-name",
            BUNDLE,
        ]
        with self.stack.layout.log_file("bench-dag-factory").open("wb") as log:
            process = subprocess.Popen(
                command, env=self.environment, stdout=log, stderr=log, start_new_session=True, cwd=self.folder
            )
            try:
                yield process.pid
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def loaded(bench: Bench, prefix: str) -> int:
    """How many DAGs that begin so Airflow can run."""
    query = (
        "select count(*) from dag join serialized_dag using (dag_id) where starts_with(dag_id, %s) and not"
        " is_stale"
    )
    row = bench.airflow_tables.execute(query, (prefix,)).fetchone()
    return int(row[0]) if row else 0


def seconds_of(act: Callable[[], Any]) -> float:
    begun = time.monotonic()
    act()
    return time.monotonic() - begun


def cpu_while_idle(pid: int, seconds: float) -> float:
    before = cpu_seconds(pid)
    time.sleep(seconds)
    return cpu_seconds(pid) - before


def wait_until_idle(pid: int, *, seconds: float = 180) -> None:
    """Returns when the process has done next to nothing for two seconds."""

    def is_idle() -> bool:
        return cpu_while_idle(pid, 2.0) < 0.2

    wait_for(is_idle, what="the dag-processor to have nothing to do", seconds=seconds)


class OurChange:
    """Publishes a changed workflow.

    `checks` has the seconds that Airflow's check of each took, which is a part of the whole.
    """

    def __init__(self, bench: Bench) -> None:
        self.checks: list[float] = []
        self._publisher = Publisher(bench.database, bench.api, self._check)

    def _check(self, requests: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
        answers: list[Sequence[Mapping[str, Any]]] = []
        self.checks.append(seconds_of(lambda: answers.append(airflow_check(requests))))
        return answers[0]

    def seconds(self, number: int) -> float:
        """From the call that publishes until Airflow runs the new version."""
        text = f"changed at {time.time()}"
        told: list[Published] = []
        took = seconds_of(
            lambda: told.append(self._publisher.publish(setup.ORG, definition(number, text), by=ACTOR))
        )
        if not told[0].ready:
            raise NotFinished(told[0].message)
        return took


def factory_change(factory: Factory, bench: Bench, number: int) -> float:
    """Seconds from the file being written until Airflow has the DAG's new description."""
    text = f"changed at {time.time()}"
    factory.changed[number] = text
    dag_id = f"factory_{number:05d}"

    def change() -> None:
        factory.write()
        wait_for(
            lambda: bench.api.dag_details(dag_id).get("description") == text,
            what=f"the new {dag_id}",
            seconds=LOAD_SECONDS,
        )

    return seconds_of(change)


def dag_processor(bench: Bench) -> int:
    return int(Supervisor(bench.stack.layout).states()["airflow-dag-processor"]["pid"])


@dataclass(frozen=True)
class Figures:
    """Seconds until all is loaded, until each change is runnable, and of processor time while nothing
    changes.
    """

    load: float
    changes: Sequence[float]
    idle_cpu: float
    checks: Sequence[float] = ()


def measure_ours(bench: Bench, options: argparse.Namespace) -> Figures:
    pid = dag_processor(bench)
    publish_all(bench.database, options.workflows)
    prefix = f"{setup.ORG}__bench-"
    load = seconds_of(
        lambda: wait_for(
            lambda: loaded(bench, prefix) >= options.workflows, what="our DAGs", seconds=LOAD_SECONDS
        )
    )
    tell(f"{options.workflows} workflows are loaded after {load:.1f} s")
    wait_until_idle(pid)
    change = OurChange(bench)
    changes = [
        change.seconds(number)
        for number in range(1, options.workflows, max(1, options.workflows // options.changes))
    ]
    tell(f"our changes are runnable after {', '.join(f'{each:.1f}' for each in changes)} s")
    wait_until_idle(pid)
    idle_cpu = cpu_while_idle(pid, options.idle_seconds)
    tell(f"our dag-processor took {idle_cpu:.2f} CPU seconds in {options.idle_seconds:.0f} s")
    return Figures(load, changes, idle_cpu, change.checks)


def measure_factory(bench: Bench, options: argparse.Namespace) -> Figures:
    factory = Factory(
        bench.stack, frame.extra_packages(), bench.stack.layout.home / "factory", options.workflows
    )
    factory.write()
    with factory.running() as pid:
        load = seconds_of(
            lambda: wait_for(
                lambda: loaded(bench, "factory_") >= options.workflows,
                what="dag-factory's DAGs",
                seconds=LOAD_SECONDS,
            )
        )
        tell(f"dag-factory's {options.workflows} DAGs are loaded after {load:.1f} s")
        changes = []
        for number in range(1, 1 + options.factory_changes):
            wait_until_idle(pid)
            changes.append(factory_change(factory, bench, number))
            tell(f"dag-factory's change is runnable after {changes[-1]:.1f} s")
        idle_cpu = cpu_while_idle(pid, options.idle_seconds)
        tell(f"dag-factory's dag-processor took {idle_cpu:.2f} CPU seconds in {options.idle_seconds:.0f} s")
        return Figures(load, changes, idle_cpu)


def tell(text: str) -> None:
    print(f"  {text}", file=sys.stderr, flush=True)


def measure(options: argparse.Namespace) -> Sequence[frame.Result]:
    if options.quick:
        options.workflows, options.changes, options.factory_changes, options.idle_seconds = 30, 1, 1, 5.0
    with frame.bench_stack() as bench:
        tell(f"organization {bench.org.slug}")
        ours, theirs = measure_ours(bench, options), measure_factory(bench, options)
    own, baseline = median(ours.changes), median(theirs.changes)
    idle = f"CPU seconds in {options.idle_seconds:.0f} s"
    runnable = {
        "dag-factory, s": baseline,
        "own, s": own,
        "of which Airflow's check, s": median(ours.checks),
        "first load by dag-factory, s": theirs.load,
        "own first load, s": ours.load,
    }
    return [
        frame.Result("publish.runnable", own / baseline, "max:0.1", runnable),
        frame.Result(
            "publish.idle_cpu",
            ours.idle_cpu / theirs.idle_cpu,
            "max:0.05",
            {f"dag-factory, {idle}": theirs.idle_cpu, f"own, {idle}": ours.idle_cpu},
        ),
    ]


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--workflows", type=int, default=1000, help="How many there are.")
    parser.add_argument(
        "--changes", type=int, default=5, help="How many of ours are changed, one after the other."
    )
    parser.add_argument(
        "--factory-changes", type=int, default=2, help="How many of dag-factory's are changed."
    )
    parser.add_argument("--idle-seconds", type=float, default=60.0, help="How long nothing changes.")
    parser.add_argument("--quick", action="store_true", help="A smoke test: few workflows.")


if __name__ == "__main__":
    frame.main(measure, options)
