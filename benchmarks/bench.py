"""A stack that a benchmark has for itself, and what is done with it: publish, start runs, wait for their
end.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
import time
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

from officeflow.airflow_api.client import AirflowApi
from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.demo import setup
from officeflow.errors import Unavailable
from officeflow.layout import Layout
from officeflow.program import typed
from officeflow.stack.parts import EVERYTHING
from officeflow.stack.progress import TextProgress
from officeflow.stack.servers import counterparts
from officeflow.stack.stack import Stack
from officeflow.stack.supervision import control
from officeflow.stack.up import start_stack
from officeflow.workflows.publish import Published, Publisher

PROGRESS = TextProgress(sys.stderr)
ACTOR = "service:benchmark"
KEEP = "OFFICEFLOW_BENCH_KEEP"
"""Where it is set, a benchmark's folder stays after it, with logs and data."""

ENDED = ("success", "failed")


@dataclass(frozen=True, slots=True)
class Ended:
    """A run as Airflow's own table has it; seconds since the epoch."""

    run_id: str
    state: str
    queued: float
    started: float
    ended: float


@dataclass(frozen=True)
class Bench:
    """The running stack of a benchmark. Leaving `bench_stack` closes all of it."""

    stack: Stack

    @cached_property
    def api(self) -> AirflowApi:
        return AirflowApi(self.stack.airflow_url, "officeflow", self.stack.secrets["airflow_service"])

    @cached_property
    def database(self) -> Database:
        return Database(self.stack.database_url)

    @cached_property
    def airflow_tables(self) -> psycopg.Connection[tuple[Any, ...]]:
        """Airflow's database: counting there costs the api-server nothing."""
        url = make_url(self.stack.airflow_database_url).set(drivername="postgresql")
        return psycopg.connect(url.render_as_string(hide_password=False), autocommit=True)

    @cached_property
    def org(self) -> Organization:
        """The organization `acme` with its topics and its connections `directory`, `mail` and `calendar`."""
        with PROGRESS.step("Organization and connections"):
            organization = setup.ensure_organization(self.database)
            setup.ensure_topics(self.stack.kafka)
            setup.ensure_connections(self.api, counterparts.connections(self.stack))
        return organization

    def publish(self, definition: Mapping[str, Any]) -> Published:
        """Publish for `acme`; returns when Airflow can run it. `Unavailable` where it cannot in time."""
        published = Publisher(self.database, self.api).publish(self.org.slug, definition, by=ACTOR)
        if not published.ready:
            raise Unavailable(f"{published.dag_id}: {published.message}")
        return published

    def trigger(self, dag_id: str, count: int = 1, conf: Mapping[str, Any] | None = None) -> list[str]:
        """Start runs of the DAG; their ids in the order of their start."""
        ids = [f"bench__{uuid.uuid4().hex}" for _ in range(count)]
        for run_id in ids:
            self.api.trigger(dag_id, run_id, conf or {})
        return ids

    def wait_for_end(
        self, dag_id: str, run_ids: Sequence[str], *, seconds: float = 300, pause: float = 0.25
    ) -> list[Ended]:
        """These runs, once all have ended, in the order of `run_ids`.

        `Unavailable` says how many had not in time.
        """
        deadline = time.monotonic() + seconds
        while True:
            ended = {run.run_id: run for run in self._ended(dag_id, run_ids)}
            if len(ended) == len(set(run_ids)):
                return [ended[run_id] for run_id in run_ids]
            if time.monotonic() > deadline:
                raise Unavailable(
                    f"{len(run_ids) - len(ended)} of {len(run_ids)} runs of {dag_id} did not end within"
                    f" {seconds:.0f} s"
                )
            time.sleep(pause)

    def wait_for_dag(self, dag_id: str, *, seconds: float = 60) -> None:
        """Returns when Airflow knows the DAG and it is not paused."""
        deadline = time.monotonic() + seconds
        query = "select count(*) from dag where dag_id = %s and not is_stale"
        while self.airflow_tables.execute(query, (dag_id,)).fetchone() != (1,):
            if time.monotonic() > deadline:
                raise Unavailable(f"Airflow does not know {dag_id} after {seconds:.0f} s")
            time.sleep(0.25)
        self.api.set_paused(dag_id, paused=False)

    def _ended(self, dag_id: str, run_ids: Iterable[str]) -> list[Ended]:
        rows = self.airflow_tables.execute(
            "select run_id, state, extract(epoch from queued_at)::float8, extract(epoch from"
            " start_date)::float8, extract(epoch from end_date)::float8 from dag_run where dag_id = %s and"
            " run_id = any(%s) and state = any(%s)",
            (dag_id, list(run_ids), list(ENDED)),
        )
        return [Ended(*row) for row in rows.fetchall()]

    def close(self) -> None:
        """Close what was opened."""
        for name, end in (("api", "close"), ("database", "dispose"), ("airflow_tables", "close")):
            if name in self.__dict__:
                getattr(self.__dict__[name], end)()


@contextlib.contextmanager
def bench_stack(
    *,
    dags: Path | None = None,
    environment: Mapping[str, str] | None = None,
    executor: str = "local",
    parts: frozenset[str] = EVERYTHING,
    home: Path | None = None,
    further: Collection[str] = (),
) -> Iterator[Bench]:
    """A whole stack in a temporary folder, on ports of its own; it is gone when the block is left, or this
    process ends.

    `dags` are shown to Airflow instead of ours. `environment` is added to that of Airflow's processes. `home`
    is that of a `bench_stack` around this one: its stack goes on with these settings, its data stays, and
    leaving this block stops nothing. `further` are counterparts beside those that `up` starts.
    """
    changes = dict(environment or {}) | ({"AIRFLOW__CORE__DAGS_FOLDER": str(dags)} if dags else {})
    folder = home or Path(tempfile.mkdtemp(prefix="officeflow-bench-"))
    folder.chmod(0o755)  # PostgreSQL's account must be able to enter
    layout = Layout(home=folder, servers=Layout.from_environment().servers)
    try:
        stack = start_stack(
            layout,
            progress=PROGRESS,
            parts=parts,
            tied=True,
            executor=executor,
            changes=changes,
            further=further,
        )
        bench = Bench(stack)
        with _variables(stack.environment):
            yield bench
        bench.close()
    finally:
        if home is None:
            _remove(layout)


@contextlib.contextmanager
def _variables(values: Mapping[str, str]) -> Iterator[None]:
    """This process, and those that it starts, see the stack's addresses and keys."""
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _remove(layout: Layout) -> None:
    if os.environ.get(KEEP):
        control.stop(layout)
        print(f"  kept: {layout.home}", file=sys.stderr)
        return
    control.reset(layout)
    shutil.rmtree(layout.home, ignore_errors=True)


def extra_packages() -> Path:
    """The folder with the packages of `benchmarks/requirements.txt`, for the PYTHONPATH of processes that
    need them.
    """
    folder = os.environ.get("OFFICEFLOW_BENCH_PACKAGES", "")
    if not folder or not Path(folder).is_dir():
        raise Unavailable(
            f"the packages to measure against are not there: OFFICEFLOW_BENCH_PACKAGES is {folder!r}",
            hint=f"`{typed('bench')} NAME` installs them",
        )
    return Path(folder)
