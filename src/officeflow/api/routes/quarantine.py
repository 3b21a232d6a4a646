"""Messages that could not be taken: of an organization, and dead letters of none that is known."""

from __future__ import annotations

import base64
import datetime as dt
import json
import uuid
from typing import Annotated, Self

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, BeforeValidator, Field, JsonValue

from officeflow.api.needs import Caller, Needs
from officeflow.api.paging import Listed, Paged
from officeflow.api.routes.workflows import MAX_WHY, Reason
from officeflow.api.routing import Route
from officeflow.api.shapes import Body, JsonObject, Whole
from officeflow.database.tables import DeadLetter
from officeflow.events import bulk, decisions, lookup, pages, shown
from officeflow.events.bulk import BulkAction
from officeflow.events.pages import LetterFilter
from officeflow.rights.permissions import Permission
from officeflow.statuses import QuarantineStatus, RefusalReason


def _text_only(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("a time is written as text, with its zone")  # noqa: TRY004 - pydantic tells of no other
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_text_only)]
"""Not a number, which would be read as seconds."""

router = APIRouter(tags=["quarantine"], route_class=Route)


class LetterShown(BaseModel):
    dead_letter_id: uuid.UUID
    arrived: dt.datetime
    topic: str
    partition: int
    offset: int
    reason: RefusalReason
    detail: str
    status: QuarantineStatus

    @classmethod
    def of(cls, letter: DeadLetter) -> Self:
        return cls.model_validate({**shown.letter_to_json(letter), "dead_letter_id": letter.dead_letter_id})


class LetterResolution(BaseModel):
    by: str
    why: str
    at: dt.datetime


class MessageHeader(BaseModel):
    """One of Kafka's; the same name may come several times."""

    name: str
    value: str | None


class WholeLetter(LetterShown):
    means: str = Field(description="What the reason means.")
    headers: list[MessageHeader]
    bytes: int
    resolution: LetterResolution | None

    @classmethod
    def of(cls, letter: DeadLetter) -> Self:
        told = shown.whole_to_json(letter)
        headers = [{"name": name, "value": value} for name, value in told["headers"]]
        return cls.model_validate({**told, "headers": headers, "dead_letter_id": letter.dead_letter_id})


class LetterBody(BaseModel):
    """As it came. It may be private: reading it is audited."""

    text: str | None = Field(description="null where it is no UTF-8.")
    base64: str


class ToReplay(Reason):
    event: JsonObject | None = Field(
        None, description="The corrected event, whole: a CloudEvent or the bare event. Left out: as it came."
    )


class ReplayedShown(BaseModel):
    dead_letter_id: uuid.UUID
    event_id: str


class DiscardedShown(BaseModel):
    dead_letter_id: uuid.UUID


class Matching(Body):
    """Which of the open messages; what is left out may be anything."""

    reason: RefusalReason | None = None
    topic: str | None = Field(None, max_length=249)
    until: Moment | None = Field(None, description="Arrived before.")

    def as_filter(self) -> LetterFilter:
        return LetterFilter(reason=self.reason, topic=self.topic, until=self.until)


class Counted(BaseModel):
    count: int


class ToDecideInBulk(Body):
    action: BulkAction
    matching: Matching
    expect: Whole = Field(ge=0, description="How many they are, as `count` told: otherwise nothing is done.")
    why: str = Field(max_length=MAX_WHY, description="For the audit log.")


class FailedShown(BaseModel):
    dead_letter_id: uuid.UUID
    problem: str


class DoneInBulk(BaseModel):
    done: int
    left: int = Field(description="Still open, of those that match; a call sees to 500 at most.")
    failed: list[FailedShown]


@router.get("/organizations/{org}/quarantine")
def list_quarantine(
    caller: Annotated[Caller, Needs(Permission.EVENT_READ)],
    wanted: Paged,
    *,
    status: QuarantineStatus | None = None,
    reason: RefusalReason | None = None,
    topic: Annotated[str | None, Query(max_length=249)] = None,
    until: Annotated[AwareDatetime | None, Query(description="Arrived before.")] = None,
) -> Listed[LetterShown]:
    """Messages that could not be taken; the newest first."""
    asked = LetterFilter(status=status, reason=reason, topic=topic, until=until)
    with caller.of_tenant() as session:
        page = pages.letters(session, caller.tenant_id, wanted, asked)
    return Listed(items=[LetterShown.of(each) for each in page.rows], next=page.next)


@router.post("/organizations/{org}/quarantine/count")
def count_quarantine(matching: Matching, caller: Annotated[Caller, Needs(Permission.EVENT_READ)]) -> Counted:
    """How many open messages a decision in bulk would be about."""
    with caller.of_tenant() as session:
        return Counted(count=pages.count_letters(session, caller.tenant_id, matching.as_filter()))


