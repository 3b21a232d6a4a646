"""What a run's row says of undoing: `workflow_runs.undone`.

    {"state": "wanted" | "begun" | "done" | "incomplete", "by": …, "why": …, "cause": …, "taken_back": 3,
     "remaining": [{"node", "map_index", "type", "kind", "did", "why"}, …]}

"wanted": a person (`by`) asked for it, and the task `undo` has not done it yet. `cause` is why it was done, a
`Cause`. `remaining` are the acts that were
not taken back, each of a kind; those of the kinds in `BY_HAND` make it incomplete.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from officeflow.audit import store as audit
from officeflow.audit.actions import AuditAction
from officeflow.audit.entry import AuditEntry
from officeflow.database.tables import WorkflowRun
from officeflow.runs import control
from officeflow.runs.acts import RunRef, storable
from officeflow.runs.failures import TASK_FAILED
from officeflow.runs.open_matters import let_go
from officeflow.statuses import RunStatus

WANTED, BEGUN, DONE, INCOMPLETE = "wanted", "begun", "done", "incomplete"
MOST_KEPT = 200
"""Acts that are named with the run."""


class Cause(StrEnum):
    """Why what a run did is taken back. MARKED: somebody marked it failed in Airflow."""

    CANCELLED = "cancelled"
    MARKED = "marked_failed"
    FAILED = "failed"
    ASKED = "asked"


class Kind(StrEnum):
    """Why an act was not taken back.

    FAILED: it was tried. UNKNOWN: whether it was done nobody knows. LEFT: it is there no more, or was changed
    by somebody since. IRREVERSIBLE: nothing could. NO_WAY: its node type knows none, and no other node
    compensates for it. KEPT: the workflow says that it stays.
    """

    FAILED = "failed"
    UNKNOWN = "unknown"
    LEFT = "left"
    IRREVERSIBLE = "irreversible"
    NO_WAY = "no_way"
    KEPT = "kept"
    BEST_EFFORT = "best_effort"


BY_HAND = frozenset({Kind.FAILED, Kind.UNKNOWN})
"""What a person has to look after."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remaining:
    """An act that was not taken back: what it `did`, and `why` it remains, both for people."""

    node: str
    map_index: int
    type: str
    kind: Kind
    did: str
    why: str
    run: str = ""
    """`<DAG>/<Airflow run id>` where it is an act of a run that this one has called."""

    def __str__(self) -> str:
        name = f"{self.node}[{self.map_index}]" if self.map_index >= 0 else self.node
        where = f" of {self.run}" if self.run else ""
        return f"{name}{where}: {self.did}; {self.why}" if self.did else f"{name}{where}: {self.why}"


def is_wanted(run: WorkflowRun) -> bool:
    """Whether a person has asked for it and it is not done yet."""
    return bool((run.undone or {}).get("by")) and (run.undone or {}).get("state") != DONE


def is_complete(run: WorkflowRun) -> bool:
    """Whether all that could be taken back was, and that was something."""
    found = run.undone or {}
    return found.get("state") == DONE and bool(found.get("taken_back"))


def with_remaining(run: WorkflowRun, error: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """What a run that has ended keeps in `error_details`: `error`, and what remains of a run that was
    undone.
    """
    found = run.undone or {}
    remaining = found.get("remaining")
    if error and found.get("cause") == Cause.MARKED:
        error = _marked(error)
    if not remaining or run.status not in {RunStatus.COMPENSATED, RunStatus.FAILED, RunStatus.CANCELLED}:
        return dict(error) if error else None
    return {"code": "undone", **(error or {}), "remaining": remaining}


def _marked(error: Mapping[str, Any]) -> dict[str, Any]:
    """Of a run that somebody marked failed: the mark failed the tasks that were under way, and only what
    nodes themselves say tells more.
    """
    marked: dict[str, Any] = {"code": Cause.MARKED, "message": "somebody marked it failed in Airflow"}
    given = error.get("reasons", ())
    said = [each for each in given if each["code"] != TASK_FAILED]
    by_mark = {each["node"] for each in given} - {each["node"] for each in said}
    nodes = [node for node in error.get("nodes", ()) if node not in by_mark]
    return {**marked, **({"nodes": nodes} if nodes else {}), **({"reasons": said} if said else {})}


def ask(session: Session, run: WorkflowRun, *, by: str, why: str) -> None:
    """A person wants it: the task `undo` does it when it runs next."""
    run.undone = {**(run.undone or {}), "state": WANTED, "by": by, "why": why}
    _audit(session, run, AuditAction.RUN_UNDO_ASKED, by, {"status": run.status, "why": why})


def begin(session: Session, run_id: uuid.UUID, cause: Cause) -> None:
    """The run is COMPENSATING from now on."""
    run = session.get_one(WorkflowRun, run_id, with_for_update=True, populate_existing=True)
    run.status, run.ended_at = RunStatus.COMPENSATING, None
    run.undone = {**(run.undone or {}), "state": BEGUN, "cause": cause}
    by = f"node:{run.dag_id}/undo"
    let_go(session, run, why="what the run did is taken back", by=by)
    control.cancel_below(session, run, by=by, why="the run that called it is being undone")


def end(session: Session, ref: RunRef, *, taken_back: int, remaining: Sequence[Remaining]) -> None:
    """All that could be done is. The run's own end, which follows, is the steward's to see."""
    run = session.get_one(WorkflowRun, ref.run_id, with_for_update=True, populate_existing=True)
    run.undone = _result(run, taken_back, remaining)
    told = {
        "taken_back": taken_back,
        "remaining": [
            {"node": each.node, "map_index": each.map_index, "kind": each.kind} for each in remaining
        ][:MOST_KEPT],
    }
    _audit(session, run, AuditAction.RUN_UNDONE, f"node:{ref.dag_id}/undo", told)


def end_called(
    session: Session, run_id: uuid.UUID, *, taken_back: int, remaining: Sequence[Remaining]
) -> None:
    """The same of a run that had ended by itself, and was undone with the one that has called it."""
    run = session.get_one(WorkflowRun, run_id, with_for_update=True, populate_existing=True)
    run.undone = _result(run, taken_back, remaining)
    if is_complete(run) and run.ended_at is not None:
        run.status = RunStatus.COMPENSATED
    run.error_details = with_remaining(run, run.error_details)


def _result(run: WorkflowRun, taken_back: int, remaining: Sequence[Remaining]) -> dict[str, Any]:
    state = INCOMPLETE if any(each.kind in BY_HAND for each in remaining) else DONE
    kept: dict[str, Any] = storable([asdict(each) for each in remaining[:MOST_KEPT]])
    return {**(run.undone or {}), "state": state, "taken_back": taken_back, "remaining": kept}


def _audit(
    session: Session, run: WorkflowRun, action: AuditAction, actor: str, details: Mapping[str, Any]
) -> None:
    about = {"run_id": str(run.run_id), "dag_id": run.dag_id, "dag_run_id": run.dag_run_id}
    entry = AuditEntry(
        actor=actor,
        action=action,
        subject=f"run:{run.run_id}",
        details={**about, **details},
        correlation_id=run.correlation_id,
    )
    audit.append(session, run.org_id, entry)
