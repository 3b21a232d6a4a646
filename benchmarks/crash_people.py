"""Who answers in `bench crash`: what the ledger asks, by looking into the system, and what the workflows
ask.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from types import TracebackType
from typing import Self

from sqlalchemy import select

from benchmarks import counting, seen
from benchmarks.bench import Bench
from benchmarks.crash_runs import DAGS
from officeflow.airflow_api.client import AirflowApi
from officeflow.airflow_api.types import AskedQuestion, TaskInstanceState
from officeflow.database.tables import NodeRun, WorkflowRun
from officeflow.demo.run import systems
from officeflow.errors import OfficeFlowError
from officeflow.statuses import ActStatus

EVERY_SECONDS = 0.5
SETTLED_SECONDS = 1.0
"""A question is seen to wait for so long before it is answered, as a person would not be quicker."""

PARKED_SECONDS = 20.0
"""Every other question is answered once its run was seen parked, or after so long."""


class Resolver:
    """Answers what is asked: looks into the system, and says it with `officeflow ledger resolve`."""

    def __init__(self, bench: Bench, tell: Callable[[str], None]) -> None:
        self._bench = bench
        self._tell = tell
        self.not_done: Counter[str] = Counter()
        """Of each act's key, how often the answer was that it was not done."""

    def answer_all(self) -> None:
        questions = open_questions(self._bench)
        there = seen.everything(systems(self._bench.stack)) if questions else Counter[counting.Act]()
        for key, node, event, where in questions:
            found = bool(there[event, node])
            answered = self._resolve(where, node, found=found)
            said = (
                "answered" if answered.returncode == 0 else f"not answered: {answered.stderr.strip()[-200:]}"
            )
            self._tell(f"{node} of {event} was asked; there: {'yes' if found else 'no'}; {said}")
            self.not_done[key] += 1 if not found and answered.returncode == 0 else 0

    def _resolve(self, where: str, node: str, *, found: bool) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "officeflow.cli.main", "ledger", "resolve", where, node]
        command += ["--done" if found else "--not-done", "--why", "looked into the system"]
        command += ["--login", "admin", "--password-stdin"]
        password = self._bench.stack.secrets["airflow_admin"]
        return subprocess.run(command, input=f"{password}\n", capture_output=True, text=True, check=False)


def open_questions(bench: Bench) -> list[tuple[str, str, str, str]]:
    """Of each act that waits for an answer: key, node, event, `<DAG>/<run>`."""
    with bench.database.tenant(bench.org.org_id) as session:
        query = (
            select(
                NodeRun.idempotency_key,
                NodeRun.node_key,
                WorkflowRun.correlation_id,
                WorkflowRun.dag_id + "/" + WorkflowRun.dag_run_id,
            )
            .join(WorkflowRun, WorkflowRun.run_id == NodeRun.run_id)
            .where(NodeRun.status == ActStatus.ASKED)
        )
        return [(key, node, event, where) for key, node, event, where in session.execute(query)]


class Approver:
    """Approves what the workflows ask, in a thread of its own, over Airflow's API; notes which runs were seen
    parked.
    """

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._api = AirflowApi(bench.stack.airflow_url, "admin", bench.stack.secrets["airflow_admin"])
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._first_seen: dict[str, float] = {}
        self._asked: dict[str, int] = {}
        """In which place each question was seen."""
        self.answered = 0
        self.parked: set[tuple[str, str]] = set()
        self.answering = threading.Event()
        """Set when an answer is on its way; whoever waits for that clears it."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()
        self._api.close()

    def parked_now(self) -> set[tuple[str, str]]:
        rows = self._bench.airflow_tables.execute(
            "select dag_id, run_id from dag_run where state = 'running' and run_after > now()"
        )
        return {(dag_id, run_id) for dag_id, run_id in rows.fetchall()}

    def is_parking(self, seconds: float = 45.0) -> bool:
        """Waits until a run is seen that was not parked a moment ago; False where there was none in time."""
        deadline, before = time.monotonic() + seconds, self.parked_now()
        while time.monotonic() < deadline:
            now = self.parked_now()
            if now - before:
                return True
            before = now
            time.sleep(0.02)
        return False

    def is_answering(self, seconds: float = 45.0) -> bool:
        """Waits until an answer is on its way; False where there was none in time."""
        self.answering.clear()
        return self.answering.wait(seconds)

    def _work(self) -> None:
        while not self._stop.wait(EVERY_SECONDS):
            self.parked |= self.parked_now()
            for question in self._questions():
                self._answer(question)

    def _questions(self) -> list[AskedQuestion]:
        """While Airflow does not answer there are none."""
        try:
            found = [each for dag_id in DAGS for each in self._api.questions(dag_id, "~")]
        except OfficeFlowError:
            return []
        return [each for each in found if each["task_instance"]["state"] == TaskInstanceState.AWAITING_INPUT]

    def _is_due(self, question: str, run: tuple[str, str]) -> bool:
        now = time.monotonic()
        waited = now - self._first_seen.setdefault(question, now)
        waits_for_parking = self._asked.setdefault(question, len(self._asked)) % 2 == 1
        if waits_for_parking and run not in self.parked:
            return waited >= PARKED_SECONDS
        return waited >= SETTLED_SECONDS

    def _answer(self, question: AskedQuestion) -> None:
        """One that fails on its way is answered again: Airflow takes one answer alone."""
        task = question["task_instance"]
        if not self._is_due(task["id"], (task["dag_id"], task["dag_run_id"])):
            return
        self.answering.set()
        try:
            self.answered += self._api.respond(
                task["dag_id"], task["dag_run_id"], task["task_id"], question["options"][0], task["map_index"]
            )
        except OfficeFlowError:
            self._first_seen[task["id"]] = time.monotonic()
