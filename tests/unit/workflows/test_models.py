"""A definition's JSON, its schema and its hash."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from officeflow.demo.setup import DEFINITIONS, load_definition
from officeflow.expressions.filters import FILTERS
from officeflow.workflows.models import Definition, content_hash, json_schema, schema_text, to_json
from officeflow.workflows.validation import validate

SCHEMA = Path(__file__).parents[3] / "docs" / "schemas" / "workflow-definition.schema.json"


def test_the_schema_in_the_documentation_is_current() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == schema_text(), "`officeflow workflow schema` prints it"


def test_the_examples_in_the_documentation_are_valid() -> None:
    text = (SCHEMA.parents[1] / "definitions.md").read_text(encoding="utf-8")
    examples = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", text, re.DOTALL)]
    assert [example["slug"] for example in examples] == ["welcome", "equipment"]
    for example in examples:
        assert validate(example, lambda: {"directory": "scim", "mail": "smtp", "shop": "http"}) == []


def test_the_documentation_names_every_filter() -> None:
    text = (SCHEMA.parents[1] / "definitions.md").read_text(encoding="utf-8")
    listed = text.partition("Its filters: `")[2].partition("`")[0].split()
    assert set(listed) == set(FILTERS) - {"d", "e"}, "all but the short spellings of default and escape"


@pytest.mark.parametrize("name", DEFINITIONS)
def test_the_demonstration_fits_the_schema(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())
    jsonschema.validate(load_definition(name), json_schema())


@pytest.mark.parametrize(
    "change",
    [
        {"slug": "A"},
        {"slug": "a--b"},
        {"nodes": []},
        {"extra": 1},
        {"trigger": {}},
        {"nodes": [{"id": "A", "type": "x"}]},
    ],
)
def test_the_schema_refuses_what_the_model_refuses(change: dict[str, Any]) -> None:
    raw = load_definition(DEFINITIONS[0]) | change
    assert list(jsonschema.Draft202012Validator(json_schema()).iter_errors(raw))
    with pytest.raises(ValueError, match="validation error"):
        Definition.model_validate(raw)


def test_the_hash_is_the_same_however_it_is_written() -> None:
    raw = load_definition(DEFINITIONS[0])
    backwards = json.loads(json.dumps(raw, sort_keys=True))
    for node in backwards["nodes"]:
        node["retryPolicy"] = {"maxRetries": 3, "factor": 2}
        node["position"] = {"x": float(node["position"]["x"]), "y": node["position"]["y"]}
    assert content_hash(Definition.model_validate(raw)) == content_hash(Definition.model_validate(backwards))


@given(st.sampled_from(["name", "description", "owner"]), st.text(min_size=1, max_size=50))
def test_the_hash_differs_where_the_content_does(field: str, value: str) -> None:
    raw = load_definition(DEFINITIONS[0])
    changed = copy.deepcopy(raw) | {field: value + "!"}
    assert content_hash(Definition.model_validate(raw)) != content_hash(Definition.model_validate(changed))


@pytest.mark.parametrize("name", DEFINITIONS)
def test_what_is_stored_reads_back_as_the_same_definition(name: str) -> None:
    found = Definition.model_validate(load_definition(name))
    again = Definition.model_validate(json.loads(json.dumps(to_json(found))))
    assert again == found
    assert content_hash(again) == content_hash(found)


def test_a_node_is_found_by_its_id() -> None:
    assert Definition.model_validate(load_definition(DEFINITIONS[0])).node("record").type == "audit.record"
