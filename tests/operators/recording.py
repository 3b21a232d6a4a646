"""The simplest node as an operator, and what it leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from operators.audit import RecordOperator
from operators.base import NodeOperator

if TYPE_CHECKING:
    from officeflow.database.engine import Database


RECORD = {"action": "checked", "subject": "employee:1"}


def recorder(task_id: str = "note", **changes: Any) -> NodeOperator:
    return RecordOperator(**{"task_id": task_id, "org": "acme", "node_params": RECORD, **changes})


def rows(database: Database, table: Any) -> list[Any]:
    with database.service() as session:
        return list(session.scalars(select(table)))
