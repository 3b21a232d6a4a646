"""What several benchmarks measure with: quantiles, waiting, processor time, memory."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from officeflow.errors import OfficeFlowError, Unavailable
from officeflow.layout import Layout
from officeflow.runtime import processes
from officeflow.stack.supervision.supervisor import Supervisor

T = TypeVar("T")
TICKS = os.sysconf("SC_CLK_TCK")


class NotFinished(OfficeFlowError):
    """What was waited for did not come in its time; what was measured until then does not count."""


def quantile(values: Sequence[float], share: float) -> float:
    """The value that `share` (0 to 1) of all values do not exceed: nearest rank, so always one that was
    measured.
    """
    if not values:
        raise NotFinished("nothing was measured")
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def median(values: Sequence[float]) -> float:
    return quantile(values, 0.5)


def wait_for(condition: Callable[[], T], *, what: str, seconds: float, pause: float = 0.25) -> T:
    """The first true value of `condition`; a service that does not answer for a moment is asked again."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if value := condition():
                return value
        except Unavailable:
            pass
        time.sleep(pause)
    raise NotFinished(f"waited {seconds:.0f} s for {what}")


def cpu_seconds(root: int) -> float:
    """Processor time of the process and its descendants: the living ones, and those whose end their parents
    took note of.
    """
    return sum(_cpu_seconds(pid) for pid in processes.tree(root))


def _cpu_seconds(pid: int) -> float:
    """utime, stime, cutime and cstime of proc(5), /proc/PID/stat."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / TICKS


def cpu_by_service(layout: Layout) -> dict[str, float]:
    """`cpu_seconds` of each running service of the stack."""
    return {
        name: cpu_seconds(state["pid"]) for name, state in Supervisor(layout).states().items() if state["pid"]
    }


def most(before: Mapping[str, float], after: Mapping[str, float], *, above: float, unit: str) -> str:
    """What has grown by more than `above`, the most first."""
    grown = {name: value - before.get(name, 0.0) for name, value in after.items()}
    listed = sorted((name for name, by in grown.items() if by > above), key=lambda name: -grown[name])
    return (
        ", ".join(f"{name} {grown[name]:.1f}" for name in listed) + f" {unit}"
        if listed
        else f"none by more than {above:g} {unit}"
    )


def settled(
    sample: Callable[[], float], *, seconds: float, tolerance: float, every: float = 5.0, most: float = 300.0
) -> float:
    """The last sample, once those of `seconds` differ by no more than `tolerance` (a share of the
    largest).
    """
    need = max(2, round(seconds / every))
    samples: list[float] = []
    deadline = time.monotonic() + most
    while True:
        samples.append(sample())
        recent = samples[-need:]
        if len(recent) == need and max(recent) - min(recent) <= tolerance * max(recent):
            return recent[-1]
        if time.monotonic() > deadline:
            raise NotFinished(
                f"did not settle within {most:.0f} s; the last samples:"
                f" {', '.join(f'{each:.0f}' for each in recent)}"
            )
        time.sleep(every)
