"""Tasks that wait for a time and are to look again at once.

Whoever lets something come that a task may wait for says so here, in the transaction in which it comes. The
steward's duty `wake` clears the task in Airflow, which begins it anew; the run is taken out of parking.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from officeflow.database import listening
from officeflow.database.tables import Wake, WorkflowRun
from officeflow.ids import new_id

CHANNEL = "officeflow_wake"
"""PostgreSQL's notification that there is something to wake: its payload is the run's UUID."""

FIRST_PAUSE = dt.timedelta(seconds=1)
LONGEST_PAUSE = dt.timedelta(seconds=30)
KEEP = dt.timedelta(days=7)
"""How long what was done can be looked up."""


@dataclass(frozen=True, slots=True)
class Due:
    """A wake, and where Airflow has its run."""

    wake: Wake
    dag_id: str
    dag_run_id: str


def wake(
    session: Session, org_id: uuid.UUID, run_id: uuid.UUID, node_key: str, *, map_index: int = -1, cause: str
) -> None:
    """The task looks again soon after the transaction has been committed; at once where the steward works.

    One that does not wait when its turn comes is left as it is.
    """
    session.add(
        Wake(
            wake_id=new_id(),
            org_id=org_id,
            run_id=run_id,
            node_key=node_key,
            map_index=map_index,
            cause=cause[:100],
        )
    )
    notify(session, run_id)


def notify(session: Session, run_id: uuid.UUID) -> None:
    """Something has come for the run, whatever its tasks wait for: it is not to stay parked."""
    listening.notify(session, CHANNEL, str(run_id))


def due(session: Session, *, most: int) -> Sequence[Due]:
    """The wakes whose turn has come, the oldest first, locked until the transaction ends; those that another
    steward has at hand are passed over. `session` sees all organizations.
    """
    query = (
        select(Wake, WorkflowRun.dag_id, WorkflowRun.dag_run_id)
        .join(WorkflowRun, WorkflowRun.run_id == Wake.run_id)
        .where(Wake.done_at.is_(None), Wake.due_at <= func.clock_timestamp())
        .order_by(Wake.due_at)
        .limit(most)
        .with_for_update(skip_locked=True, of=Wake)
    )
    return [Due(*row) for row in session.execute(query)]


def done(session: Session, wake: Wake, outcome: str = "") -> None:
    """`outcome` says why the task does not look again; "" where it does, and then the run is not to stay
    parked.
    """
    wake.done_at, wake.outcome = func.clock_timestamp(), outcome[:255]
    if not outcome:
        notify(session, wake.run_id)


def later(wake: Wake) -> None:
    """Its task is in a worker, or on the way there: it is asked for again a second later, and later and
    later.
    """
    age = func.clock_timestamp() - Wake.created_at
    pause = func.least(func.greatest(age / 10, FIRST_PAUSE), LONGEST_PAUSE)
    wake.due_at = func.clock_timestamp() + pause


def are_put_off(session: Session) -> bool:
    """Whether there are wakes whose turn comes later."""
    return bool(session.scalar(select(select(Wake).where(Wake.done_at.is_(None)).exists())))


def prune(session: Session) -> int:
    """Forget what was done long ago; returns how many that were."""
    old = delete(Wake).where(Wake.done_at < func.now() - KEEP).returning(Wake.wake_id)
    return len(session.scalars(old).all())
