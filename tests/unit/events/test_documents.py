"""The generated documents about events."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from listeners.inbound.options import Options
from officeflow.events import topics
from officeflow.events.documents import asyncapi, documents
from officeflow.events.quarantine import REASONS
from officeflow.events.schemas import conf_schema, event_schema, payload_schema
from officeflow.marks import SENSITIVE_MARK

DOCS = Path(__file__).parents[3] / "docs"
CONF: dict[str, Any] = {
    "event": {
        "id": "1",
        "source": "hr",
        "kind": "employee.onboard",
        "org": "acme",
        "employee": "E1",
        "time": "2026-01-05T09:00:00+00:00",
        "payload": {"department": "Engineering"},
    },
    "correlation_id": "c",
}


@pytest.mark.parametrize("name", sorted(documents()))
def test_the_documents_in_the_repository_are_current(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == documents()[name], (
        "`officeflow event schemas docs` writes them"
    )


@pytest.mark.parametrize("name", [name for name in documents() if name.endswith(".schema.json")])
def test_the_schemas_are_json_schemas(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(documents()[name]))


def test_the_page_on_events_names_every_reason_and_every_setting() -> None:
    page = (DOCS / "events.md").read_text(encoding="utf-8")
    assert [reason for reason in REASONS if f"`{reason}`" not in page] == []
    assert [name for name in Options.model_fields if f"_{name.upper()}`" not in page] == []


def test_conf_of_a_run_is_valid_and_others_are_not() -> None:
    validator = jsonschema.Draft202012Validator(conf_schema())
    validator.validate(CONF)
    for broken in (
        {},
        {**CONF, "event": {**CONF["event"], "kind": "x"}},
        {**CONF, "event": {**CONF["event"], "payload": {"groups": 1}}},
    ):
        assert not validator.is_valid(broken)


@pytest.mark.parametrize("name", ["id", "source", "employee"])
def test_conf_of_a_run_takes_odd_ids_and_no_control_characters(name: str) -> None:
    validator = jsonschema.Draft202012Validator(conf_schema())
    for good in ("ñ", "\U0001f600" * 255, "a b"):
        validator.validate({**CONF, "event": {**CONF["event"], name: good}, "correlation_id": good})
    for wrong in ("a\n", "\t", "\x85", "x" * 256):
        assert not validator.is_valid({**CONF, "event": {**CONF["event"], name: wrong}})
        assert not validator.is_valid({**CONF, "correlation_id": wrong})


def test_conf_has_no_sensitive_field_and_needs_no_other_file() -> None:
    text = json.dumps(conf_schema())
    assert SENSITIVE_MARK not in text
    assert "personal_email" not in text
    assert "$ref" not in text


def test_sensitive_fields_are_marked_in_the_event_schemas() -> None:
    marked = {
        name
        for name, schema in payload_schema("employee.exit")["properties"].items()
        if schema.get(SENSITIVE_MARK)
    }
    assert {
        "personal_email",
        "birth_date",
        "national_id",
        "home_address",
        "bank_account",
        "salary",
        "reason",
    } <= marked
    assert not {"work_email", "department", "end_date"} & marked


def test_the_seeds_event_is_valid_against_its_schema() -> None:
    event = {
        "type": "employee.exit",
        "organizationId": "acme",
        "employeeId": "E1",
        "payload": {},
        "timestamp": "2026-01-05T09:00:00Z",
    }
    jsonschema.Draft202012Validator(event_schema("employee.exit")).validate(event)
    assert not jsonschema.Draft202012Validator(event_schema("employee.onboard")).is_valid(event)


def test_the_asyncapi_document_has_every_topic() -> None:
    addresses = {channel["address"] for channel in asyncapi()["channels"].values()}
    assert addresses == {
        *(f"{kind}.{{organization}}" for kind in topics.KINDS),
        *(topic.name for topic in topics.TOPICS),
        "dlq.{topic}",
    }


def test_every_reference_in_the_asyncapi_document_leads_somewhere() -> None:
    document = yaml.safe_load((DOCS / "asyncapi.yaml").read_text(encoding="utf-8"))

    def check(value: Any) -> int:
        if isinstance(value, dict) and "$ref" in value:
            target = document
            for part in value["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            return 1
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        return sum(map(check, inner))

    assert check(document) > 50
