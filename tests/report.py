"""What is said after the last section: where the time went, what took longest, what failed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.sections import Outcome, Phase

BUDGET_SECONDS = 30 * 60
"""Of `./officeflow test`, on a quiet machine of two cores."""
SLOWEST = 15
KINDS = ("setup", "call", "teardown")


def processor_times() -> tuple[int, int]:
    """What all cores have done so far, and how much of it was waiting, in the kernel's ticks."""
    ticks = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return sum(ticks), ticks[3] + ticks[4]


def busy_share(before: tuple[int, int], after: tuple[int, int]) -> float:
    """How much of the time between the cores were at work, 0 to 1."""
    whole, idle = (later - sooner for sooner, later in zip(before, after, strict=True))
    return 1 - idle / whole if whole else 0.0


def table(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """A line per section, longest first, all in seconds.

    `else` is what belongs to no test: imports, collecting, coverage.
    """
    yield (
        f"{'section':24}{'tests':>7}{'whole':>8}" + "".join(f"{kind:>10}" for kind in KINDS) + f"{'else':>8}"
    )
    for outcome in sorted(outcomes, key=lambda outcome: -outcome.seconds):
        sums = [sum(phase.seconds for phase in outcome.phases if phase.kind == kind) for kind in KINDS]
        tests = sum(outcome.counts.values())
        cells = "".join(f"{seconds:>10.0f}" for seconds in sums)
        rest = outcome.seconds - sum(sums)
        yield f"{outcome.section.title:24}{tests:>7}{outcome.seconds:>8.0f}{cells}{rest:>8.0f}"


def slowest(outcomes: Sequence[Outcome]) -> Iterator[str]:
    phases: list[Phase] = sorted(
        (phase for outcome in outcomes for phase in outcome.phases), key=lambda phase: -phase.seconds
    )
    return (f"{phase.seconds:7.1f} {phase.kind:9}{phase.test}" for phase in phases[:SLOWEST])


def closing(outcomes: Sequence[Outcome], seconds: float, *, budget: float | None) -> Iterator[str]:
    """The number of tests by how they ended, and whether the time was kept to where there is a budget."""
    words = dict.fromkeys(word for outcome in outcomes for word in outcome.counts)
    totals = {word: sum(outcome.counts.get(word, 0) for outcome in outcomes) for word in words}
    yield (
        f"{', '.join(f'{number} {word}' for word, number in totals.items()) or 'no result'} in"
        f" {seconds:.0f} s"
    )
    if budget is not None and seconds > budget:
        yield (
            f"! longer than the {budget:.0f} s that it may take on a quiet machine of two cores: see what is"
            " slowest"
        )
