"""Messages of other systems about runs, and what is announced of them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from officeflow.database.engine import Database
from officeflow.database.tables import (
    Organization,
    OutboxMessage,
    WorkflowRun,
)
from officeflow.events.inbox import Stored
from officeflow.events.message import Message
from officeflow.events.run_orders import Taken
from officeflow.runs import store
from officeflow.statuses import RunStatus

START, PAUSE, RESUME, CANCEL = (f"workflow.run.{name}" for name in ("request", "pause", "resume", "cancel"))
HR = "https://hr.example"

Send = Callable[..., Stored[Taken]]


def order(kind: str, number: int = 1, /, *, org: str | None = "acme", **data: Any) -> dict[str, Any]:
    """A CloudEvent in structured mode."""
    named = {} if org is None else {"organizationid": org}
    data = {"why": "asked by HR", **data}
    return {"specversion": "1.0", "id": f"o-{number}", "source": HR, "type": kind, "data": data, **named}


def message(body: Any, *, topic: str = "", key: str = "") -> Message:
    return Message(
        topic=topic or body["type"],
        partition=0,
        offset=time.monotonic_ns(),
        key=key.encode() or None,
        value=body if isinstance(body, bytes) else json.dumps(body).encode(),
    )


def add_run(database: Database, org: Organization, name: str = "1") -> WorkflowRun:
    with database.service() as session:
        return store.ensure_run(
            session,
            org_id=org.org_id,
            dag_id=f"{org.slug}__hello",
            dag_run_id=f"manual__{name}",
            conf={},
            status=RunStatus.RUNNING,
        )


def told(database: Database) -> list[dict[str, Any]]:
    """The results that were announced."""
    with database.service() as session:
        query = select(OutboxMessage).where(OutboxMessage.topic == "workflow.run.result")
        return [dict(each.payload) for each in session.scalars(query.order_by(OutboxMessage.position))]


def status(database: Database, run: WorkflowRun) -> str:
    with database.service() as session:
        return session.get_one(WorkflowRun, run.run_id).status
