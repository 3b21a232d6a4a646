"""A segmentation fault ends an Airflow task, whatever handler Airflow has left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from dag_factory.operators import PLUGINS

AS_AIRFLOW_DOES = "import os, signal; signal.signal(signal.SIGSEGV, lambda *_: None); "
FAULT = "os.kill(os.getpid(), signal.SIGSEGV)"


@pytest.mark.parametrize(
    ("before", "status"),
    [("", 0), ("from operators.faults import end_the_process; end_the_process(); ", -signal.SIGSEGV)],
)
def test_a_fault_ends_the_process_and_without_us_it_would_not(before: str, status: int) -> None:
    command = [sys.executable, "-c", AS_AIRFLOW_DOES + before + FAULT]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(PLUGINS)}, check=False, timeout=60)
    assert done.returncode == status
