"""What a node waits for that the platform keeps, and what it is given when that has come (`Act.come`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

RARE_LOOK = dt.timedelta(hours=6)
"""How often a node looks that is told when what it waits for has come, and that has no deadline: in case
nobody told it.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitedEvent:
    """The first event of one of these `kinds` that has come since the run began, or comes.

    It is about the person `employee` (the HR system's identifier), or about anybody where that is "". `match`
    is CEL over the awaited `event` and over what else the node's expressions see, as that is when the wait
    begins; "" where any will do. `deadline` is None where there is none.
    """

    kinds: tuple[str, ...]
    employee: str
    match: str = ""
    deadline: dt.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CameEvent:
    """An event that was waited for. `payload` has no sensitive field; `time` is when it happened, `at` when
    it was found to be the one.
    """

    id: str
    source: str
    kind: str
    employee: str
    time: dt.datetime
    payload: Mapping[str, Any] = field(repr=False)
    at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingCame:
    """The deadline passed before such an event came."""

    at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A run of the organization's workflow with the slug `workflow`: of its newest version, which has to be
    `version` where that is said. `input` is JSON.
    """

    workflow: str
    version: int | None
    input: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedRun:
    """A run that was called and has ended. `output` is what its workflow declares, empty unless it succeeded;
    `error` is why it did not.
    """

    run_id: str
    name: str
    """DAG and Airflow's run id, with a slash between them."""
    status: str
    output: Mapping[str, Any] = field(repr=False)
    error: str = ""
