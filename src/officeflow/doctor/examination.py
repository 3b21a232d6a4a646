"""All checks, each for itself: one that hangs or fails spoils no other."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from officeflow.doctor import (
    airflow,
    anchors,
    brokers,
    clocks,
    configuration,
    connections,
    databases,
    machine,
    mails,
    parking,
    processes,
    releases,
    runs,
    versions,
)
from officeflow.doctor.finding import Check, Finding, Outcome, Subject, problem, warning
from officeflow.errors import InvalidInput, OfficeFlowError
from officeflow.layout import Layout, read_json
from officeflow.monitoring.isolated import NoAnswer, ask_all
from officeflow.program import typed
from officeflow.settings import Settings, load_settings

AREAS = (
    versions,
    configuration,
    machine,
    processes,
    databases,
    anchors,
    brokers,
    airflow,
    parking,
    connections,
    mails,
    runs,
    releases,
    clocks,
)
CHECKS: tuple[Check, ...] = tuple(check for area in AREAS for check in area.CHECKS)
SECONDS = 10.0
"""How long a round of checks may take; those that need no other make the first."""


@dataclass(frozen=True, slots=True)
class Examined:
    """A check and what it found."""

    check: Check
    findings: tuple[Finding, ...]
    made: bool = True

    @property
    def outcome(self) -> Outcome:
        """The worst of its findings."""
        worst = (Outcome.PROBLEM, Outcome.WARNING)
        return next(
            (outcome for outcome in worst if any(f.outcome is outcome for f in self.findings)), Outcome.OK
        )

    def as_json(self) -> list[dict[str, Any]]:
        return [
            {"check": self.check.id, "outcome": f.outcome.value, "says": f.says, "do": f.do}
            for f in self.findings
        ]


def subject_of(layout: Layout, environ: Mapping[str, str] = os.environ) -> Subject:
    settings: Settings | None
    try:
        settings = load_settings()
    except InvalidInput:
        settings = None  # a check of its own says what is wrong
    return Subject(layout=layout, environ=environ, settings=settings, state=read_json(layout.state_file))


def examine(
    subject: Subject, checks: Sequence[Check] = CHECKS, *, seconds: float = SECONDS
) -> list[Examined]:
    """What every check finds, in the order of `checks`.

    They are made in rounds, all of a round at once: each when those that it needs are done. One whose needs
    found a problem is not made, and says so.
    """
    done: dict[str, Examined] = {}
    waiting = list(checks)
    while waiting:
        ready = [check for check in waiting if all(need in done for need in check.needs)]
        if not ready:
            raise LookupError(
                f"checks that need what there is not: {', '.join(check.id for check in waiting)}"
            )
        waiting = [check for check in waiting if check not in ready]
        for check in ready:
            if lacks := [
                need for need in check.needs if done[need].outcome is Outcome.PROBLEM or not done[need].made
            ]:
                done[check.id] = Examined(
                    check, (warning(f"{check.name}: not examined, because of {lacks[0]}"),), made=False
                )
        made = [check for check in ready if check.id not in done]
        answers = ask_all({check.id: partial(_findings, check, subject) for check in made}, seconds=seconds)
        done |= {check.id: Examined(check, _told(check, answers[check.id])) for check in made}
    return [done[check.id] for check in checks]


def _findings(check: Check, subject: Subject) -> tuple[Finding, ...]:
    return tuple(check.examine(subject))


def _told(check: Check, answer: tuple[Finding, ...] | Exception) -> tuple[Finding, ...]:
    if isinstance(answer, NoAnswer):
        return (
            problem(
                f"{check.name}: no answer in time",
                f"what it asks hangs, or the machine is busy: `{typed('status')}` shows it",
            ),
        )
    if isinstance(answer, OfficeFlowError):
        return (problem(answer.message, answer.hint or f"`{typed('status')}` shows what runs"),)
    if isinstance(answer, Exception):
        first = (str(answer).strip().splitlines() or [""])[0]
        return (problem(f"{type(answer).__name__}: {first}", f"`{typed('status')}` shows what runs"),)
    return answer
