"""What an act's row in the ledger and a request for the act say of each other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from officeflow import canonical_json
from officeflow.database.encryption import fingerprint
from officeflow.database.tables import NodeRun
from officeflow.errors import (
    ConnectorError,
    OfficeFlowError,
    OutcomeUnknown,
    OutputRefused,
    ParametersChanged,
)
from officeflow.program import typed
from officeflow.runs.acts import ActRequest, Attempt, Recorded
from officeflow.sdk import Effect
from officeflow.statuses import ActStatus

UNSURE_SINCE = "unsure_since"
"""In `error_details`: when the act's effect first became unknown."""
WAITED = "waited"
"""In `error_details`: the act has waited, before that error or since, so the row's story goes on."""


def unsure_since(row: NodeRun) -> dt.datetime | None:
    since = (row.error_details or {}).get(UNSURE_SINCE)
    return None if since is None else dt.datetime.fromisoformat(since)


def story_before(row: NodeRun, *, resuming: bool) -> list[dict[str, str]]:
    """What an attempt that is begun now goes on telling: all that the row has where the act has waited, and
    nothing where the row has the story of an attempt that failed without a wait.

    To be asked before the row is changed.
    """
    waits = row.status == ActStatus.QUEUED and row.started_at is not None
    without_error = resuming and row.error_details is None
    waited = waits or without_error or WAITED in (row.error_details or {})
    return [dict(each) for each in row.story] if waited else []


def waited_since(attempt: Attempt) -> dict[str, Any]:
    """What becomes of the row's error where an attempt waits that may have acted: the error stays."""
    return {"error_details": {**attempt.failed_before, WAITED: True}} if attempt.failed_before else {}


def looks_first(request: ActRequest, *, taken: bool) -> bool:
    """Whether the act can be done a second time only by mistake: it was taken, and only looking for it could
    say what came of it.
    """
    return taken and request.effect is Effect.CHECK_THEN_ACT


def may_be_done(request: ActRequest, attempt: Attempt, error: Exception | None = None) -> bool:
    """Whether, after this attempt, the act may be done: by this attempt, or by one before it that this one
    has not looked for.
    """
    if request.effect is Effect.PURE:
        return False
    return attempt.resuming or (error is not None and may_have_happened(error))


def may_have_happened(error: Exception) -> bool:
    """Whether the act may have had its effect in spite of `error`: where the connector says so, and after any
    error that nobody foresaw.
    """
    if isinstance(error, ConnectorError):
        return error.maybe_done
    return isinstance(error, OutputRefused) or not isinstance(error, OfficeFlowError)


def params_hash(request: ActRequest) -> str:
    return fingerprint(input_of(request))


def input_of(request: ActRequest) -> bytes:
    return canonical_json.encode(request.input, what=f"what {request.node} is given")


def same_params(row: NodeRun, request: ActRequest) -> bool:
    """By the fingerprint; where that differs, the key may have changed since, so by the recorded input
    itself.
    """
    recorded: Mapping[str, Any] | None = row.input
    return (
        recorded is None
        or row.params_hash == params_hash(request)
        or canonical_json.encode(recorded) == input_of(request)
    )


def recorded(row: NodeRun, *, replayed: bool) -> Recorded:
    return Recorded(
        key=row.idempotency_key,
        generation=row.generation,
        attempt=row.attempt,
        try_number=row.try_number,
        output=row.whole_output or {},
        public=row.output or {},
        story=row.story,
        ended_at=row.ended_at or row.created_at,
        replayed=replayed,
    )


def _where(request: ActRequest) -> str:
    place = "" if request.map_index < 0 else f" --map-index {request.map_index}"
    return f"{request.run.dag_id}/{request.run.dag_run_id} {request.node}{place}"


def params_changed(request: ActRequest, row: NodeRun) -> ParametersChanged:
    what = "was done" if row.status == ActStatus.SUCCEEDED else "was begun, and may have been done,"
    return ParametersChanged(
        f"{request.node} {what} with other parameters than it is asked for now; nothing was called",
        hint=(
            f"where it is to be done again with the new ones: {typed('ledger redo')} {_where(request)} --why"
            " … --login YOU"
        ),
    )


def unknown(request: ActRequest, try_number: int) -> OutcomeUnknown:
    return OutcomeUnknown(
        f"{request.node} was begun in try {try_number} and nobody can tell whether it was done",
        hint=(
            f"look there, then say it: {typed('ledger resolve')} {_where(request)} --done (or --not-done)"
            " --why … --login YOU"
        ),
    )
