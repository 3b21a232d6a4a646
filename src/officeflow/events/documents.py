"""The documents about events that are generated from the code: JSON Schemas, and one AsyncAPI 3.0
document.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from officeflow.events import schemas
from officeflow.events.lifecycle import PAYLOADS
from officeflow.events.run_orders import ORDERS, RunOrder, SteeringOrder
from officeflow.events.topics import (
    AUDIT_ANCHORS,
    AUDIT_EVENTS,
    BY_ORG,
    BY_PERSON,
    KINDS,
    METRICS_EVENTS,
    TOPICS,
    WORKFLOW_RUN_CANCEL,
    WORKFLOW_RUN_PAUSE,
    WORKFLOW_RUN_REQUEST,
    WORKFLOW_RUN_RESULT,
    WORKFLOW_RUN_RESUME,
    Topic,
)

SCHEMAS = "schemas/events"

KEYS = {
    BY_ORG: "The organization's UUID.",
    BY_PERSON: (
        "The organization's UUID, a colon, the HR system's identifier of the person; the UUID alone where no"
        " person is concerned."
    ),
}

OWN_MESSAGES = {
    WORKFLOW_RUN_REQUEST: ("runOrder", "toldByOrganization"),
    WORKFLOW_RUN_PAUSE: ("steeringOrder",),
    WORKFLOW_RUN_RESUME: ("steeringOrder",),
    WORKFLOW_RUN_CANCEL: ("steeringOrder",),
    WORKFLOW_RUN_RESULT: ("runResult",),
    AUDIT_EVENTS: ("auditRecord",),
    AUDIT_ANCHORS: ("auditAnchor",),
    METRICS_EVENTS: ("nodeMeasured", "runMeasured"),
}
"""By topic, where they are not simply told by its key."""

ONLY_TAKEN = frozenset(ORDERS) - {WORKFLOW_RUN_REQUEST}
"""Topics on which we announce nothing."""

HEADERS = {
    "ce_specversion": "1.0",
    "ce_id": (
        "The same in every delivery of this message, and in no other: what a consumer knows second"
        " deliveries by."
    ),
    "ce_source": "`OFFICEFLOW_EVENT_SOURCE`.",
    "ce_type": "What happened, such as officeflow.node.execute.result.",
    "ce_subject": "Whom or what it is about: `employee:…`, `run:…`; absent where nobody.",
    "ce_time": "When the transaction that tells it began (RFC 3339).",
    "ce_organizationid": "The organization's UUID.",
    "ce_correlationid": "What to follow the event by that it all came of.",
    "content-type": "application/json",
}

_OF_NODE = {
    "run_id": "The run's UUID.",
    "dag_id": "Airflow's name of the workflow.",
    "workflow": "The workflow's slug, where it has one.",
    "version": "The version that the run began with.",
    "node": "The node's id.",
    "type": "The node's type.",
    "connection": "The name of the system that it acts in.",
    "map_index": "-1 where the node is not mapped.",
    "generation": "How often the act was allowed again, plus one.",
}
_OF_RUN = {name: _OF_NODE[name] for name in ("run_id", "dag_id", "version")}

ANNOUNCED: Mapping[str, Mapping[str, str]] = {
    "told": {
        "run_id": "The run's UUID.",
        "status": "How it ended, where it did.",
        "error": "Why it failed, by its code.",
    },
    "runResult": {
        "request": "Of the message that asked: its `source`, `id` and `type`.",
        "state": "DONE or REFUSED.",
        "run_id": "The run's UUID; null where it was refused.",
        "dag_id": "Airflow's name of the workflow, or null.",
        "dag_run_id": "Airflow's name of the run, or null.",
        "changed": "False where it was so already.",
        "told": "Then: since when, by whom and why; or null.",
        "error": "Why it was refused: `code`, `message`, `hint`, `problems` (each with `path`, `reason`).",
    },
    "auditRecord": {
        "sequence": "Its number in the organization's chain, from 1 without gaps.",
        "mac": "HMAC-SHA256 (hex) over the canonical JSON of all other fields.",
        "previous_mac": "That of the record before, zeros before the first.",
        "what": "`record`.",
        "org_id": "The organization's UUID.",
        "record_id": "The record's UUID.",
        "actor": "Who did it.",
        "action": "What was done.",
        "subject": "To whom or what.",
        "details": "What else belongs to it.",
        "correlation_id": "What to follow it by, or null.",
        "occurred_at": "When (UTC).",
        "tag": "HMAC-SHA256 (hex) of the process that wrote it, or null.",
        "genuine": "Whether that tag held: false where the record did not come from OfficeFlow.",
    },
    "auditAnchor": {
        "org_id": "The organization's UUID.",
        "sequence": "The number of the newest record of its chain.",
        "mac": "That record's HMAC-SHA256 (hex).",
        "at": "When this was noted (UTC).",
        "seal": "HMAC-SHA256 (hex) over all other fields and `what`: `anchor`, by the chain's key.",
    },
    "nodeMeasured": {
        **_OF_NODE,
        "state": "SUCCEEDED, FAILED or ASKED; REFUSED where a try ended before the act did.",
        "tries": "How often the act was begun.",
        "seconds": (
            "From its first beginning to its end, waits for another try among them; null where nobody knows."
        ),
        "error": "The error's code, or null.",
    },
    "runMeasured": {
        **_OF_RUN,
        "trigger": "The kind of event that started it.",
        "state": "SUCCEEDED, FAILED or CANCELLED.",
        "started_at": "When it was asked for.",
        "ended_at": "When Airflow ended it.",
        "seconds": "Between the two.",
        "nodes": "Acts that were begun.",
        "nodes_failed": "Nodes that failed, also those that never began their act.",
        "tries": "How often acts were begun, in all.",
    },
}
"""The fields of what we tell."""


def documents() -> dict[str, str]:
    """Path below docs/ to content."""
    files = {f"{SCHEMAS}/{kind}.schema.json": schemas.event_schema(kind) for kind in KINDS}
    files[f"{SCHEMAS}/cloudevent.schema.json"] = schemas.cloud_event_schema()
    files[f"{SCHEMAS}/conf.schema.json"] = schemas.conf_schema()
    files |= {f"{SCHEMAS}/{kind}.schema.json": schemas.order_schema(ORDERS[kind], [kind]) for kind in ORDERS}
    texts = {name: json.dumps(schema, indent=2, ensure_ascii=False) + "\n" for name, schema in files.items()}
    return {**texts, "asyncapi.yaml": _yaml(asyncapi())}


def stale(folder: Path) -> list[str]:
    """The documents below `folder` (docs/) that are missing or not current."""
    return [
        name
        for name, text in documents().items()
        if not (folder / name).is_file() or (folder / name).read_bytes() != text.encode()
    ]


def write(folder: Path) -> list[str]:
    """Writes those that are; gives their paths below `folder`."""
    wanted, written = documents(), stale(folder)
    for name in written:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(wanted[name], encoding="utf-8")
    return written


def asyncapi() -> dict[str, Any]:
    """The AsyncAPI document: every topic, its key, its messages, and whether we read or write it."""
    channels = {_name(kind): _lifecycle_channel(kind) for kind in KINDS}
    channels |= {_name(topic.name): _channel(topic) for topic in TOPICS}
    channels["deadLetters"] = _dead_letter_channel()
    operations = {
        f"take{_upper(kind)}": _operation("receive", _name(kind), f"Events of kind {kind} start workflows.")
        for kind in KINDS
    }
    operations |= {
        f"take{_upper(name)}": _operation("receive", _name(name), "Other systems ask for it.")
        for name in ORDERS
    }
    operations |= {
        f"tell{_upper(topic.name)}": _operation("send", _name(topic.name), topic.description)
        for topic in TOPICS
        if topic.name not in ONLY_TAKEN
    }
    operations["putAside"] = _operation("send", "deadLetters", "Messages that could not be taken.")
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "OfficeFlow",
            "version": "1.0.0",
            "description": (
                "Lifecycle events of employees in; what became of them out. All messages are CloudEvents 1.0."
                " Lifecycle events are taken in structured and binary mode and as bare JSON; what we tell is"
                " in binary mode."
            ),
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/cloudevents+json",
        "servers": {
            "kafka": {
                "host": "{bootstrap}",
                "protocol": "kafka",
                "variables": {"bootstrap": {"default": "127.0.0.1:9092"}},
            }
        },
        "channels": channels,
        "operations": operations,
        "components": {"messages": _messages(), "schemas": _schemas()},
    }


def _lifecycle_channel(kind: str) -> dict[str, Any]:
    return {
        "address": f"{kind}.{{organization}}",
        "title": kind,
        "description": (PAYLOADS[kind].__doc__ or "").strip(),
        "parameters": {"organization": {"description": "The organization's slug; its UUID is accepted too."}},
        "messages": {
            form: _ref("messages", f"{_name(kind)}{form[0].upper()}{form[1:]}")
            for form in ("cloudEvent", "bare")
        },
        "bindings": {"kafka": {"partitions": 1, "bindingVersion": "0.5.0"}},
    }


def _channel(topic: Topic) -> dict[str, Any]:
    return {
        "address": topic.name,
        "title": topic.name,
        "description": topic.description,
        "messages": {
            name: _ref("messages", name) for name in OWN_MESSAGES.get(topic.name, (_by_key(topic.key),))
        },
        "bindings": {"kafka": {"partitions": topic.partitions, "bindingVersion": "0.5.0"}},
    }


def _dead_letter_channel() -> dict[str, Any]:
    return {
        "address": "dlq.{topic}",
        "title": "Dead letters",
        "description": (
            "Each topic's messages that could not be taken, as they came, with headers that say why."
        ),
        "parameters": {"topic": {"description": "The topic that the message was on."}},
        "messages": {"deadLetter": _ref("messages", "deadLetter")},
        "bindings": {"kafka": {"partitions": 1, "bindingVersion": "0.5.0"}},
    }


def _operation(action: str, channel: str, summary: str) -> dict[str, Any]:
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}, "summary": summary}


def _messages() -> dict[str, Any]:
    messages: dict[str, Any] = {}
    for kind in KINDS:
        messages[f"{_name(kind)}CloudEvent"] = _message(
            kind, "application/cloudevents+json", f"{_name(kind)}CloudEvent", BY_ORG
        )
        messages[f"{_name(kind)}Bare"] = _message(
            f"{kind}, bare", "application/json", f"{_name(kind)}Bare", BY_ORG
        )
    for key in (BY_ORG, BY_PERSON):
        messages[_by_key(key)] = _announcement("What became of something", "told", key)
    messages["auditRecord"] = _announcement(
        "A record of the audit log, as it is chained", "auditRecord", BY_ORG
    )
    messages["auditAnchor"] = _announcement("The head of an audit chain", "auditAnchor", BY_ORG)
    messages["nodeMeasured"] = _announcement(
        "A node's act has ended: officeflow.metrics.node", "nodeMeasured", BY_ORG
    )
    messages["runMeasured"] = _announcement("A run has ended: officeflow.metrics.run", "runMeasured", BY_ORG)
    for name, title in (("runOrder", "A run is asked for"), ("steeringOrder", "A run is to be steered")):
        messages[name] = _message(title, "application/cloudevents+json", name, BY_ORG)
    messages["runResult"] = _announcement("What became of what was asked for", "runResult", BY_ORG)
    messages["deadLetter"] = {
        "title": "A message that could not be taken",
        "contentType": "application/octet-stream",
        "headers": _ref("schemas", "deadLetterHeaders"),
        "payload": {"description": "The message's own value, byte for byte."},
    }
    return messages


def _announcement(title: str, schema: str, key: str) -> dict[str, Any]:
    """A message of ours: attributes as headers, the data as value."""
    return {
        **_message(title, "application/json", schema, key),
        "headers": _ref("schemas", "cloudEventHeaders"),
    }


def _message(title: str, content_type: str, schema: str, key: str) -> dict[str, Any]:
    return {
        "title": title,
        "contentType": content_type,
        "payload": _ref("schemas", schema),
        "bindings": {
            "kafka": {"key": {"type": "string", "description": KEYS[key]}, "bindingVersion": "0.5.0"}
        },
    }


def _schemas() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for kind in KINDS:
        found[f"{_name(kind)}Payload"] = {**schemas.payload_schema(kind), "title": f"Payload of {kind}"}
        payload = _ref("schemas", f"{_name(kind)}Payload")
        found[f"{_name(kind)}CloudEvent"] = _with(
            schemas.cloud_event_schema(), kind, type={"const": kind}, data=payload
        )
        found[f"{_name(kind)}Bare"] = _with(schemas.event_schema(kind), f"{kind}, bare", payload=payload)
    orders: dict[str, type[RunOrder | SteeringOrder]] = {"runOrder": RunOrder, "steeringOrder": SteeringOrder}
    for name, model in orders.items():
        of = [kind for kind, its in ORDERS.items() if its is model]
        found[name] = schemas.order_schema(model, of)
        del found[name]["$schema"]
    found |= {name: _object(fields) for name, fields in ANNOUNCED.items()}
    found["cloudEventHeaders"] = {
        **_object(HEADERS),
        "required": [name for name in HEADERS if name != "ce_subject"],
    }
    return {**found, "deadLetterHeaders": _dead_letter_headers()}


def _object(fields: Mapping[str, str]) -> dict[str, Any]:
    return {"type": "object", "properties": {name: {"description": text} for name, text in fields.items()}}


def _with(schema: dict[str, Any], title: str, **properties: Any) -> dict[str, Any]:
    """With other properties and title, and in AsyncAPI's own dialect."""
    changed = {**schema, "title": title, "properties": {**schema["properties"], **properties}}
    del changed["$schema"]
    return changed


def _dead_letter_headers() -> dict[str, Any]:
    meaning = {
        "officeflow-dead-letter": "The id under which the quarantine keeps it.",
        "officeflow-reason": "The reason's code.",
        "officeflow-detail": "The reason in words.",
        "officeflow-topic": "Where it was: topic,",
        "officeflow-partition": "partition,",
        "officeflow-offset": "and offset.",
    }
    return {
        "type": "object",
        "properties": {name: {"type": "string", "description": text} for name, text in meaning.items()},
    }


def _ref(section: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{section}/{name}"}


def _by_key(key: str) -> str:
    return "toldByOrganization" if key == BY_ORG else "toldByPerson"


def _upper(topic: str) -> str:
    return "".join(part.capitalize() for part in topic.split("."))


def _name(topic: str) -> str:
    upper = _upper(topic)
    return upper[0].lower() + upper[1:]


def _yaml(document: dict[str, Any]) -> str:
    import yaml

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - the base class's signature
            return True

    text = yaml.dump(document, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=140)
    return f"# Generated by `officeflow event schemas docs`.\n{text}"
