"""Why nodes could not begin their acts: `node_refusals`.

What fails before the ledger (parameters, an expression, an unknown type), or takes the node's process along,
has no end in the ledger. It is kept here for whoever looks at the run, and never has a say in what is done
about the act.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, case, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from officeflow.database.tables import NodeRefusal, NodeRun
from officeflow.runs import messages
from officeflow.runs.acts import RunRef, storable

SKIPPED = "skipped"
"""Code of a node that a person gave up, so that the run goes on without it."""

MOST_TOLD = 20
"""Nodes of a run whose reasons are kept with the run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A task that ended before its act did.

    `error` is as in the ledger, masked; `retry_in` where another try follows by itself.

    With `waits` it has not failed: it looks again when something of the platform's own is back.
    """

    run: RunRef
    node: str
    type: str
    error: Mapping[str, Any]
    connection: str | None = None
    map_index: int = -1
    try_number: int = 1
    retry_in: float | None = None
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """What the task's last looks found: the error's code, since when, and how often in a row."""

    code: str
    since: dt.datetime
    looks: int


def note(session: Session, refused: Refused, *, now: dt.datetime) -> None:
    """Keep it in the place of what was kept of the task before.

    A failure is audited and told; that it waits is not.
    """
    error = storable(refused.error)
    same = NodeRefusal.error_details["code"].astext == str(error["code"])
    values = {
        "node_type": refused.type,
        "try_number": refused.try_number,
        "waits": refused.waits,
        "at": now,
        "error_details": error,
    }
    statement = insert(NodeRefusal).values(
        run_id=refused.run.run_id,
        node_key=refused.node,
        map_index=refused.map_index,
        org_id=refused.run.org_id,
        since=now,
        looks=1,
        **values,
    )
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["run_id", "node_key", "map_index"],
            set_={
                **values,
                "since": case((same, NodeRefusal.since), else_=now),
                "looks": case((same, NodeRefusal.looks + 1), else_=1),
            },
        )
    )
    if not refused.waits:
        messages.refused(
            session,
            refused.run,
            {
                "node": refused.node,
                "type": refused.type,
                "connection": refused.connection,
                "map_index": refused.map_index,
                "try_number": refused.try_number,
            },
            error,
            retry_in=refused.retry_in,
        )


def clear(session: Session, run_id: uuid.UUID, node: str, map_index: int) -> None:
    """The task has come further since."""
    session.execute(
        delete(NodeRefusal).where(
            NodeRefusal.run_id == run_id, NodeRefusal.node_key == node, NodeRefusal.map_index == map_index
        )
    )


def of_run(session: Session, run_id: uuid.UUID) -> Sequence[NodeRefusal]:
    """The oldest first."""
    query = select(NodeRefusal).where(NodeRefusal.run_id == run_id)
    return session.scalars(query.order_by(NodeRefusal.at, NodeRefusal.node_key, NodeRefusal.map_index)).all()


def is_skip(refusal: NodeRefusal) -> bool:
    """Whether a person gave the node up."""
    return bool(refusal.error_details["code"] == SKIPPED)


def gives_up(node: type[NodeRun]) -> ColumnElement[bool]:
    """Whether a person gave up the node whose act it is."""
    same = (
        NodeRefusal.run_id == node.run_id,
        NodeRefusal.node_key == node.node_key,
        NodeRefusal.map_index == node.map_index,
    )
    skips = select(NodeRefusal.run_id).where(*same, NodeRefusal.error_details["code"].astext == SKIPPED)
    return skips.correlate(node).exists()


def reasons(found: Sequence[NodeRefusal]) -> list[dict[str, Any]]:
    """As a run keeps them: `{"node", "code", "message", "fields"}` each, of those that failed. What a person
    gave up has not.
    """
    return [
        {
            "node": row.node_key,
            "code": row.error_details["code"],
            "message": row.error_details["message"],
            "fields": [problem["path"] for problem in row.error_details.get("problems", ())],
        }
        for row in found
        if not row.waits and not is_skip(row)
    ][:MOST_TOLD]


def skipped(session: Session, run_id: uuid.UUID) -> dict[str, str]:
    """The run's nodes that somebody gave up, each with who, when and why."""
    query = select(NodeRefusal).where(
        NodeRefusal.run_id == run_id, NodeRefusal.error_details["code"].astext == SKIPPED
    )
    return {row.node_key: str(row.error_details["message"]) for row in session.scalars(query)}
