"""What a description in Google's discovery format demands of requests, and what `fields` selects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from counterparts.vendors import fields
from counterparts.vendors.description import Seen
from counterparts.vendors.discovery import Discovery

DOCUMENT = {
    "id": "shelf:v1",
    "servicePath": "",
    "parameters": {"fields": {"type": "string", "location": "query"}},
    "schemas": {
        "Book": {
            "id": "Book",
            "type": "object",
            "properties": {
                "title": {"type": "string", "annotations": {"required": ["shelf.books.insert"]}},
                "pages": {"type": "string", "format": "int64"},
                "id": {"type": "string", "readOnly": True},
                "author": {"$ref": "Author"},
                "notes": {"type": "any"},
                "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                "state": {"type": "string", "enum": ["LENT", "THERE"]},
            },
        },
        "Author": {
            "id": "Author",
            "type": "object",
            "properties": {
                "name": {"type": "string", "annotations": {"required": ["shelf.books.insert"]}},
                "pupils": {"type": "array", "items": {"$ref": "Author"}},
            },
        },
    },
    "resources": {
        "books": {
            "methods": {
                "insert": {
                    "id": "shelf.books.insert",
                    "httpMethod": "POST",
                    "path": "v1/books",
                    "request": {"$ref": "Book"},
                    "response": {"$ref": "Book"},
                },
                "patch": {
                    "id": "shelf.books.patch",
                    "httpMethod": "PATCH",
                    "path": "v1/{+name}",
                    "flatPath": "v1/books/{booksId}",
                    "parameters": {
                        "name": {
                            "location": "path",
                            "required": True,
                            "type": "string",
                            "pattern": "^books/[^/]+$",
                        }
                    },
                    "request": {"$ref": "Book"},
                    "response": {"$ref": "Book"},
                },
                "list": {
                    "id": "shelf.books.list",
                    "httpMethod": "GET",
                    "path": "v1/books",
                    "parameters": {
                        "shelf": {"location": "query", "required": True, "type": "string"},
                        "most": {"location": "query", "type": "integer", "minimum": "1", "maximum": "9"},
                        "lent": {"location": "query", "type": "boolean"},
                    },
                    "response": {"$ref": "Book"},
                },
            }
        }
    },
}
BOOK = {"title": "Emma", "author": {"name": "Jane"}}


@pytest.fixture
def shelf(tmp_path: Path) -> Discovery:
    path = tmp_path / "shelf.v1.json"
    path.write_text(json.dumps(DOCUMENT))
    return Discovery([path])


def body(value: Any, method: str = "POST", path: str = "/v1/books") -> Seen:
    return Seen(
        method, path, [], {"content-type": "application/json; charset=utf-8"}, json.dumps(value).encode()
    )


def test_numbers_as_texts_nulls_and_what_only_google_sets_are_taken(shelf: Discovery) -> None:
    for more in (
        {"pages": "7"}, {"pages": 7}, {"author": {"name": "Jane", "pupils": None}}, {"id": {"any": 1}},
        {"notes": [1]}, {"labels": {"a": "b"}}, {"state": "LENT"},
    ):  # fmt: skip
        assert shelf.problems(body({**BOOK, **more})) == []


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ({"author": {"name": "Jane"}}, "body: title is missing"),
        ({"title": "Emma", "author": {}}, "body/author: name is missing"),
        ({**BOOK, "title": None}, "body/title: not {'type': 'null'}"),
        ({**BOOK, "colour": "blue"}, "body: unknown colour"),
        ({**BOOK, "author": {"name": "Jane", "pupils": [{"name": "A", "age": 3}]}},
         "body/author/pupils/0: unknown age"),
        ({**BOOK, "title": {"a": 1}}, "body/title: type ['string', 'null']"),
        ({**BOOK, "labels": {"a": 1}}, "body/labels/a: type ['string', 'null']"),
        ({**BOOK, "state": "BURNT"}, "body/state: enum ['LENT', 'THERE', None]"),
    ],
)  # fmt: skip
def test_a_body_that_breaks_a_demand_is_told_where(shelf: Discovery, value: Any, problem: str) -> None:
    assert shelf.problems(body(value)) == [problem]


def test_what_an_insertion_requires_a_patch_does_not(shelf: Discovery) -> None:
    assert shelf.problems(body({"author": {}}, "PATCH", "/v1/books/emma")) == []
    assert shelf.template("PATCH", "/v1/books/emma") == "/v1/books/{booksId}"
    assert shelf.template("PATCH", "/v1/books/emma/pages") is None


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ([], "query shelf: missing"),
        ([("shelf", "a"), ("row", "b")], "query row: unknown"),
        ([("shelf", "a"), ("shelf", "b")], "query shelf: more than once"),
        ([("shelf", "a"), ("most", "10")], "query most: maximum 9.0"),
        ([("shelf", "a"), ("lent", "perhaps")], "query lent: type boolean"),
        ([("shelf", "a"), ("fields", "title,colour")], "query fields: unknown colour"),
        ([("shelf", "a"), ("fields", "title(")], "query fields: cannot be read"),
    ],
)
def test_a_query_that_breaks_a_demand_is_told(
    shelf: Discovery, query: list[tuple[str, str]], problem: str
) -> None:
    assert shelf.problems(Seen("GET", "/v1/books", query)) == [problem]
    right = [("shelf", "a"), ("most", "9"), ("lent", "true"), ("fields", "title,author(name,pupils/name)")]
    assert shelf.problems(Seen("GET", "/v1/books", right)) == []


def test_a_body_is_json_and_stands_where_one_is_taken(shelf: Discovery) -> None:
    assert shelf.problems(Seen("POST", "/v1/books", [], {"content-type": "text/plain"}, b"x")) == [
        "header content-type: not application/json"
    ]
    cut = Seen("POST", "/v1/books", [], {"content-type": "application/json"}, b'{"cut')
    assert shelf.problems(cut) == ["body: not JSON"]
    assert shelf.problems(Seen("GET", "/v1/books", [("shelf", "a")], {}, b"{}")) == ["body: none is taken"]


def test_an_answer_is_looked_at_too(shelf: Discovery) -> None:
    assert shelf.answer_problems("POST", "/v1/books", 200, {"id": "1"}) == []
    assert shelf.answer_problems("POST", "/v1/books", 200, {"id": 1, "colour": "blue"}) == [
        "answer/id: type ['string', 'null']",
        "answer: unknown colour",
    ]
    assert shelf.answer_problems("POST", "/v1/books", 404, {"error": {}}) == []


@pytest.mark.parametrize(
    ("mask", "selected"),
    [
        ("title", {"title": "Emma"}),
        ("author/name", {"author": {"name": "Jane"}}),
        ("title,author(pupils(name))", {"title": "Emma", "author": {"pupils": [{"name": "Fanny"}]}}),
        ("author/pupils/name,author/name", {"author": {"name": "Jane", "pupils": [{"name": "Fanny"}]}}),
        ("*", {"title": "Emma", "author": {"name": "Jane", "pupils": [{"name": "Fanny", "age": 9}]}}),
        ("colour", {}),
    ],
)
def test_fields_select_a_part(mask: str, selected: Any) -> None:
    value = {"title": "Emma", "author": {"name": "Jane", "pupils": [{"name": "Fanny", "age": 9}]}}
    assert fields.select(value, fields.parse(mask)) == selected


@pytest.mark.parametrize("mask", ["", "a,", "a(b", "a)b", "a//b", "a;b", "(a)"])
def test_what_selects_nothing_that_can_be_read_is_refused(mask: str) -> None:
    with pytest.raises(fields.WrongMask):
        fields.parse(mask)
