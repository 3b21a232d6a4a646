"""Messages for Kafka that are not there yet, or never will be as they are."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Self

from fastapi import APIRouter
from pydantic import BaseModel, Field

from officeflow.api.needs import Caller, Needs
from officeflow.api.paging import Listed, Paged
from officeflow.api.routes.workflows import Reason
from officeflow.api.routing import Route
from officeflow.database.tables import OutboxMessage
from officeflow.events import decisions, pages
from officeflow.events.pages import UnsentState
from officeflow.rights.permissions import Permission

router = APIRouter(tags=["outbox"], route_class=Route)


class MessageShown(BaseModel):
    message_id: uuid.UUID
    state: UnsentState
    topic: str
    type: str
    subject: str | None
    written: dt.datetime
    why: str | None = Field(description="Why it is not in Kafka, where that is known.")

    @classmethod
    def of(cls, message: OutboxMessage) -> Self:
        return cls(
            message_id=message.message_id,
            state=UnsentState.SET_ASIDE if message.set_aside_at else UnsentState.WAITS,
            topic=message.topic,
            type=message.type,
            subject=message.subject,
            written=message.created_at,
            why=message.last_error,
        )


class MessageDecided(BaseModel):
    message_id: uuid.UUID


@router.get("/organizations/{org}/outbox")
def list_outbox(
    caller: Annotated[Caller, Needs(Permission.OUTBOX_READ)],
    wanted: Paged,
    state: UnsentState | None = None,
) -> Listed[MessageShown]:
    """What is not in Kafka; the oldest first."""
    with caller.of_tenant() as session:
        page = pages.unsent(session, caller.tenant_id, wanted, state=state)
    return Listed(items=[MessageShown.of(each) for each in page.rows], next=page.next)


@router.post("/organizations/{org}/outbox/{message}/retry", status_code=202)
def retry_message(
    message: uuid.UUID, asked: Reason, caller: Annotated[Caller, Needs(Permission.OUTBOX_CORRECT)]
) -> MessageDecided:
    """Have a message sent after all that was set aside. Its id stays."""
    found = decisions.send_again(
        caller.context.database, str(message), why=asked.why, by=caller.actor, org_id=caller.tenant_id
    )
    return MessageDecided(message_id=found)


@router.post("/organizations/{org}/outbox/{message}/discard")
def discard_message(
    message: uuid.UUID, asked: Reason, caller: Annotated[Caller, Needs(Permission.OUTBOX_CORRECT)]
) -> MessageDecided:
    """Delete a message that was set aside: nobody will be told."""
    found = decisions.discard_unsent(
        caller.context.database, str(message), why=asked.why, by=caller.actor, org_id=caller.tenant_id
    )
    return MessageDecided(message_id=found)
