"""The scheduler told to end while tasks run: they finish, once."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.airflow.embedded import EmbeddedAirflow, eventually

pytestmark = pytest.mark.integration


def test_a_task_that_runs_when_the_scheduler_is_told_to_end_finishes_in_its_first_try(
    airflow: EmbeddedAirflow, tmp_path: Path
) -> None:
    run, file, may_end = f"stopped__{secrets.token_hex(4)}", tmp_path / "words", tmp_path / "may end"
    airflow.api.trigger("probe", run, {"file": str(file), "until": str(may_end)})
    eventually(lambda: file.exists() and file.read_text() == "began\n")
    with ThreadPoolExecutor() as pool:
        stopping = pool.submit(airflow.supervisor.stop, ["airflow-scheduler"])
        eventually(lambda: airflow.supervisor.states()["airflow-scheduler"]["statename"] == "STOPPING")
        may_end.touch()
        stopping.result()
    assert file.read_text() == "began\nended\n"
    try:
        (task,) = airflow.api.task_instances("probe", run)
        assert (task["state"], task["try_number"]) == ("success", 1)
    finally:
        airflow.supervisor.start(["airflow-scheduler"])
        airflow.await_ready("airflow-scheduler")
    assert airflow.await_run(run) == "success"
    assert file.read_text() == "began\nended\n"
