"""The family `calendar`: events in a calendar."""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from officeflow.connectors.families.opened import Opened

OWN_UID = "officeflow-"
"""What the UIDs of events begin with that acts make; a key follows."""
MeetingForm = Literal["zoned", "floating", "all_day"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """`start` and `end` are aware and carry the zone that the meeting is held in.

    `form` is "floating" where a calendar gives times without a zone (each reader's own clock counts) and
    "all_day" where it gives days: they are told in UTC, and written without a zone as they were. `key` is
    that of the act that made it, where the calendar kept it.
    """

    uid: str
    title: str
    start: dt.datetime
    end: dt.datetime
    attendees: tuple[str, ...] = ()
    organizer: str | None = None
    location: str | None = None
    description: str | None = None
    cancelled: bool = False
    url: str | None = None
    form: MeetingForm = "zoned"
    key: str | None = None
    created_at: dt.datetime | None = None

    def shown(self, moment: dt.datetime) -> dt.datetime:
        """`start` or `end` as it is told: without a zone where it has none."""
        return moment if self.form == "zoned" else moment.replace(tzinfo=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingChange:
    """What is to be different about a meeting; None leaves it as it is.

    `start` and `end` come together, with `form`, as in `Meeting`.

    An empty `location` or `description` removes it.
    """

    title: str | None = None
    start: dt.datetime | None = None
    end: dt.datetime | None = None
    form: MeetingForm = "zoned"
    attendees: tuple[str, ...] | None = None
    location: str | None = None
    description: str | None = None


class KeepsEvents(Opened, Protocol):
    @abstractmethod
    def find_event(self, uid: str, *, calendar: str | None = None) -> Meeting | None: ...

    @abstractmethod
    def find_like(self, meeting: Meeting, *, calendar: str | None = None) -> Sequence[Meeting]:
        """Events that take place at the same time under the same title with the same people invited, whatever
        their UID.
        """
        ...

    @abstractmethod
    def create_event(self, meeting: Meeting, *, calendar: str | None = None, key: str) -> Meeting:
        """`Conflict` where the UID exists already."""
        ...

    @abstractmethod
    def update_event(
        self, uid: str, change: MeetingChange, *, calendar: str | None = None, key: str
    ) -> Meeting:
        """Change it as it stands now: `NotFound` where there is none, `Conflict` where it is cancelled or
        changes meanwhile.
        """
        ...

    @abstractmethod
    def cancel_event(self, uid: str, *, calendar: str | None = None, key: str) -> Meeting | None:
        """Mark it cancelled, or `NotFound`."""
        ...
