"""What a node run is told, and what it says: the same at every door."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import Field

from officeflow.camel import CamelModel
from officeflow.errors import Problem
from officeflow.sdk.question import Answer, Question


class RetryPolicy(CamelModel):
    """How often and when a node is tried again: before retry n it waits up to backoffMs x factor^(n-1), at
    most maxBackoffMs.
    """

    max_retries: int = Field(3, ge=0, le=100, description="Tries after the first one.")
    backoff_ms: int = Field(
        1000, ge=0, le=3_600_000, description="Milliseconds before the first retry, at most."
    )
    factor: float = Field(2.0, ge=1, le=10, description="By how much the wait grows.")
    max_backoff_ms: int = Field(
        300_000, ge=0, le=86_400_000, description="Milliseconds that a wait never exceeds."
    )


def tries_before(max_tries: int, retries: int) -> int:
    """How many tries of a task were used up when it was last cleared: Airflow adds them to `max_tries`."""
    return max(0, max_tries - retries)


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeInput:
    """Everything a node run is told: the seed's `NodeInput`, with what Airflow adds.

    `params` are raw: `${{ }}` expressions not yet replaced. `context` is the run's `conf`: `{"event": {…},
    "correlation_id": …}`. `org` is the organization's slug. `dag_id`, `dag_run_id`, `node` (the task id) and
    `map_index` name the act; `try_number` is Airflow's. `workflow` (slug) and `version` are None in a
    hand-written DAG.
    """

    node: str
    type: str
    org: str
    dag_id: str
    dag_run_id: str
    params: Mapping[str, Any]
    context: Mapping[str, Any]
    connection: str | None = None
    map_index: int = -1
    try_number: int = 1
    tries_before: int = 0
    """Airflow's tries that were used up when the task was last cleared: retries are counted from there."""
    workflow: str | None = None
    version: int | None = None
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    jitter: bool = True
    """False: the delay before a retry is not drawn, it is the longest."""
    timeout_ms: int = 300_000
    conditions: Mapping[str, str] = field(default_factory=dict)
    """Task ids right behind this one, each with the CEL condition under which it is taken; decided after the
    act.
    """
    answer: Answer | None = None
    """What a person said, where the node has asked before."""
    siblings: frozenset[str] = frozenset()
    """Task ids of the mapped task group that this task is in: of these it reads the output with its own map
    index.
    """
    started_by: str = ""
    """The login of who started the run, as Airflow has it; "" where nobody is known."""
    trial: bool = False
    """Whether `dag.test()` runs it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorDetails:
    """`code` is the error type's, `path` a parameter where one is to blame, `retryable` whether another try
    may help.
    """

    code: str
    message: str
    hint: str = ""
    retryable: bool = False
    problems: tuple[Problem, ...] = ()
    provider: str = ""
    status: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeResult:
    """The seed's `NodeResult`.

    `status` `retry`: run it again after `retry_in` seconds using a try up, or without using one: at
    `reschedule_at`, or with the answer to `question`. `replayed` is True when the ledger returned a recorded
    result and nothing was called.
    """

    status: Literal["success", "failed", "retry"]
    output: Mapping[str, Any] = field(default_factory=dict)
    public: Mapping[str, Any] = field(default_factory=dict)
    """What may be shown of the output, outside the ledger."""
    error: ErrorDetails | None = None
    retry_in: float | None = None
    reschedule_at: dt.datetime | None = None
    question: Question | None = None
    replayed: bool = False
    key: str = ""
    story: Sequence[Mapping[str, str]] = ()
    skip: Sequence[str] = ()
    """Those of the input's `conditions` that are false: nothing runs there."""
