"""Deliveries that their source's mapping made no event of: kept in quarantine, and mapped anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from officeflow.database.tables import DeadLetter, Organization, WebhookSource
from officeflow.errors import InvalidEvent, InvalidExpression, InvalidInput, Problem
from officeflow.events.message import Headers, Message
from officeflow.events.quarantine import WEBHOOK_PREFIX
from officeflow.events.webhooks import definition, formats
from officeflow.events.webhooks.identity import digest
from officeflow.events.webhooks.mapping import Delivery, EventMapping, Failure
from officeflow.events.webhooks.messages import to_message
from officeflow.statuses import RefusalReason

ITEMS = "officeflow-items"
"""The header that says which items of a delivery are kept: the others have become events."""

WITHOUT_PLACE = 0
"""The partition of all deliveries."""

MOST_TOLD = 20
WHOLE = -1
"""The place of a failure that is of no item."""


def name(org: str, source: str) -> str:
    """What stands in the place of a topic."""
    return f"{WEBHOOK_PREFIX}{org}.{source}"


def letter(
    *, org: str, source: str, headers: Mapping[str, str], raw: bytes, items: Sequence[int] | None
) -> Message:
    """A delivery as it is kept, with all its bytes: its second delivery is the same one. `items` are the
    places of those that failed; None for all.
    """
    noted = {**headers, **({} if items is None else {ITEMS: ",".join(map(str, items))})}
    kept: Headers = tuple((each, value.encode()) for each, value in noted.items())
    offset = int(digest(raw)[:15], 16)
    return Message(topic=name(org, source), partition=WITHOUT_PLACE, offset=offset, value=raw, headers=kept)


def refusal(failures: Sequence[Failure]) -> InvalidEvent:
    """Why items of a delivery are no events."""
    problems = [
        Problem(_place(each, problem), problem.reason, problem.suggestion)
        for each in failures
        for problem in each.problems
    ]
    return InvalidEvent(
        "the mapping makes no event of it", reason_code=RefusalReason.UNMAPPED, problems=problems[:MOST_TOLD]
    )


def _place(failure: Failure, problem: Problem) -> str:
    return problem.path if failure.index == WHOLE else f"item {failure.index}: {problem.path}"


def whole(error: InvalidExpression) -> Failure:
    """Of a delivery whose items cannot even be told apart."""
    return Failure(WHOLE, (Problem("each", error.message, error.hint),))


def is_whole(failures: Sequence[Failure]) -> bool:
    return any(failure.index == WHOLE for failure in failures)


def is_delivery(kept: DeadLetter) -> bool:
    return kept.topic.startswith(WEBHOOK_PREFIX)


def messages(session: Session, kept: DeadLetter, *, body: bytes | None = None) -> list[Message]:
    """The events of a delivery (or of `body`, a corrected one) by the mapping that its source has now; one at
    least.

    `InvalidEvent` where it makes none of all of it; `InvalidInput` where the source is gone.
    """
    found = session.execute(
        select(WebhookSource, Organization.slug)
        .join(Organization, Organization.org_id == WebhookSource.org_id)
        .where(WebhookSource.org_id == kept.org_id, WebhookSource.slug == kept.topic.rpartition(".")[2])
    ).one_or_none()
    if found is None:
        raise InvalidInput(f"the source of {kept.topic} is gone", hint="make one of the same name")
    source, org = found
    settled = definition.parse(source.definition)
    headers = {str(each): str(value or "") for each, value in kept.headers}
    items = headers.pop(ITEMS, None) if body is None else None
    raw = (kept.body or b"") if body is None else body
    delivery = Delivery(formats.read(settled, headers, raw), headers, digest(raw))
    only = [int(item) for item in items.split(",")] if items else None
    outcome = EventMapping(settled).apply(delivery, only=only)
    if outcome.failures:
        raise refusal(outcome.failures)
    if not outcome.events:
        raise InvalidInput(
            "by its source's rules it is nothing that concerns us", hint="discard it, with that reason"
        )
    made = [to_message(event, org=org, org_id=source.org_id, source=source.slug) for event in outcome.events]
    return [replace(message, timestamp=kept.created_at) for message in made]
