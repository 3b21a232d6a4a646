"""Keeps why a node's try ended before its act did, where people look for it: with the run, in the audit log,
in its messages.
"""

from __future__ import annotations

from typing import Any

from officeflow.runner import values
from officeflow.runner.services import Services
from officeflow.runs import refusals
from officeflow.runs.acts import RunRef
from officeflow.sdk import ErrorDetails, NodeInput


def note(
    services: Services,
    given: NodeInput,
    error: ErrorDetails,
    *,
    retry_in: float | None = None,
    waits: bool = False,
) -> bool:
    """False where it could not be kept, which the log tells: what ends the try is never hidden by that."""
    try:
        with services.database.service() as session:
            run = values.run_for(session, given)
            refused = refusals.Refused(
                run=run,
                node=given.node,
                type=given.type,
                connection=given.connection,
                map_index=given.map_index,
                try_number=given.try_number,
                error=_as_kept(error),
                retry_in=retry_in,
                waits=waits,
            )
            refusals.note(session, refused, now=services.clock.now())
    except Exception as failure:  # noqa: BLE001 - whatever it is, the node's own error matters more
        services.log.warning(
            f"why the node could not go on is in this log alone: {type(failure).__name__}: {failure}"
        )
        return False
    return True


def forget(services: Services, given: NodeInput, run: RunRef) -> None:
    """The task has come further since, whatever became of its act."""
    try:
        with services.database.tenant(run.org_id) as session:
            refusals.clear(session, run.run_id, given.node, given.map_index)
    except Exception as failure:  # noqa: BLE001 - an old reason that is still shown spoils no act
        services.log.warning(
            f"the reason of an earlier try is still shown with the run: {type(failure).__name__}: {failure}"
        )


def _as_kept(error: ErrorDetails) -> dict[str, Any]:
    problems = [{"path": p.path, "reason": p.reason, "suggestion": p.suggestion} for p in error.problems]
    known = {"hint": error.hint, "problems": problems, "provider": error.provider, "status": error.status}
    return {
        "code": error.code,
        "message": error.message,
        **{name: value for name, value in known.items() if value},
    }
