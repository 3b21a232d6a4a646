"""What an act writes down of itself while it acts, so that a process that ends in the middle leaves it."""

from __future__ import annotations

from typing import Any, cast

from officeflow.database.encryption import EncryptedJSON
from officeflow.database.engine import Database
from officeflow.database.tables import NodeRun
from officeflow.errors import ActInProgress
from officeflow.owners import owned
from officeflow.runs.acts import ActRequest, Attempt, storable
from officeflow.statuses import ActStatus

_KEEP = "UPDATE node_runs SET progress = %s WHERE idempotency_key = %s AND attempt = %s AND status = %s"
_PROGRESS = cast("EncryptedJSON", NodeRun.__table__.c.progress.type)


def progress_of(request: ActRequest, attempt: Attempt) -> Any:
    """The attempt's progress as its row has it: whose person's key it is under, and None where there is
    none.
    """
    return owned(request.run.owner, storable(attempt.progress) or None)


def keep_progress(database: Database, request: ActRequest, attempt: Attempt) -> None:
    """Write the attempt's `progress` into its row, in a transaction of its own.

    `ActInProgress` where the row is not this attempt's any more: another worker has taken the act over.
    """
    progress = _PROGRESS.process_bind_param(progress_of(request, attempt), database.tenants.dialect)
    with database.tenant_at_once(request.run.org_id) as connection:
        written = connection.execute(_KEEP, (progress, attempt.key, attempt.number, ActStatus.STARTED.value))
    if written.rowcount != 1:
        raise ActInProgress("another worker has taken this act over", hint="it is looked at again by itself")
