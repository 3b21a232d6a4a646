"""How it is told: tables for people, one JSON object for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from officeflow import columns
from officeflow.demo.identity.expected import Step
from officeflow.demo.identity.people import Newcomer
from officeflow.demo.identity.reading.seen import Seen
from officeflow.demo.identity.running import Ran
from officeflow.demo.identity.systems import System
from officeflow.demo.report import Teller


@dataclass(frozen=True, slots=True)
class Cell:
    """What a system says of somebody after a step."""

    system: System
    step: Step
    accounts: Sequence[Seen]
    missing: Sequence[str]

    def text(self) -> str:
        if self.missing:
            return f"✗ {'; '.join(self.missing)}"
        return f"✓ {'; '.join(_facts(self.accounts[0], self.step))}"

    def to_json(self) -> dict[str, Any]:
        return {
            "system": self.system.key,
            "connection": self.system.connection,
            "step": self.step.value,
            "accounts": [each.to_json() for each in self.accounts],
            "missing": list(self.missing),
        }


def _facts(seen: Seen, step: Step) -> Iterator[str]:
    yield "active" if seen.active else "suspended"
    yield f"groups {', '.join(seen.groups)}" if seen.groups else "no group"
    for title, held in (("application", seen.applications), ("licence", seen.licences), ("role", seen.roles)):
        if held:
            yield f"{title} {', '.join(held)}"
    if step is Step.HIRED and seen.manager:
        yield f"manager {seen.manager}"
    if step is not Step.HIRED and seen.unit:
        yield f"unit {_short(seen.unit)}"
    if step is Step.ENDED and seen.sessions == 0:
        yield "no session"


def _short(unit: str) -> str:
    """Of a distinguished name its first part."""
    return unit.partition(",")[0].partition("=")[2] or unit


@dataclass(slots=True)
class Told:
    """What one demonstration did. `complete` decides the exit status."""

    person: Newcomer
    left_out: Mapping[str, str]
    airflow: Mapping[str, str]
    runs: list[Ran] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)

    def problems(self) -> list[str]:
        failed = [
            f"the run {each.run.dag_id} / {each.run.dag_run_id} ended as {each.state}"
            for each in self.runs
            if not each.succeeded
        ]
        return failed + [
            f"{cell.system.title}, {cell.step}: {said}" for cell in self.cells for said in cell.missing
        ]

    @property
    def complete(self) -> bool:
        return not self.problems()

    def to_json(self) -> dict[str, Any]:
        return {
            "complete": self.complete,
            "missing": self.problems(),
            "person": asdict(self.person),
            "left_out": dict(self.left_out),
            "runs": [each.as_json() for each in self.runs],
            "systems": [each.to_json() for each in self.cells],
        }


def tell(teller: Teller, told: Told) -> None:
    """The table of systems and steps, and what is not as it should be."""
    steps = list(dict.fromkeys(cell.step for cell in told.cells))
    rows: dict[str, list[str]] = {}
    for cell in told.cells:
        rows.setdefault(cell.system.title, [cell.system.title]).append(cell.text())
    teller.line("\nWhat the systems themselves say, after each step")
    for line in columns.table(
        ["system", *(str(step) for step in steps)], list(rows.values()), columns.width_of(teller.stream)
    ):
        teller.line(line)
    end(teller, told.problems(), told.left_out, told.airflow)


def end(
    teller: Teller, problems: Sequence[str], left_out: Mapping[str, str], airflow: Mapping[str, str]
) -> None:
    for title, why in left_out.items():
        teller.line(f"\n{title} is left out: {why}")
    teller.line(f"\nAirflow   {airflow['url']}")
    teller.line(f"{'':<8}  login     {airflow['login']}")
    teller.line(f"{'':<8}  password  {airflow['password']}")  # on a line that no terminal breaks
    if problems:
        teller.line("\nNot as it should be:\n  " + "\n  ".join(problems))
