"""What a list of runs reads of each run's acts and refusals: one look at either, joined beside the run.

As conditions of their own, `EXISTS`, PostgreSQL may answer them for all runs at once, by reading every act
that there is, although a list wants fifty runs.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    false,
    func,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.sql.selectable import LateralFromClause

from officeflow.database.tables import NodeRefusal, NodeRun, WorkflowRun
from officeflow.runs import refusals, waits
from officeflow.runs.refusals import SKIPPED
from officeflow.statuses import ENDED_RUNS, ActStatus, RunStatus, ShownRunStatus

NOT_WELL: ColumnElement[bool] = literal_column(
    "workflow_runs.status NOT IN ('SUCCEEDED', 'CANCELLED', 'COMPENSATED')"
)
"""Written out, as the index of these runs has it."""


@dataclass(frozen=True, slots=True)
class PerRun:
    """One row of each run, whether it has any or not: `acts` with `failed`, `asked`, `waiting`, `acting`, and
    `refused` with `refused`, `waiting`. Of several runs the flags may be null, which is no.
    """

    acts: LateralFromClause
    refused: LateralFromClause

    def joined(self, query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
        """To a query of runs."""
        return query.join(self.acts, true()).join(self.refused, true())

    @property
    def has_waits(self) -> ColumnElement[bool]:
        """Whether a node waits, whatever others do."""
        return or_(self.acts.c.waiting, self.refused.c.waiting)

    @property
    def waits(self) -> ColumnElement[bool]:
        """Whether the run is shown as one that waits."""
        return and_(
            WorkflowRun.status.in_(waits.MAY_WAIT),
            func.coalesce(self.has_waits, false()),
            ~func.coalesce(self.acts.c.acting, false()),
        )

    @property
    def needs_attention(self) -> ColumnElement[bool]:
        """Whether it failed, or is open and a node of it failed, could not begin, or may or may not have been
        done.
        """
        numbers = (self.acts.c.failed, self.acts.c.asked, self.refused.c.refused)
        return NOT_WELL & or_(WorkflowRun.status == RunStatus.FAILED, *(number > 0 for number in numbers))

    def in_status(self, statuses: Collection[ShownRunStatus]) -> ColumnElement[bool]:
        """By the status that is shown; what has not ended is looked for only where it is wanted."""
        stored = [RunStatus(status) for status in statuses if status != ShownRunStatus.WAITING]
        ended = [status for status in stored if status in ENDED_RUNS]
        parts: list[ColumnElement[bool]] = []
        if ended:
            parts.append(WorkflowRun.status.in_(ended))
        if still := [status for status in stored if status not in ENDED_RUNS]:
            not_waiting = ~self.waits if set(still) & set(waits.MAY_WAIT) else true()
            parts.append(WorkflowRun.status.in_(still) & not_waiting & NOT_WELL)
        if ShownRunStatus.WAITING in statuses:
            parts.append(self.waits & NOT_WELL)
        return or_(*parts)


def per_run() -> PerRun:
    return PerRun(_acts().lateral("acts"), _refused().lateral("refused"))


def _acts() -> Select[*tuple[Any, ...]]:
    kept = ~refusals.gives_up(NodeRun)
    failed, asked = (
        func.count().filter(NodeRun.status == status, kept) for status in (ActStatus.FAILED, ActStatus.ASKED)
    )
    return (
        select(failed.label("failed"), asked.label("asked"))
        .add_columns(func.bool_or(waits.waiting).label("waiting"), func.bool_or(waits.acting).label("acting"))
        .where(NodeRun.run_id == WorkflowRun.run_id, NodeRun.status != ActStatus.SUCCEEDED)
        .correlate(WorkflowRun)
    )


def _refused() -> Select[*tuple[Any, ...]]:
    refused = func.count().filter(~NodeRefusal.waits, NodeRefusal.error_details["code"].astext != SKIPPED)
    return (
        select(refused.label("refused"), func.bool_or(NodeRefusal.waits).label("waiting"))
        .where(NodeRefusal.run_id == WorkflowRun.run_id)
        .correlate(WorkflowRun)
    )
