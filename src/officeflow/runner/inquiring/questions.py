"""What is asked, and who may ask it. Systems say what an organization's record does not: who may not read
employees may not look, and what nobody has published asks no system for those who may not publish it.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from officeflow.audit import store as audit
from officeflow.audit.actions import AuditAction, organization_subject
from officeflow.audit.entry import AuditEntry
from officeflow.database.engine import Database
from officeflow.errors import NotKnown
from officeflow.rights.permissions import Permission
from officeflow.rights.principals import Principal
from officeflow.runner.inquiring import store
from officeflow.runner.inquiring.store import Question
from officeflow.runner.planning.given import Given
from officeflow.statuses import InquiryKind
from officeflow.workflows.models import Definition


def of_connection(name: str, *, org: str, by: Principal) -> Question:
    """What the connection may do. Whoever asks may manage connections."""
    return Question(
        kind=InquiryKind.CONNECTION,
        request={"name": name},
        subject=f"connection:{org}.{name}",
        by=by.actor,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ForWorkflow:
    """For an `event`, as it was sent, or for an `employee`; `given` is what was made of it here."""

    definition: Definition
    given: Given
    event: Mapping[str, Any] | None = None
    employee: str | None = None
    is_published: bool


def of_workflow(wanted: ForWorkflow, org_id: uuid.UUID, *, by: Principal) -> Question:
    """What a run would do. `NotAllowed` where they may not look."""
    by.require(Permission.EMPLOYEE_READ, org_id)
    if not wanted.is_published:
        by.require(Permission.WORKFLOW_PUBLISH, org_id)
    definition = wanted.definition
    return Question(
        kind=InquiryKind.WORKFLOW,
        request={
            "definition": definition.model_dump(mode="json", by_alias=True),
            "event": None if wanted.event is None else dict(wanted.event),
            "employee": wanted.employee,
        },
        subject=f"workflow:{definition.slug}",
        by=by.actor,
        employee=str(wanted.given.values["employee"].get("external_id") or ""),
        details={"published": wanted.is_published},
    )


def of_run(run_id: uuid.UUID, *, employee: str, by: Principal) -> Question:
    """What is still to come of a run. Whoever asks may read employees."""
    return Question(
        kind=InquiryKind.RUN,
        request={"run_id": str(run_id)},
        subject=f"run:{run_id}",
        by=by.actor,
        employee=employee,
    )


def of_drift(names: Sequence[str], *, org: str, org_id: uuid.UUID, by: Principal) -> Question:
    """Where the systems of these connections differ from the record and the rules.

    `NotAllowed` where they may not read employees.
    """
    by.require(Permission.EMPLOYEE_READ, org_id)
    return Question(
        kind=InquiryKind.DRIFT,
        request={"names": list(names)},
        subject=organization_subject(org),
        by=by.actor,
        details={"connections": list(names)},
    )


def withdraw_drift(
    database: Database, org_id: uuid.UUID, inquiry_id: uuid.UUID, *, org: str, by: Principal
) -> None:
    """Have no worker compare, and one that does end with its next step.

    `NotAllowed` where they may not read employees; `NotKnown` where there is none, or it has ended.
    """
    by.require(Permission.EMPLOYEE_READ, org_id)
    with database.tenant(org_id) as session:
        asked_by = store.withdraw_in(session, inquiry_id, kind=InquiryKind.DRIFT)
        if asked_by is None:
            raise NotKnown("there is no comparison of this id that has not ended")
        entry = AuditEntry(
            actor=by.actor,
            action=AuditAction.ACCESS_COMPARISON_WITHDRAWN,
            subject=organization_subject(org),
            details={"inquiry": str(inquiry_id), "asked_by": asked_by},
        )
        audit.append(session, org_id, entry)
