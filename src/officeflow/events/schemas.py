"""JSON Schemas (draft 2020-12) of the lifecycle events and of the configuration that a workflow run gets."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from officeflow.errors import Problem
from officeflow.events.envelope import BareEvent, CloudEvent
from officeflow.events.lifecycle import PAYLOADS
from officeflow.events.topics import (
    EMPLOYEE_EXIT,
    EMPLOYEE_ONBOARD,
    EMPLOYEE_TRANSFER,
    EMPLOYEE_UPDATE,
    KINDS,
)
from officeflow.marks import SENSITIVE_MARK

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from pydantic import BaseModel

DRAFT = "https://json-schema.org/draft/2020-12/schema"
CONTROLS = r"[\x00-\x1f\x7f-\x9f]"

EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    EMPLOYEE_ONBOARD: {
        "given_name": "Ana",
        "family_name": "García",
        "department": "Engineering",
        "start_date": "2026-02-02",
    },
    EMPLOYEE_EXIT: {"end_date": "2026-06-30", "time_zone": "Europe/Madrid", "immediate": False},
    EMPLOYEE_TRANSFER: {
        "department": "Sales",
        "previous_department": "Engineering",
        "effective_date": "2026-04-01",
    },
    EMPLOYEE_UPDATE: {"location": "Lisbon", "changed_fields": ["location"], "effective_date": "2026-03-01"},
}
"""Kind to a payload, for people to look at."""


def payload_schema(kind: str) -> dict[str, Any]:
    return _trimmed(PAYLOADS[kind].model_json_schema())


def event_schema(kind: str) -> dict[str, Any]:
    """The bare event of this kind."""
    schema = _trimmed(BareEvent.model_json_schema())
    schema["properties"]["type"] = {"const": kind, "description": "The kind of event."}
    schema["properties"]["timestamp"]["format"] = "date-time"
    schema["properties"]["payload"] = payload_schema(kind)
    return {"$schema": DRAFT, **schema, "title": kind}


def cloud_event_schema() -> dict[str, Any]:
    """The CloudEvents attributes that are read; `data` is the payload of the event's kind."""
    schema = _trimmed(CloudEvent.model_json_schema())
    schema["properties"]["type"] = {"enum": list(KINDS), "description": "The kind of event."}
    schema["properties"]["data"] = {
        "type": "object",
        "description": "The payload, by kind: `<kind>.schema.json#/properties/payload`.",
    }
    return {"$schema": DRAFT, **schema, "title": "CloudEvent"}


def order_schema(data: type[BaseModel], types: Sequence[str]) -> dict[str, Any]:
    """The CloudEvent by which other systems ask for this, under one of these `type`s."""
    schema = _trimmed(CloudEvent.model_json_schema())
    del schema["properties"]["subject"], schema["properties"]["time"]
    schema["properties"] |= {
        "type": {"enum": list(types), "description": "What is asked for."},
        "organizationid": {
            "anyOf": [{"type": "string"}, {"type": "null"}],
            "description": "Extension: slug or UUID; the organization of the message's key where absent.",
        },
        "data": _trimmed(data.model_json_schema()),
    }
    required = [*(name for name in schema["required"] if name in schema["properties"]), "data"]
    return {"$schema": DRAFT, **schema, "required": required, "title": " or ".join(types)}


def conf_schema() -> dict[str, Any]:
    """What a run is started with: `{"event": {…}, "correlation_id": …}`. No `$ref` in it.

    The payload has no sensitive field: everybody who may see the run sees it.
    """
    text = {
        "type": "string",
        "minLength": 1,
        "maxLength": 255,
        "not": {"type": "string", "pattern": CONTROLS},
    }
    event = {
        "type": "object",
        "title": "Event",
        "description": "The lifecycle event that the run is about.",
        "properties": {
            "id": {**text, "description": "The event's id."},
            "source": {**text, "description": "The system that it came from."},
            "kind": {"enum": list(KINDS), "description": "The kind of event."},
            "org": {
                "type": "string",
                "pattern": "^[a-z](-?[a-z0-9]){0,40}$",
                "description": "The organization's slug.",
            },
            "employee": {**text, "description": "The HR system's identifier of the person."},
            "time": {"type": "string", "format": "date-time", "description": "When it happened."},
            "payload": _public_payload(),
        },
        "required": ["id", "source", "kind", "org", "employee", "time", "payload"],
    }
    return {
        "$schema": DRAFT,
        "title": "Configuration of a workflow run",
        "type": "object",
        "properties": {
            "event": event,
            "correlation_id": {**text, "description": "What to follow the event by."},
        },
        "required": ["event", "correlation_id"],
    }


def payload_problems(payload: Any) -> list[Problem]:
    """What is wrong with the payload of a run's conf: each field is there or not, but what is there is what
    the events have there.
    """
    return [
        Problem(".".join(["conf.event.payload", *map(str, error.absolute_path)]), error.message)
        for error in _payload_validator().iter_errors(payload)
    ]


@functools.cache
def _payload_validator() -> Draft202012Validator:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(_public_payload(), format_checker=Draft202012Validator.FORMAT_CHECKER)


def _public_payload() -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for kind in KINDS:
        properties.update(payload_schema(kind)["properties"])
    shown = {name: schema for name, schema in sorted(properties.items()) if SENSITIVE_MARK not in schema}
    return {
        "type": "object",
        "description": "What the event says about the person, without sensitive fields.",
        "properties": shown,
    }


def _trimmed(schema: dict[str, Any]) -> dict[str, Any]:
    """Without the titles and null defaults that pydantic derives from names: the names say the same."""
    for field in schema.get("properties", {}).values():
        field.pop("title", None)
        if field.get("default", ...) is None:
            field.pop("default")
    return schema
