"""What somebody gives who starts a run by hand, as one event, read and checked by the listener's own code.

Taken are the fields of Airflow's form (`FORM`), a CloudEvent, a bare event, and a whole conf as the
dispatcher makes it. Airflow's form sends its own fields along with whatever is written into its JSON: those
that are empty, or say the same, are passed over.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from officeflow.errors import InvalidEvent, InvalidInput, Problem
from officeflow.events.envelope import LifecycleEvent, decode
from officeflow.events.message import Message
from officeflow.events.payloads import PayloadRules, is_sensitive
from officeflow.events.times import NoMoment, moment_of
from officeflow.events.topics import KINDS, lifecycle_topic
from officeflow.program import typed

FORM = ("kind", "employee", "payload", "time", "correlation_id")
TEXTS = ("kind", "employee", "time", "correlation_id")
SOURCE = "airflow"
"""`source` of the event of a run that was started with the form's fields."""

OF_EVENT = ("id", "source", "kind", "org", "employee", "time")
"""The fields of a conf's event that say which one it is; each is a text."""

OF_AIRFLOW = "airflow/"
"""Begins the names in a conf that Airflow itself reads."""

_IN_THE_FORM = {"type": "kind", "subject": "employee", "correlationid": "correlation_id"}
_IN_THE_CONF = {
    "id": "event.id",
    "source": "event.source",
    "type": "event.kind",
    "subject": "event.employee",
    "time": "event.time",
    "organizationid": "event.org",
    "payload": "event.payload",
    "correlationid": "correlation_id",
}
"""What the attributes of a CloudEvent are called in a form, and in a conf."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The run that is asked for: of which organization, on which kinds its workflow starts, its UUID, and
    when.
    """

    org: str
    org_id: uuid.UUID
    kinds: Sequence[str]
    rules: PayloadRules
    run_id: uuid.UUID
    now: dt.datetime
    own_source: str


@dataclass(frozen=True, slots=True)
class _Body:
    """A CloudEvent or a bare event; `names` are what its fields are called where it was given."""

    body: Mapping[str, Any]
    names: Mapping[str, str]


def event_of(conf: Mapping[str, Any], asked: Asked) -> LifecycleEvent:
    """The event, without sensitive fields.

    `InvalidInput` names every field that is wrong, as it is called in `conf`.

    That its person exists, and that its time is not too far ahead, is not looked at.
    """
    given = {name: value for name, value in conf.items() if not name.startswith(OF_AIRFLOW)}
    read = _body(given, asked)
    kind = read.body.get("type")
    topic = lifecycle_topic(kind if kind in KINDS else asked.kinds[0], asked.org)
    message = Message(
        topic=topic, partition=-1, offset=-1, value=json.dumps(read.body).encode(), timestamp=asked.now
    )
    try:
        event = decode(message, own_source=asked.own_source, rules=asked.rules)
    except InvalidEvent as error:
        problems = [Problem(_named(p.path, read.names), p.reason, p.suggestion) for p in error.problems]
        raise InvalidEvent(error.message, reason_code=error.reason_code, problems=problems) from error
    if problems := [*_elsewhere(event, asked, read.names), *_private(event, read.names)]:
        raise InvalidInput("it cannot be started with this", problems=problems)
    return event


def conf_of(event: LifecycleEvent, org: str) -> dict[str, Any]:
    """What a run is started with, as the dispatcher makes it of the same event."""
    about = {
        "id": event.id,
        "source": event.source,
        "kind": event.kind,
        "org": org,
        "employee": event.employee,
        "time": event.time.isoformat(),
        "payload": dict(event.payload),
    }
    return {"event": about, "correlation_id": event.correlation_id}


def is_whole(conf: Any, org: str) -> bool:
    """Whether `conf` has all that the dispatcher gives a run of this organization."""
    event = conf.get("event") if isinstance(conf, Mapping) else None
    return (
        isinstance(event, Mapping)
        and all(isinstance(event.get(name), str) and event[name] for name in OF_EVENT)
        and event["org"] == org
        and isinstance(event.get("payload"), Mapping)
        and isinstance(conf.get("correlation_id"), str)
    )


def is_form(conf: Mapping[str, Any]) -> bool:
    """Whether the fields of the form say whom the run is about."""
    return not conf.keys() & {"event", "specversion", "type"}


def _body(given: Mapping[str, Any], asked: Asked) -> _Body:
    if "event" in given:
        return _of_conf(given, asked)
    if is_form(given):
        return _of_form(given, asked)
    its_own = {"time"} if "specversion" in given else {"payload"}
    body = {
        name: value
        for name, value in given.items()
        if name not in FORM or (name in its_own and _is_given(value))
    }
    _refuse_both(given, given.get("type"), {"kind", *its_own})
    return _Body(body, {})


