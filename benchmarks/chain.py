"""A chain of five nodes, and the same graph of PythonOperators (`dags/python_chain.py`), for what measures
how runs go.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.bench import Bench
from officeflow.errors import Unavailable
from officeflow.events.topics import EMPLOYEE_ONBOARD

DAGS = Path(__file__).parent / "dags"
OURS, THEIRS = "acme__bench-chain", "bench_python"
LOOK = {
    "type": "identity.find_account",
    "connection": "directory",
    "params": {"login": "${{ event.payload.work_email }}"},
}
NOTE = {
    "type": "audit.record",
    "params": {"action": "bench.seen", "subject": "employee:${{ event.employee }}"},
}
NODES = {"note": NOTE, "look": LOOK, "seen": NOTE, "again": LOOK, "done": NOTE}
WORKFLOW = {
    "slug": "bench-chain",
    "name": "Benchmark chain",
    "trigger": {"events": [EMPLOYEE_ONBOARD]},
    "nodes": [{"id": key, **node} for key, node in NODES.items()],
    "edges": [{"from": first, "to": second} for first, second in pairwise(NODES)],
}


def conf() -> dict[str, Any]:
    """Of one run, about a person of its own."""
    event = uuid.uuid4().hex
    return {
        "event": {
            "id": event,
            "source": "https://hr.example",
            "kind": EMPLOYEE_ONBOARD,
            "org": "acme",
            "employee": event[:12],
            "time": dt.datetime.now(dt.UTC).isoformat(),
            "payload": {"work_email": f"{event[:12]}@acme.example"},
        },
        "correlation_id": event,
    }


def prepare(bench: Bench, *, theirs: bool = True) -> None:
    """Both ways published and known to Airflow."""
    bench.publish(WORKFLOW)
    if theirs:
        bench.wait_for_dag(THEIRS)


@dataclass(frozen=True, slots=True)
class Ran:
    """Tasks that ended well, the seconds from the first one's start to the last one's end, and Airflow's
    queue of them.
    """

    tasks: int
    seconds: float
    queue: str

    @property
    def per_second(self) -> float:
        return self.tasks / self.seconds


def at_once(bench: Bench, dag_id: str, runs: int, *, seconds: float = 600) -> Ran:
    """Have so many runs wait, let them all go, and wait for their end.

    `Unavailable` where one has not ended well.
    """
    bench.api.set_paused(dag_id, paused=True)
    ids = [run_id for _ in range(runs) for run_id in bench.trigger(dag_id, conf=conf())]
    bench.api.set_paused(dag_id, paused=False)
    ended = bench.wait_for_end(dag_id, ids, seconds=seconds)
    failed = [run.run_id for run in ended if run.state != "success"]
    if failed:
        raise Unavailable(f"{len(failed)} of {runs} runs of {dag_id} failed, such as {failed[0]}")
    return ran(bench, dag_id, ids)


def ran(bench: Bench, dag_id: str, run_ids: Sequence[str]) -> Ran:
    query = (
        "select count(*), extract(epoch from max(end_date) - min(start_date))::float8, string_agg(distinct"
        " queue, ', ') from task_instance where dag_id = %s and run_id = any(%s) and state = 'success'"
    )
    row = bench.airflow_tables.execute(query, (dag_id, list(run_ids))).fetchone()
    if row is None or not row[0]:
        raise Unavailable(f"no task of {dag_id} has run")
    return Ran(*row)
