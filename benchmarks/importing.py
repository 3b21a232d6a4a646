"""How long a worker's imports take: with all connectors, and with none.

What is imported is what `officeflow.worker.preload` loads before the workers are forked. Airflow, which every
worker imports besides, is left out: with it, the two would differ less.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping

from benchmarks.measure import median

ALL, NONE = "with all connectors", "with none"
_PRELOAD = """
import time
from officeflow.worker.preload import preload
preload()
print(time.process_time())
"""
_WITHOUT = """
from officeflow.connectors import providers
providers._modules = lambda: iter(())
"""
PROGRAMS: Mapping[str, str] = {ALL: _PRELOAD, NONE: _WITHOUT + _PRELOAD}


def seconds(rounds: int) -> dict[str, float]:
    """Processor time of a new process each, median; the two take turns. The first of each only warms up the
    files.
    """
    found: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    for number in range(rounds + 1):
        for name, program in PROGRAMS.items():
            took = _took(program)
            if number:
                found[name].append(took)
    return {name: median(each) for name, each in found.items()}


def _took(program: str) -> float:
    done = subprocess.run(
        [sys.executable, "-P", "-c", program], capture_output=True, text=True, check=True, timeout=120
    )
    return float(done.stdout)
