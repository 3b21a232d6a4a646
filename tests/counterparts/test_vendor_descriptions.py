"""How a vendor's description is read: what it does not allow is found, and told without what was sent."""

from __future__ import annotations

import json
from typing import Any

import pytest

from counterparts.vendors.description import Seen
from counterparts.vendors.openapi import OpenApi

SCHEMAS: dict[str, Any] = {
    "Animal": {
        "type": "object",
        "properties": {
            "id": {"type": "string", "readOnly": True},
            "kind": {"type": "string"},
            "name": {"type": "string", "maxLength": 5, "nullable": True},
            "born": {"type": "string", "format": "date-time"},
            "extra": {"type": "object", "additionalProperties": {"type": "integer"}},
        },
        "required": ["id", "kind"],
        "discriminator": {"propertyName": "kind"},
    },
    "Cat": {
        "allOf": [
            {"$ref": "#/components/schemas/Animal"},
            {
                "type": "object",
                "properties": {"lives": {"type": "integer", "minimum": 1}},
                "required": ["lives"],
            },
        ]
    },
    "Dog": {
        "allOf": [
            {"$ref": "#/components/schemas/Animal"},
            {"properties": {"toys": {"type": "array", "items": {"$ref": "#/components/schemas/Toy"}}}},
        ]
    },
    "Toy": {"type": "object", "properties": {"name": {"type": "string"}}},
}
BODY = {
    "oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}],
    "discriminator": {
        "propertyName": "kind",
        "mapping": {"cat": "#/components/schemas/Cat", "dog": "#/components/schemas/Dog"},
    },
}
PATHS = {
    "/animals/{id}": {
        "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
        "get": {
            "parameters": [
                {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 9}},
                {
                    "name": "tags",
                    "in": "query",
                    "explode": False,
                    "schema": {"type": "array", "items": {"enum": ["a", "b"]}},
                },
            ]
        },
        "put": {"requestBody": {"required": True, "content": {"application/json": {"schema": BODY}}}},
    },
    "/animals/all": {"get": {}},
}


@pytest.fixture(scope="module")
def description(tmp_path_factory: pytest.TempPathFactory) -> OpenApi:
    path = tmp_path_factory.mktemp("description") / "animals.json"
    path.write_text(json.dumps({"openapi": "3.0.3", "paths": PATHS, "components": {"schemas": SCHEMAS}}))
    return OpenApi(path, base="/v1")


def put(description: OpenApi, body: Any) -> list[str]:
    headers = {"content-type": "application/json; charset=utf-8"}
    return description.problems(Seen("PUT", "/v1/animals/7", [], headers, json.dumps(body).encode()))


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "cat", "lives": 9, "name": None, "extra": {"any": 1}},
        {"kind": "cat", "lives": 9, "id": 4711, "born": "2026-11-23T08:00:00Z"},
        {"kind": "dog", "toys": [{"name": "ball"}]},
    ],
)
def test_what_fits_fits(description: OpenApi, body: Any) -> None:
    assert put(description, body) == []


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"kind": "cat"}, "body: lives is missing"),
        ({"lives": 9}, "body: kind is missing"),
        ({"kind": "cow", "lives": 9}, "body/kind: enum ['cat', 'dog']"),
        ({"kind": "dog", "lives": 9}, "body: unknown lives"),
        ({"kind": "cat", "lives": 0}, "body/lives: minimum 1"),
        ({"kind": "cat", "lives": 9, "name": "secret"}, "body/name: maxLength 5"),
        ({"kind": "cat", "lives": 9, "born": "today"}, "body/born: format date-time"),
        ({"kind": "cat", "lives": 9, "extra": {"any": "secret"}}, "body/extra/any: type integer"),
        ({"kind": "dog", "toys": [{"name": "ball", "noise": 1}]}, "body/toys/0: unknown noise"),
    ],
)
def test_what_does_not_fit_is_told_by_place_and_demand(description: OpenApi, body: Any, problem: str) -> None:
    found = put(description, body)
    assert problem in found
    assert "secret" not in str(found)


@pytest.mark.parametrize(
    ("query", "problems"),
    [
        ([("limit", "3"), ("tags", "a,b")], []),
        ([("limit", "many")], ["query limit: type integer"]),
        ([("limit", "10")], ["query limit: maximum 9"]),
        ([("limit", "1"), ("limit", "2")], ["query limit: more than once"]),
        ([("tags", "a,c")], ["query tags/1: enum ['a', 'b']"]),
        ([("page", "1")], ["query page: unknown"]),
    ],
)
def test_parameters_are_read_as_they_are_described(
    description: OpenApi, query: list[tuple[str, str]], problems: list[str]
) -> None:
    assert description.problems(Seen("GET", "/v1/animals/7", query)) == problems


def test_a_literal_path_comes_before_one_with_parameters(description: OpenApi) -> None:
    assert description.template("GET", "/v1/animals/all") == "/animals/all"
    assert description.template("PUT", "/v1/animals/all") == "/animals/{id}"
    assert description.template("GET", "/animals/all") is None