@router.post("/organizations/{org}/quarantine/bulk")
def decide_in_bulk(
    asked: ToDecideInBulk, caller: Annotated[Caller, Needs(Permission.EVENT_CORRECT)]
) -> DoneInBulk:
    """Replay or discard all open messages that match, the oldest first. 412 where they are not as many as
    expected.
    """
    context = caller.context
    done = bulk.decide(
        context.database,
        context.clock,
        context.settings,
        org_id=caller.tenant_id,
        action=asked.action,
        asked=asked.matching.as_filter(),
        expect=asked.expect,
        why=asked.why,
        by=caller.actor,
    )
    return DoneInBulk.model_validate(done, from_attributes=True)


@router.get("/organizations/{org}/quarantine/{letter}")
def get_letter(letter: uuid.UUID, caller: Annotated[Caller, Needs(Permission.EVENT_READ)]) -> WholeLetter:
    """One message: why it could not be taken, and what became of it."""
    with caller.of_tenant() as session:
        return WholeLetter.of(lookup.letter(session, caller.tenant_id, str(letter)))


@router.get("/organizations/{org}/quarantine/{letter}/body")
def get_letter_body(
    letter: uuid.UUID, caller: Annotated[Caller, Needs(Permission.EVENT_CORRECT)]
) -> LetterBody:
    """The message as it came, to be corrected. It may be private: who looks is audited."""
    body = decisions.read_body(caller.context.database, caller.tenant_id, str(letter), by=caller.actor)
    return LetterBody(text=_text(body), base64=base64.b64encode(body).decode())


@router.post("/organizations/{org}/quarantine/{letter}/replay")
def replay_letter(
    letter: uuid.UUID, asked: ToReplay, caller: Annotated[Caller, Needs(Permission.EVENT_CORRECT)]
) -> ReplayedShown:
    """Take it after all, as it came or corrected. 422 with the reason where it still cannot be taken."""
    context = caller.context
    with caller.of_tenant() as session:
        lookup.letter(session, caller.tenant_id, str(letter))
    done = decisions.replay(
        context.database,
        context.clock,
        context.settings,
        str(letter),
        corrected=_encoded(asked.event),
        why=asked.why,
        by=caller.actor,
        org_id=caller.tenant_id,
    )
    return ReplayedShown.model_validate(done, from_attributes=True)


@router.post("/organizations/{org}/quarantine/{letter}/discard")
def discard_letter(
    letter: uuid.UUID, asked: Reason, caller: Annotated[Caller, Needs(Permission.EVENT_CORRECT)]
) -> DiscardedShown:
    """Close it without taking it. It is kept."""
    context = caller.context
    with caller.of_tenant() as session:
        lookup.letter(session, caller.tenant_id, str(letter))
    done = decisions.discard(
        context.database,
        context.clock,
        str(letter),
        why=asked.why,
        by=caller.actor,
        org_id=caller.tenant_id,
    )
    return DiscardedShown(dead_letter_id=done)


@router.get("/dead-letters")
def list_dead_letters(
    caller: Annotated[Caller, Needs(Permission.PLATFORM_READ)],
    wanted: Paged,
    status: QuarantineStatus | None = None,
    reason: RefusalReason | None = None,
) -> Listed[LetterShown]:
    """Messages of no organization that exists; the newest first."""
    with caller.context.database.service() as session:
        page = pages.letters(session, None, wanted, LetterFilter(status=status, reason=reason))
    return Listed(items=[LetterShown.of(each) for each in page.rows], next=page.next)


@router.get("/dead-letters/{letter}")
def get_dead_letter(
    letter: uuid.UUID, caller: Annotated[Caller, Needs(Permission.PLATFORM_READ)]
) -> WholeLetter:
    """One of them, without its body."""
    with caller.context.database.service() as session:
        return WholeLetter.of(lookup.letter(session, None, str(letter)))


@router.post("/dead-letters/{letter}/discard")
def discard_dead_letter(
    letter: uuid.UUID, asked: Reason, caller: Annotated[Caller, Needs(Permission.PLATFORM_MANAGE)]
) -> DiscardedShown:
    """Close it without taking it. Its own row says who did: there is no organization's audit log for it."""
    context = caller.context
    with context.database.service() as session:
        lookup.letter(session, None, str(letter))
    done = decisions.discard(context.database, context.clock, str(letter), why=asked.why, by=caller.actor)
    return DiscardedShown(dead_letter_id=done)


def _text(body: bytes) -> str | None:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None


def _encoded(event: dict[str, JsonValue] | None) -> bytes | None:
    return None if event is None else json.dumps(event).encode()
