"""The audit log: looking for records, taking them elsewhere, and whether it is whole."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime, BaseModel, Field

from officeflow.api import within
from officeflow.api.needs import Caller, Needs
from officeflow.api.paging import Listed, Paged
from officeflow.api.paths import located
from officeflow.api.routing import Route
from officeflow.audit import exporting, searching, verifications
from officeflow.audit.exporting import Format
from officeflow.audit.searching import Sought
from officeflow.database.tables import AuditRecord, AuditVerification
from officeflow.rights.permissions import Permission

router = APIRouter(tags=["audit"], route_class=Route)
Reading = Annotated[Caller, Needs(Permission.AUDIT_READ)]

AUDIT = "/organizations/{org}/audit"
MEDIA_TYPES = {Format.NDJSON: "application/x-ndjson", Format.CSV: "text/csv; charset=utf-8; header=present"}


class RecordFilter(BaseModel):
    actor: str = Field("", max_length=600, description="Exactly: `airflow:ana`, `token:acme/hr`.")
    action: str = Field("", max_length=100, description="Such as `act.done`; earlier names find it too.")
    subject: str = Field("", max_length=600, description="Exactly: `employee:E-1`, `run:<UUID>`.")
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None

    def sought(self) -> Sought:
        return Sought(
            actor=self.actor,
            action=self.action,
            subject=self.subject,
            since=self.since,
            until=self.until,
        )


class ExportFilter(RecordFilter):
    format: Format = Field(Format.NDJSON, description="A JSON document a line, or CSV.")


class Record(BaseModel):
    number: int | None = Field(description="In the organization's chain; null: not chained yet.")
    id: uuid.UUID
    at: dt.datetime
    actor: str
    action: str
    subject: str
    details: dict[str, Any] = Field(description="By the action: docs/audit.md.")
    correlation_id: str | None
    previous_mac: str | None
    mac: str | None = Field(description="Hexadecimal; who has the chain's key can compute it again.")


@router.get(f"{AUDIT}/records")
def list_records(caller: Reading, wanted: Paged, query: Annotated[RecordFilter, Query()]) -> Listed[Record]:
    """Records, the newest first."""
    org_id = within.org_of(caller)
    with caller.context.database.tenant(org_id) as session:
        page = searching.page(session, org_id, query.sought(), wanted)
    return Listed(items=[_record(each) for each in page.rows], next=page.next)


@router.get(f"{AUDIT}/records/{{record_id}}")
def show_record(caller: Reading, record_id: uuid.UUID) -> Record:
    """One record."""
    org_id = within.org_of(caller)
    with caller.context.database.tenant(org_id) as session:
        return _record(searching.one(session, org_id, record_id))


def _record(record: AuditRecord) -> Record:
    return Record.model_validate(exporting.to_json(record))


@router.get(
    f"{AUDIT}/export",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/x-ndjson": {}, "text/csv": {}}}},
)
def export_records(
    caller: Reading,
    query: Annotated[ExportFilter, Query()],
) -> StreamingResponse:
    """All records that are sought, the oldest first, as a stream. That it was exported is recorded."""
    context, org_id = caller.context, within.org_of(caller)
    lines = exporting.export(
        context.database, context.clock, org_id, query.sought(), query.format, by=caller.actor
    )
    name = f"audit-{caller.org}-{context.clock.now():%Y%m%dT%H%M%SZ}.{query.format}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(lines, media_type=MEDIA_TYPES[query.format], headers=headers)


class Verification(BaseModel):
    """What the steward found, which has the chain's key. It stands in the same database as the log: who does
    not trust that runs `officeflow audit verify` with an anchor that was kept elsewhere.
    """

    id: uuid.UUID
    asked_by: str
    asked_at: dt.datetime
    done_at: dt.datetime | None = Field(description="null: the steward has yet to do it.")
    is_whole: bool | None = Field(description="null: not known yet, or nobody could tell.")
    records: int | None
    waiting: int | None = Field(description="Records that were not chained yet.")
    anchor: str = Field(description="NUMBER:HEX of the newest record, for `audit verify --anchor`.")
    compared: list[str] = Field(description="With what outside of the database it was compared.")
    problems: list[str]
    error: str = Field(description="Why nobody could tell.")


@router.get(f"{AUDIT}/verifications")
def list_verifications(caller: Reading, wanted: Paged) -> Listed[Verification]:
    """Verifications of the log, the newest first; the steward makes one a day by itself."""
    org_id = within.org_of(caller)
    with caller.context.database.tenant(org_id) as session:
        page = verifications.page(session, org_id, wanted)
    return Listed(items=[_verification(each) for each in page.rows], next=page.next)


@router.post(f"{AUDIT}/verifications", status_code=202)
def ask_verification(caller: Reading, response: Response) -> Verification:
    """Ask the steward to verify the log now; where that is asked already, that one is answered."""
    org_id = within.org_of(caller)
    with caller.context.database.tenant(org_id) as session:
        found = verifications.ask(session, org_id, by=caller.actor, now=caller.context.clock.now())
    response.headers["Location"] = located(caller.org, "audit", "verifications", found.verification_id)
    return _verification(found)


@router.get(f"{AUDIT}/verifications/{{verification_id}}")
def show_verification(caller: Reading, verification_id: uuid.UUID) -> Verification:
    """One verification."""
    org_id = within.org_of(caller)
    with caller.context.database.tenant(org_id) as session:
        return _verification(verifications.one(session, org_id, verification_id))


def _verification(row: AuditVerification) -> Verification:
    is_known = row.done_at is not None and not row.error
    return Verification(
        id=row.verification_id,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        done_at=row.done_at,
        is_whole=not row.problems if is_known else None,
        records=row.records,
        waiting=row.waiting,
        anchor=row.anchor,
        compared=row.compared or [],
        problems=row.problems or [],
        error=row.error or "",
    )
