"""`flow.wait_until`."""

from __future__ import annotations

import calendar
import datetime as dt
import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, model_validator

from officeflow.errors import FlowStopped, InvalidParameters, NotYet, Problem
from officeflow.nodes.flow._offset import Offset, OffsetGiven
from officeflow.nodes.flow._working_days import WorkingDays, country_of
from officeflow.sdk import (
    Act,
    Effect,
    Node,
    NodeOutput,
    NodeParams,
    NodeSpec,
    Planned,
    as_list,
    first_moment,
    is_zone,
    no_change,
)

PERSON, ORGANIZATION = "person", "organization"
ZONE_FIELD = "time_zone"
"""Of a person's record, and of an organization's settings."""

CLOCK_TIME = r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$"
A_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)")


def _read(value: object) -> object:
    """A day, or a moment with or without its offset from UTC."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    try:
        return dt.date.fromisoformat(text) if A_DAY.fullmatch(text) else dt.datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(_why_no_day(text)) from None


def _why_no_day(text: str) -> str:
    found = A_DAY.match(text)
    if found is None:
        return "not a date: write it as 2026-12-01, or a moment as 2026-12-01T08:00:00+01:00"
    year, month, day = map(int, found.groups())
    if year and 1 <= month <= 12 and day > calendar.monthrange(year, month)[1]:
        last = calendar.monthrange(year, month)[1]
        return f"there is no {day} {calendar.month_name[month]} {year}: that month ends on the {last}th"
    return f"there is no such day or time: {text}"


def _zone(value: str) -> str:
    if value not in {PERSON, ORGANIZATION} and not is_zone(value):
        raise ValueError(
            f"there is no time zone {value!r}: write it as Europe/Madrid, or person or organization"
        )
    return value


def _country(value: str) -> str:
    country_of(value)
    return value


Day = Annotated[dt.datetime | dt.date | None, BeforeValidator(_read, json_schema_input_type=str | None)]


class Params(NodeParams):
    """Until when: `date`, moved by `offset`, at the time `at`, and then to a working day where it is to
    `skip` others.
    """

    date: Annotated[
        dt.datetime | dt.date | None, BeforeValidator(_read, json_schema_input_type=str | None)
    ] = Field(
        description=(
            "A day, or a moment in RFC 3339. Of a moment counts the day that it is in `zone`, and its"
            " time there where `at` says no other."
        ),
        examples=["${{ event.payload.start_date }}", "2026-12-01"],
    )
    offset: OffsetGiven = Field(
        default_factory=Offset,
        description=(
            "How far from it, as ISO 8601 writes a duration, with a sign in front where it is before; or in"
            " parts."
        ),
        examples=["P30D", "-P7D", {"business_days": -5}],
    )
    at: str | None = Field(
        None,
        description="Time of day; of a day that names none it is 00:00.",
        examples=["09:00"],
        pattern=CLOCK_TIME,
    )
    zone: Annotated[str, AfterValidator(_zone)] = Field(
        PERSON,
        description=(
            "Whose clocks: `person` (the person's `time_zone`, or else the organization's, or else UTC),"
            " `organization` (or else UTC), or a name of the IANA database."
        ),
        examples=["Europe/Madrid"],
    )
    skip: Annotated[
        list[Literal["weekends", "holidays"]],
        BeforeValidator(as_list, json_schema_input_type=str | list[str]),
    ] = Field(
        default_factory=list,
        description="Days that it is not to end on: `weekends`, `holidays` of a country, or both.",
        examples=[["weekends", "holidays"]],
        max_length=2,
    )
    roll: Literal["next", "previous"] = Field(
        "next", description="To which working day it moves from a day that is to be skipped."
    )
    country: Annotated[str, AfterValidator(_country)] | None = Field(
        None,
        description="Whose public holidays and weekends: ISO 3166, two letters.",
        examples=["DE"],
        pattern=r"^[A-Z]{2}$",
    )
    subdivision: str | None = Field(
        None,
        description="State, province or region with holidays of its own: ISO 3166-2 without the country.",
        examples=["BY"],
        max_length=50,
    )
    past: Literal["go_on", "fail"] = Field(
        "go_on", description="What to do where it was past already when the run came here."
    )

    @model_validator(mode="after")
    def _knows_the_holidays(self) -> Params:
        if "holidays" in self.skip and self.country is None:
            raise ValueError("skip: holidays need a country")
        if self.subdivision is not None and self.country is None:
            raise ValueError("subdivision: it is one of a country, which is not given")
        if self.country is not None:
            try:
                country_of(self.country, self.subdivision)
            except ValueError as error:
                raise ValueError(f"subdivision: {error}") from error
        if self.date is None:
            raise ValueError("date has no value: what it comes from is not there, or not any more")
        return self

    @functools.cached_property
    def _holidays(self) -> Any:
        return None if self.country is None else country_of(self.country, self.subdivision)

    @property
    def business(self) -> WorkingDays:
        """What counts as a business day in the offset."""
        return WorkingDays(weekends=True, holidays=True, country=self._holidays)

    @property
    def skipped(self) -> WorkingDays:
        return WorkingDays("weekends" in self.skip, "holidays" in self.skip, self._holidays)


class Result(NodeOutput):
    """Until when it was, and why."""

    changed: bool = Field(False, description="Always False: waiting changes nothing.")
    until: AwareDatetime = Field(description="When the run was allowed to go on, in UTC.")
    local: str = Field(description="The same as clocks in `zone` show it, such as 2026-12-01T09:00:00.")
    zone: str = Field(description="The time zone that counted.")
    moved_from: dt.date | None = Field(
        description="The day that was skipped, where it was moved to a working day."
    )
    moved_because: str = Field(description="Why: `a weekend`, or the holiday's name.")
    past: bool = Field(description="Whether it was past already when the run came here.")
    waited: bool = Field(description="Whether there was anything to wait for.")
    waited_seconds: float = Field(description="How long it waited, in seconds.")


@dataclass(frozen=True, slots=True)
class Due:
    """The moment in UTC, and the zone by whose clocks it is."""

    moment: dt.datetime
    zone: str
    moved_from: dt.date | None = None
    moved_because: str = ""

    @property
    def local(self) -> dt.datetime:
        """What clocks there show then, naive."""
        return self.moment.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)

    @property
    def shown(self) -> str:
        return f"{self.local.isoformat(sep=' ', timespec='minutes')} in {self.zone}"

    @property
    def moved(self) -> str:
        """In words from where to where; "" where it is as it was given."""
        if self.moved_from is None:
            return ""
        return f"{self.moved_from} is {self.moved_because}: moved to {self.local.date()}"


def due(params: Params, zone: str) -> Due:
    """When it is, by clocks in `zone`. `InvalidParameters` outside of the years 1 to 9999."""
    try:
        moment = _moment(params, zone)
        local = moment.astimezone(ZoneInfo(zone))
        why = params.skipped.why_not(local.date())
        if not why:
            return Due(moment, zone)
        day = params.skipped.nearest(local.date(), backwards=params.roll == "previous")
        return Due(first_moment(dt.datetime.combine(day, local.time()), zone), zone, local.date(), why)
    except (OverflowError, ValueError) as error:
        problem = Problem("params.offset", "it leads outside of the years 1 to 9999, or to no working day")
        raise InvalidParameters("there is no such date", problems=[problem]) from error


def _moment(params: Params, zone: str) -> dt.datetime:
    """Before it is moved to a working day: by days along the calendar, then by hours as they pass."""
    given, offset = params.date, params.offset
    if isinstance(given, dt.datetime) and given.tzinfo and params.at is None and not offset.has_days:
        return given.astimezone(dt.UTC) + offset.span
    begin = _local(given, zone)
    day = offset.day_from(begin.date(), params.business.is_working)
    at = begin.time() if params.at is None else dt.time.fromisoformat(params.at)
    return first_moment(dt.datetime.combine(day, at), zone) + offset.span


def _local(given: dt.date | None, zone: str) -> dt.datetime:
    """The date as clocks in the zone show it; of a day its beginning."""
    if isinstance(given, dt.datetime):
        return given.astimezone(ZoneInfo(zone)).replace(tzinfo=None) if given.tzinfo else given
    return dt.datetime.combine(given or dt.date.min, dt.time())


class WaitUntil(Node[Params, None, Result]):
    """Wait for a date: one of the person's, of an earlier node's output, or one that is written out.

    No process waits meanwhile. Where the date or its zone comes from the person (`event.payload.end_date`,
    `employee.…`), the wait follows the record: a later event that moves the date moves the end of the wait at
    once, also into the past, and one that takes it away fails the node.

    In the night in which clocks are put forward, a time that they do not show is the first moment after it;
    where they are put back, a time that they show twice is the first of the two. A year or a month after a
    day that is not there then ends on the month's last day: a year after 29 February is 28 February.
    """

    spec = NodeSpec(
        type="flow.wait_until",
        title="Wait until a date",
        group="Flow",
        effect=Effect.PURE,
        evidence="The date is computed anew at each look; the ledger keeps the one by which it went on.",
    )

    follows_person = True

    @classmethod
    def reads(cls, params: Mapping[str, Any]) -> frozenset[str]:
        zone = params.get("zone", PERSON)
        written = isinstance(zone, str) and (zone == ORGANIZATION or is_zone(zone))
        return frozenset() if written else frozenset({"employee"})

    def perform(self, params: Params, provider: None, act: Act) -> Result:
        del provider
        until = _look(params, act)
        if act.now < until.moment:
            raise NotYet(f"for {until.shown}", until=until.moment)
        past = until.moment < act.began_at
        if until.moved:
            act.note(until.moved)
        act.note(f"{until.shown} {'was past already' if past else 'has come'}: goes on")
        return Result(
            until=until.moment,
            local=until.local.isoformat(timespec="seconds"),
            zone=until.zone,
            moved_from=until.moved_from,
            moved_because=until.moved_because,
            past=past,
            waited=not past,
            waited_seconds=0.0 if past else (act.now - act.began_at).total_seconds(),
        )

    def plan(self, params: Params, provider: None, act: Act) -> Sequence[Planned]:
        """Until when it waits, by whose clocks."""
        del provider
        until = _look(params, act)
        return (no_change(f"waits until {until.shown}", until.moved),)


def _look(params: Params, act: Act) -> Due:
    """When it is; `FlowStopped` where it was past before the run came here, and must not be."""
    until = due(params, _zone_of(params, act))
    if until.moment < act.began_at and params.past == "fail":
        raise FlowStopped(
            f"{until.shown} was past already when the run came here",
            hint="correct the date and clear the task, or let the node go on: past: go_on",
        )
    return until


def _zone_of(params: Params, act: Act) -> str:
    """`InvalidParameters` where the record or the settings name a zone that there is not."""
    if params.zone not in {PERSON, ORGANIZATION}:
        return params.zone
    organization: Mapping[str, Any] = act.values.get("org") or {}
    person: Mapping[str, Any] = act.values.get("employee") or {}
    named = [("org.settings", (organization.get("settings") or {}).get(ZONE_FIELD))]
    if params.zone == PERSON:
        named.insert(0, ("employee", person.get(ZONE_FIELD)))
    for owner, name in named:
        if not name:
            continue
        if not isinstance(name, str) or not is_zone(name):
            problem = Problem(
                f"{owner}.{ZONE_FIELD}",
                "the time zone that is written there does not exist",
                "correct it there, or name one in the node's zone",
            )
            raise InvalidParameters("it is not known by whose clocks to wait", problems=[problem])
        return name
    return "UTC"
