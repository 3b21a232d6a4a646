"""How the demonstration is told: lines for people, one JSON object for programs."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass, field
from typing import Any, TextIO

from officeflow import columns, terminal
from officeflow.demo.evidence import Evidence
from officeflow.demo.people import Person
from officeflow.runs.follow import NodeStep, RunFound


@dataclass(slots=True)
class Summary:
    """What one demonstration did. `complete` decides the exit status."""

    person: Person
    event_id: str
    topic: str
    runs: list[dict[str, Any]] = field(default_factory=list)
    steps: list[NodeStep] = field(default_factory=list)
    evidence: Evidence = field(default_factory=Evidence)
    missing: list[str] = field(default_factory=list)
    airflow: dict[str, str] = field(default_factory=dict)
    inbox: dict[str, str] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        return not self.missing

    def as_json(self) -> dict[str, Any]:
        return {
            "complete": self.complete,
            "missing": self.missing,
            "person": {**asdict(self.person), "start_date": self.person.start_date.isoformat()},
            "event": {"id": self.event_id, "topic": self.topic},
            "runs": self.runs,
            "nodes": [asdict(step) for step in self.steps],
            "evidence": asdict(self.evidence),
            "airflow": self.airflow,
            "inbox": self.inbox,
        }


class Teller:
    """Writes for people, to standard error where standard output is for a program."""

    def __init__(self, *, json_output: bool) -> None:
        self.stream: TextIO = sys.stderr if json_output else sys.stdout

    def line(self, text: str = "", *, hang: str = "  ") -> None:
        """On a terminal no word is broken; what goes on begins with the line's own indent and `hang`."""
        self.stream.write(
            "\n".join(columns.wrap(terminal.text(text), columns.width_of(self.stream), hang=hang)) + "\n"
        )
        self.stream.flush()

    def step(self, step: NodeStep) -> None:
        self.line(f"  {step}")

    def run(self, run: RunFound) -> None:
        self.line(f"\nRun {run.dag_id} / {run.dag_run_id}")

    def evidence(self, evidence: Evidence) -> None:
        self.line("\nWhat the systems say now")
        for account in evidence.accounts:
            self.line(
                f"  account   {account.login}, {'active' if account.active else 'not active'}, in"
                f" {', '.join(account.groups) or 'no group'}"
            )
        for mail in evidence.mails:
            self.line(f"  mail      to {mail.to}: “{mail.subject}”  {mail.message_id}")
        for meeting in evidence.meetings:
            self.line(
                f"  meeting   “{meeting.title}”, {meeting.start} to {meeting.end}, with"
                f" {', '.join(meeting.attendees)}"
            )
        self.line("\nLedger: every act, once")
        for row in evidence.ledger:
            self.line(
                f"  {row['status']:<10} {row['node']:<24} attempt {row['attempt']}  key {row['key'][:16]}…"
            )
        self.line("\nAudit chain")
        for row in evidence.audit:
            number = "-" if row["sequence"] is None else row["sequence"]
            self.line(f"  #{number!s:<5} {row['action']:<28} {row['subject']:<22} {row['actor']}")

    def addresses(self, summary: Summary) -> None:
        self.line()
        for title, where in (("Airflow", summary.airflow), ("Inbox", summary.inbox)):
            self.line(f"{title:<8}  {where['url']}")
            self.line(f"{'':<8}  login     {where['login']}")
            self.line(f"{'':<8}  password  {where['password']}")  # on a line that no terminal breaks
        if summary.missing:
            self.line("\nNot as it should be:\n  " + "\n  ".join(summary.missing))
