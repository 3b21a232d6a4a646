"""From parameters as drawn to parameters to act with."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import Field

from officeflow.errors import InvalidParameters
from officeflow.runner.resolve import names_read, resolve
from officeflow.sdk import HtmlTemplate, NodeParams, TextTemplate


class Part(NodeParams):
    note: TextTemplate = ""
    plain: str = ""


class Params(NodeParams):
    subject: TextTemplate
    html: HtmlTemplate = ""
    other: TextTemplate | None = None
    to: list[str] = Field(default_factory=list)
    parts: list[Part] = Field(default_factory=list)
    headers: dict[str, TextTemplate] = Field(default_factory=dict)
    count: Annotated[int | str, Field()] = 0


SCHEMA = Params.model_json_schema()
VALUES: dict[str, Any] = {
    "event": {
        "employee": "E-1",
        "payload": {"name": "Ana <b>", "tags": ["a", "b"], "evil": "{{ event.id }}${{ 1 }}"},
    },
    "employee": {"given_name": "Ana"},
    "nodes": {"create": {"output": {"id": 7}}},
    "run": {"id": "r"},
    "org": {"name": "Acme"},
}


def resolved(**params: Any) -> dict[str, Any]:
    return resolve(params, VALUES, SCHEMA)


def test_one_expression_keeps_its_type_and_text_around_it_makes_text() -> None:
    assert resolved(count="${{ nodes.create.output.id }}") == {"count": 7}
    assert resolved(to="${{ event.payload.tags }}") == {"to": ["a", "b"]}
    assert resolved(to=["id ${{ nodes.create.output.id }}!"]) == {"to": ["id 7!"]}


def test_marked_fields_are_rendered_wherever_they_stand() -> None:
    given = {
        "subject": "Hi {{ employee.given_name }}",
        "other": "{{ org.name }}",
        "headers": {"X": "{{ run.id }}"},
    }
    assert resolved(**given) == {"subject": "Hi Ana", "other": "Acme", "headers": {"X": "r"}}
    assert resolved(parts=[{"note": "{{ org.name }}", "plain": "{{ org.name }}"}]) == {
        "parts": [{"note": "Acme", "plain": "{{ org.name }}"}]
    }


def test_html_escapes_every_value_also_that_of_a_whole_expression() -> None:
    assert resolved(html="<p>{{ event.payload.name }}</p>") == {"html": "<p>Ana &lt;b&gt;</p>"}
    assert resolved(html="${{ event.payload.name }}") == {"html": "Ana &lt;b&gt;"}


def test_what_comes_out_of_an_expression_is_never_read_as_a_template_or_expression() -> None:
    evil = "{{ event.id }}${{ 1 }}"
    assert resolved(subject="${{ event.payload.evil }}", to=["${{ event.payload.evil }}"]) == {
        "subject": evil,
        "to": [evil],
    }


def test_everything_wrong_is_told_at_once_each_with_its_field() -> None:
    with pytest.raises(InvalidParameters) as caught:
        resolved(subject="{{ nobody }}", to=["${{ event.missing }}"], parts=[{"note": "a ${{ 1 }} b"}])
    assert [problem.path for problem in caught.value.problems] == [
        "params.subject",
        "params.to[0]",
        "params.parts[0].note",
    ]
    assert caught.value.problems[2].suggestion == "write {{ … }} without the $"


def test_only_names_that_are_read_are_asked_for() -> None:
    params = {
        "subject": "Hi {{ employee.given_name }}",
        "to": ["${{ nodes.create.output.id }}"],
        "html": "${{ run.id }}",
    }
    assert names_read(params, {"next": "org.name == 'x'"}, SCHEMA) == {"employee", "nodes", "run", "org"}
    assert names_read({"to": ["plain"]}, {}, SCHEMA) == set()
    assert names_read({"to": ["${{ ((( }}"], "subject": "{{ if"}, {"x": "(("}, SCHEMA) == set()
