"""Deciding about many quarantined messages at once: those that a filter finds, and as many as were seen."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from enum import StrEnum

from officeflow.audit.entry import reason
from officeflow.clock import Clock
from officeflow.database.engine import Database
from officeflow.errors import InvalidInput, OfficeFlowError
from officeflow.errors.requests import ChangedMeanwhile
from officeflow.events import decisions, pages
from officeflow.events.pages import LetterFilter
from officeflow.settings import Settings

MOST = 500
"""Messages that one call decides about; the next call goes on."""


class BulkAction(StrEnum):
    REPLAY = "replay"
    DISCARD = "discard"


@dataclass(frozen=True, slots=True)
class Failed:
    dead_letter_id: uuid.UUID
    problem: str


@dataclass(frozen=True, slots=True)
class Done:
    """`left` are those that the filter found and nobody has decided about yet, with the `failed` ones."""

    done: int
    left: int
    failed: tuple[Failed, ...] = ()


def decide(
    database: Database,
    clock: Clock,
    settings: Settings,
    *,
    org_id: uuid.UUID,
    action: BulkAction,
    asked: LetterFilter,
    expect: int,
    why: str,
    by: str,
) -> Done:
    """Replay or discard the organization's messages that `asked` finds, the oldest first, at most `MOST`;
    each in a transaction of its own, audited like a single one. What still cannot be taken stays.

    `ChangedMeanwhile` where they are not as many as `expect`: then nothing was decided.
    """
    why = reason(why)
    with database.tenant(org_id) as session:
        count = pages.count_letters(session, org_id, asked)
        found = pages.letter_ids(session, org_id, asked, most=MOST)
    if count != expect:
        raise ChangedMeanwhile(f"there are {count} such messages now, not {expect}", etag=f'"{count}"')
    failed = []
    for each in found:
        try:
            if action is BulkAction.REPLAY:
                decisions.replay(database, clock, settings, str(each), why=why, by=by, org_id=org_id)
            else:
                decisions.discard(database, clock, str(each), why=why, by=by, org_id=org_id)
        except InvalidInput as error:
            failed.append(Failed(each, _told(error)))
    done = len(found) - len(failed)
    return Done(done, count - done, tuple(failed))


def _told(error: OfficeFlowError) -> str:
    return str(error)[:1000]
