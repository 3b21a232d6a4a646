"""What Airflow keeps as a run's `conf`, before it is kept as ours: whoever may start a run by hand may write
anything there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from officeflow.errors import Problem
from officeflow.events.given import OF_EVENT
from officeflow.events.schemas import payload_problems
from officeflow.runs.acts import storable

MAX_CORRELATION = 255
MAX_FIELD = 255
MAX_KIND = 100


def event_of(conf: Mapping[str, Any]) -> Mapping[str, Any]:
    """The event in it; empty where there is none."""
    event = conf.get("event")
    return event if isinstance(event, Mapping) else {}


def problems(conf: Mapping[str, Any], *, payload: bool) -> list[Problem]:
    """What of it cannot be the conf of a run; with `payload` also what is wrong with the event's payload."""
    found: list[Problem] = []
    if not _is_text(conf.get("correlation_id"), MAX_CORRELATION):
        found.append(Problem("conf.correlation_id", f"it is no text of at most {MAX_CORRELATION} characters"))
    event = event_of(conf)
    odd = [name for name in OF_EVENT if not _is_text(event.get(name), _most(name))]
    found += [
        Problem(f"conf.event.{name}", f"it is no text of at most {_most(name)} characters") for name in odd
    ]
    return [*found, *(payload_problems(event.get("payload", {})) if payload else ())]


def usable(conf: Mapping[str, Any], org: str) -> dict[str, Any]:
    """What may be kept of one that is not as it should be, for the organization with the slug `org`.

    No payload, which may be anything; and no event where that is another organization's.
    """
    correlation, event = conf.get("correlation_id"), event_of(conf)
    kept: dict[str, Any] = (
        {"correlation_id": correlation} if correlation and _is_text(correlation, MAX_CORRELATION) else {}
    )
    if event and (event.get("org") is None or event["org"] == org):
        told = {
            name: event[name]
            for name in OF_EVENT
            if event.get(name) is not None and _is_text(event[name], _most(name))
        }
        kept["event"] = {**told, "payload": {}}
    return dict(storable(kept))


def _most(name: str) -> int:
    return MAX_KIND if name == "kind" else MAX_FIELD


def _is_text(value: Any, most: int) -> bool:
    return value is None or (isinstance(value, str) and len(value) <= most and storable(value) == value)
