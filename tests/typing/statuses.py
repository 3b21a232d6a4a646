"""What mypy refuses: comparisons that cannot be written by mistake.

It looks at this file with the product, and calls an `ignore` unused where it would not have complained.
"""

from __future__ import annotations

from officeflow.database.tables import InboxEvent, NodeRun, WorkflowRun
from officeflow.runs.listing import RunLine
from officeflow.statuses import ENDED_RUNS, ActStatus, EventStatus, QuarantineStatus, RunStatus


def of_rows(act: NodeRun, run: WorkflowRun, event: InboxEvent, line: RunLine) -> list[bool]:
    return [
        act.status == RunStatus.FAILED,  # type: ignore[comparison-overlap]
        act.status == run.status,  # type: ignore[comparison-overlap]
        act.status in ENDED_RUNS,  # type: ignore[comparison-overlap]
        run.status != ActStatus.SUCCEEDED,  # type: ignore[comparison-overlap]
        event.status == QuarantineStatus.OPEN,  # type: ignore[comparison-overlap]
        line.status == RunStatus.FAILED,  # type: ignore[comparison-overlap]
    ]


def in_queries() -> list[object]:
    return [
        NodeRun.status == RunStatus.FAILED,  # type: ignore[deprecated]
        NodeRun.status != RunStatus.FAILED,  # type: ignore[deprecated]
        NodeRun.status == "FAILED",  # type: ignore[deprecated]
        NodeRun.status == WorkflowRun.status,  # type: ignore[deprecated]
        NodeRun.status.in_(ENDED_RUNS),  # type: ignore[arg-type]
        WorkflowRun.status.not_in([ActStatus.STARTED]),  # type: ignore[list-item]
    ]


def in_rows(act: NodeRun) -> NodeRun:
    act.status = RunStatus.FAILED  # type: ignore[assignment]
    act.status = "FAILED"  # type: ignore[assignment]
    return act


def and_allows(act: NodeRun, run: WorkflowRun) -> list[object]:
    """What is right is not complained of."""
    event = EventStatus.RECEIVED
    return [
        act.status == ActStatus.FAILED,
        run.status in ENDED_RUNS,
        NodeRun.status == ActStatus.FAILED,
        WorkflowRun.status.in_(ENDED_RUNS),
        InboxEvent.status != event,
    ]
