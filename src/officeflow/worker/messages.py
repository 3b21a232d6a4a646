"""What a node process and the worker that keeps it say to each other.

Both are ours and run on one machine: the messages are pickled.

worker → process   Order, then an answer to every Wanted; or Ended
process → worker   Line and Wanted, any number of them, then one Outcome
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from officeflow.connectors.connection import Connection
from officeflow.sdk import Answer, NodeResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One task instance to run.

    `revision` is the bundle's, to which the run is pinned; None means the newest. `max_tries` and
    `try_number` are Airflow's. `conf` is the run's, `started_by` the login that started it. `carrier` is the
    run's trace context (W3C headers). `answer` is what a person said where the task had asked.
    """

    dag_id: str
    dag_run_id: str
    task_id: str
    map_index: int
    try_number: int
    max_tries: int
    revision: int | None
    conf: Mapping[str, Any] = field(default_factory=dict)
    started_by: str = ""
    carrier: Mapping[str, str] = field(default_factory=dict)
    answer: Answer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The process that had this order has ended in the middle of it: this one keeps why, where people look
    for it.
    """

    order: Order
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the task's log. `logger` names where it comes from."""

    text: str
    level: int = logging.INFO
    logger: str = "task"
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The process needs the connection of this id."""

    connection_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The connection, or why there is none: `not_known`, else the reason why it could not be asked for."""

    connection: Connection | None = None
    not_known: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The end of an order. `retire` says why the process should not run another one, or ""."""

    result: NodeResult
    retire: str = ""
