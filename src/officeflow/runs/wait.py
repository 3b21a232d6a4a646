"""A node that waits, for people and programs."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from officeflow.statuses import WaitsFor

WHAT = MappingProxyType(
    {
        WaitsFor.ANSWER: "an answer",
        WaitsFor.TIME: "a time",
        WaitsFor.EVENT: "an event",
        WaitsFor.RUN: "the workflow",
        WaitsFor.PLATFORM: "what is away",
        WaitsFor.TURN: "its turn",
    }
)
"""What is waited for, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A node that waits for `what`; `node` is "" where the run itself waits, for its turn.

    `until` is when it goes on by itself; None where nobody knows.
    """

    run_id: uuid.UUID
    dag_id: str
    dag_run_id: str
    node: str
    map_index: int
    what: WaitsFor
    since: dt.datetime
    until: dt.datetime | None
    why: str
    of: str = ""
    """Of whom an answer is awaited, and how many have said yes; the kinds of an event, and whose; the
    workflow and its run. "" where that is not kept.
    """
    answered: str = ""
    """By whom and when, where the answer is there and Airflow has not gone on with it yet."""

    @property
    def awaited(self) -> str:
        """For people: `an answer of bea@acme.example`, `the workflow hire (run …)`, `an event …`."""
        if self.what in {WaitsFor.EVENT, WaitsFor.RUN}:
            return f"{WHAT[self.what]} {self.of}"
        return f"{WHAT[self.what]} of {self.of}" if self.of else WHAT[self.what]

    def as_json(self) -> dict[str, Any]:
        """Without the run that it belongs to."""
        until = self.until.isoformat() if self.until else None
        return {
            "node": self.node,
            "map_index": self.map_index,
            "for": self.what,
            "since": self.since.isoformat(),
            "until": until,
            "why": self.why,
            **({"of": self.of} if self.of else {}),
            **({"answered": self.answered} if self.answered else {}),
        }
