"""The form that Airflow shows to whoever starts a run of a generated DAG by hand: its params.

Airflow checks the params' schemas at every new run, the dispatcher's too, and what it says of a wrong value
is the whole schema with all its texts: so they say what the form needs, and take any value (`TAKES_ALL`).
What was given is checked by `officeflow.runs.starting`, before the run exists.

The person is a text and no list to pick from: params are in the serialized DAG, for all who may see it, and
every new employee would make a new version of every DAG (ADR 23).
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from airflow.sdk import Param

from officeflow.events.lifecycle import PAYLOADS
from officeflow.events.schemas import EXAMPLES, payload_schema
from officeflow.marks import SENSITIVE_MARK

CHOOSE = "choose one"
MORE = "More"
"""Heading of the fields that are seldom needed."""

PERSON = (
    "The HR system's id of the person, such as `E1042`, or the work address. The person must be known: an"
    " event makes somebody known."
)
TIME = "When it happened. Empty: now."
CORRELATION = "What to follow the run by, in logs and in other systems. Empty: the run's own id."
WHOLE = (
    "Instead of these fields, a whole CloudEvent may be written into the configuration below: it is read as"
    " if it had come from the HR system. The workflow's filter is not asked."
)

TAKES_ALL: Mapping[str, Any] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "$ref": "#/definitions/anything",
    "definitions": {"anything": {}},
}
"""Draft 7 of JSON Schema (section 8.3) passes over what stands beside a `$ref`: `type` and `enum` are for the
form alone.
"""


def run_params(kinds: Sequence[str]) -> dict[str, Param]:
    """The form's fields, under the names that `officeflow.events.given` reads.

    `kinds` are the event kinds that the workflow starts on.
    """
    return {
        "kind": _kind(kinds),
        "employee": _field("", type="string", title="Person", description_md=PERSON),
        "payload": _field(
            {}, type="object", title="What the event says", description_md=_payload_text(tuple(kinds))
        ),
        "time": _field(
            None,
            type=["string", "null"],
            format="date-time",
            title="Time of the event",
            description_md=TIME,
            section=MORE,
        ),
        "correlation_id": _field(
            None, type=["string", "null"], title="Correlation id", description_md=CORRELATION, section=MORE
        ),
    }


def _field(value: Any, **shown: Any) -> Param:
    return Param(value, **TAKES_ALL, **shown)


def _kind(kinds: Sequence[str]) -> Param:
    """Preselected where there is one; otherwise the form insists on a choice."""
    labels = {
        kind: f"{kind}: {(PAYLOADS[kind].__doc__ or '').strip().partition(chr(10))[0]}" for kind in kinds
    }
    shown: dict[str, Any] = {"type": "string", "title": "Kind of event", "description_md": WHOLE}
    if len(kinds) == 1:
        return _field(kinds[0], enum=list(kinds), values_display=labels, **shown)
    return _field("", enum=["", *kinds], values_display={"": CHOOSE, **labels}, **shown)


@functools.cache
def _payload_text(kinds: tuple[str, ...]) -> str:
    """An example of each kind, and the fields that may be there."""
    examples = [
        f"For example, {kind}:\n\n```json\n{json.dumps(EXAMPLES[kind], ensure_ascii=False, indent=1)}\n```"
        for kind in kinds
    ]
    fields: dict[str, Mapping[str, Any]] = {}
    for kind in kinds:
        fields |= {
            name: field
            for name, field in payload_schema(kind)["properties"].items()
            if SENSITIVE_MARK not in field
        }
    told = "No field is needed. Private fields are refused: Airflow would show them."
    return "\n\n".join([*examples, told, "\n".join(_table(fields))])


def _table(fields: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    yield from ("| field | type | what it is |", "|---|---|---|")
    for name, field in fields.items():
        text = field["description"].replace("|", "\\|")
        yield f"| {name} | {_type(field)} | {text} |"


def _type(field: Mapping[str, Any]) -> str:
    """In a word; every field may be null as well."""
    shapes = [shape for shape in field.get("anyOf", [field]) if shape.get("type") != "null"]
    words = {
        shape.get("format") or {"boolean": "true or false", "array": "list"}.get(shape["type"], shape["type"])
        for shape in shapes
    }
    return " or ".join(sorted(words))
