"""Tasks that wait for a time and are to look again at once.

Whoever lets something come that a task may wait for says so here, in the transaction in which it comes. The
steward's duty `wake` clears the task in Airflow, which begins it anew; the run is taken out of parking.
"""

from __future__ import annotations

import uuid

from sqlalchemy import text
from sqlalchemy.orm import Session

from officeflow.database.tables import Wake
from officeflow.ids import new_id

CHANNEL = "officeflow_wake"
"""PostgreSQL's notification that there is something to wake: its payload is the run's UUID."""


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
    session.execute(text("SELECT pg_notify(:channel, :run)"), {"channel": CHANNEL, "run": str(run_id)})
