"""Whether a run that Airflow has already is the one that an event asked for, and where the event goes if it
is not.

A run's id is made of what others know as well, so whoever may trigger DAGs can take the id of an event to
come. A run carries the event where its conf names the event, and Airflow says that it was our account that
started it, or an earlier dispatch of the event has noted it. The payload is not compared: under one identity
there is one content, and nobody but us starts runs under our account. A run that somebody else started with
the very same conf carries nothing: it may have ended before the person's record was there, or been marked as
done.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from listeners.inbound.matching import WAITS, Candidate, write_run
from officeflow.airflow_api.types import DagRun
from officeflow.database.tables import InboxEvent, WorkflowRun
from officeflow.ids import workflow_run_id
from officeflow.runs.store import MANUAL

IDENTITY = ("id", "source", "kind", "org", "employee", "time")


def carries(run: DagRun, event: InboxEvent, candidate: Candidate, *, account: str) -> bool:
    """`account` is our name at Airflow."""
    if _identity(run["conf"]) != _identity(candidate.conf):
        return False
    noted = {(entry["dag_id"], entry["dag_run_id"]) for entry in event.runs if WAITS not in entry}
    return run["triggering_user_name"] == account or (candidate.dag_id, candidate.dag_run_id) in noted


def elsewhere(event: InboxEvent, candidate: Candidate) -> Candidate:
    """The same run under an id that nobody can take beforehand: the event's place in the inbox is known to
    nobody before it has arrived.
    """
    secret = hashlib.sha256(
        f"{event.inbox_id}\n{candidate.dag_id}\n{candidate.dag_run_id}".encode()
    ).hexdigest()
    run_id = f"{candidate.dag_run_id}__{secret[:16]}"
    return replace(
        candidate,
        dag_run_id=run_id,
        run_id=workflow_run_id(candidate.dag_id, run_id),
        instead_of=candidate.dag_run_id,
    )


def write_elsewhere(
    session: Session, event: InboxEvent, candidate: Candidate, other: Candidate, seen: DagRun
) -> None:
    """Write the PENDING row of `other`; the row under the taken id tells of the run that has it, no longer of
    the event.
    """
    taken = session.get_one(WorkflowRun, candidate.run_id, with_for_update=True)
    if taken.context == candidate.conf and seen["conf"] != candidate.conf:
        taken.context, taken.trigger_event, taken.employee_id = {}, MANUAL, None
        taken.correlation_id = str(taken.run_id)
    write_run(session, event, other)


def _identity(conf: Any) -> list[Any] | None:
    event = conf.get("event") if isinstance(conf, Mapping) else None
    return (
        [*(event.get(name) for name in IDENTITY), conf["correlation_id"]]
        if isinstance(event, Mapping) and "correlation_id" in conf
        else None
    )
