"""What an act writes down of itself while it acts, so that a process that ends in the middle leaves it."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import Table, update

from officeflow.database.engine import Database
from officeflow.database.tables import NodeRun
from officeflow.errors import ActInProgress
from officeflow.owners import owned
from officeflow.runs.acts import ActRequest, Attempt, storable
from officeflow.statuses import ActStatus

_TABLE = cast("Table", NodeRun.__table__)


def progress_of(request: ActRequest, attempt: Attempt) -> Any:
    """The attempt's progress as its row has it: whose person's key it is under, and None where there is
    none.
    """
    return owned(request.run.owner, storable(attempt.progress) or None)


def keep_progress(database: Database, request: ActRequest, attempt: Attempt) -> None:
    """Write the attempt's `progress` into its row, in a transaction of its own.

    `ActInProgress` where the row is not this attempt's any more: another worker has taken the act over.
    """
    its_own = (
        (_TABLE.c.idempotency_key == attempt.key)
        & (_TABLE.c.attempt == attempt.number)
        & (_TABLE.c.status == ActStatus.STARTED)
    )
    progress = progress_of(request, attempt)
    with database.tenant(request.run.org_id) as session:
        statement = update(_TABLE).where(its_own).values(progress=progress).returning(_TABLE.c.attempt)
        if session.connection().execute(statement).first() is None:
            raise ActInProgress(
                "another worker has taken this act over", hint="it is looked at again by itself"
            )