def _of_conf(given: Mapping[str, Any], asked: Asked) -> _Body:
    event = given["event"]
    if not isinstance(event, Mapping):
        raise InvalidInput("it cannot be started with this", problems=[Problem("event", "is no object")])
    _refuse_both(given, event.get("kind"), {"kind", "correlation_id"})
    attributes = {
        "id": event.get("id"),
        "source": event.get("source"),
        "type": event.get("kind"),
        "subject": event.get("employee"),
        "time": event.get("time"),
        "organizationid": event.get("org"),
        "correlationid": given.get("correlation_id") or str(asked.run_id),
        "data": {
            "organizationId": event.get("org"),
            "employeeId": event.get("employee"),
            "payload": event.get("payload"),
        },
    }
    missing = [name for name in (*OF_EVENT, "payload") if event.get(name) is None]
    if missing:
        raise InvalidInput(
            "it cannot be started with this",
            problems=[Problem(f"event.{name}", "is missing") for name in missing],
        )
    return _Body({"specversion": "1.0", **attributes}, _IN_THE_CONF)


def _of_form(given: Mapping[str, Any], asked: Asked) -> _Body:
    if problems := [*_unknown(given), *_wrong(given, asked)]:
        raise InvalidInput("it cannot be started with this", problems=problems)
    told = {name: value for name, value in given.items() if _is_given(value)}
    body = {
        "specversion": "1.0",
        "id": str(asked.run_id),
        "source": SOURCE,
        "type": told.get("kind", asked.kinds[0]),
        "subject": told["employee"],
        "time": told.get("time", asked.now.isoformat()),
        "correlationid": told.get("correlation_id", str(asked.run_id)),
        "data": {
            "organizationId": asked.org,
            "employeeId": told["employee"],
            "payload": told.get("payload", {}),
        },
    }
    return _Body(body, _IN_THE_FORM)


def _unknown(given: Mapping[str, Any]) -> list[Problem]:
    fields = ", ".join(FORM)
    return [
        Problem(name, "is no field of a run", f"the fields are {fields}, or a whole CloudEvent")
        for name in given
        if name not in FORM
    ]


def _wrong(given: Mapping[str, Any], asked: Asked) -> list[Problem]:
    problems = [
        Problem(name, "is no text") for name in TEXTS if not isinstance(given.get(name, ""), str | None)
    ]
    if not isinstance(given.get("payload", {}), Mapping | None):
        problems.append(Problem("payload", "is no object", 'such as {"start_date": "2026-02-02"}'))
    if problems:
        return problems
    if not _is_given(given.get("kind")) and len(asked.kinds) > 1:
        problems.append(Problem("kind", f"is missing: choose {' or '.join(asked.kinds)}"))
    if not _is_given(given.get("employee")):
        problems.append(
            Problem(
                "employee", "is missing: say whom the run is about, by the HR system's id or the work address"
            )
        )
    time = given.get("time")
    if _is_given(time):
        try:
            moment_of(str(time))
        except NoMoment as error:
            problems.append(Problem("time", str(error)))
    return problems


def _refuse_both(given: Mapping[str, Any], kind: Any, allowed: set[str]) -> None:
    """Fields of the form that say something beside a whole event."""
    both = [name for name in FORM if name not in allowed and _is_given(given.get(name))]
    if _is_given(given.get("kind")) and given["kind"] != kind:
        both.append("kind")
    if both:
        problems = [
            Problem(name, "is given beside a whole event that says it too", "give one of them")
            for name in both
        ]
        raise InvalidInput("it cannot be started with this", problems=problems)


def _elsewhere(event: LifecycleEvent, asked: Asked, names: Mapping[str, str]) -> list[Problem]:
    """What belongs to another organization or another workflow."""
    problems = []
    if event.organization.lower() not in {asked.org, str(asked.org_id)}:
        problems.append(
            Problem(_named("organizationid", names), f"the workflow is one of {asked.org}, the event is not")
        )
    if event.kind not in asked.kinds:
        problems.append(
            Problem(
                _named("type", names),
                f"the workflow starts on {' or '.join(asked.kinds)}, not on {event.kind}",
            )
        )
    return problems


def _private(event: LifecycleEvent, names: Mapping[str, str]) -> list[Problem]:
    """Whoever may see a run in Airflow sees its conf, so a field that is private must not be in it."""
    where, problems = _named("payload", names), []
    for name in event.sensitive:
        reason = (
            "is private"
            if is_sensitive(name)
            else "is in no schema and not shown by the organization, so it is private"
        )
        problems.append(
            Problem(
                f"{where}.{name}",
                f"{reason}: Airflow would show it",
                f"leave it out, or send the event with `{typed('event send')}`",
            )
        )
    return problems


def _is_given(value: Any) -> bool:
    return value is not None and value not in ("", {})


def _named(path: str, names: Mapping[str, str]) -> str:
    head, dot, rest = path.partition(".")
    return names.get(head, head) + dot + rest
