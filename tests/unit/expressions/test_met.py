"""An expression that fails says which it is and what types it met, and never a value."""

from __future__ import annotations

from typing import Any

import pytest

from officeflow.errors import InvalidExpression, InvalidParameters
from officeflow.expressions import cel, templates
from officeflow.expressions.met import met
from officeflow.runner.resolve import resolve

VALUES: dict[str, Any] = {
    "nodes": {"a": {"output": {"count": 3, "who": "Ana", "list": [1], "gone": None}}},
    "event": {"payload": {"title": "Controller"}},
}


def failed(source: str) -> str:
    with pytest.raises(InvalidExpression) as caught:
        cel.compile_expression(source).evaluate(VALUES)
    return str(caught.value)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ('nodes.a.output.count + "x"', "it read nodes.a.output.count (int)"),
        (
            "nodes.a.output.who + nodes.a.output.count",
            "nodes.a.output.count (int), nodes.a.output.who (string)",
        ),
        ("nodes.a.output.cuont + 1", "it read nodes.a.output.cuont (missing)"),
        ("nodes.b.output.count + 1", "it read nodes.b (missing)"),
        ("nodes.a.output.list[7] + 1", "it read nodes.a.output.list (list)"),
        ("nodes.a.output.gone + 1", "it read nodes.a.output.gone (null)"),
        ("nodes.a.output['list'] + nodes.a.output", "it read nodes.a.output.list (list)"),
    ],
)
def test_an_expression_names_itself_and_the_types_that_it_read(source: str, said: str) -> None:
    text = failed(source)
    assert f"`{source}`" in text
    assert said in text
    assert "Ana" not in text


def test_a_condition_that_is_none_says_what_it_gives_and_read() -> None:
    source = "nodes.a.output.who"
    with pytest.raises(InvalidExpression, match="this gives string; it read nodes") as caught:
        cel.truths([source], VALUES, places=["edges: a → b"])
    assert str(caught.value).startswith("edges: a → b: cannot evaluate `nodes.a.output.who`")
    with pytest.raises(InvalidExpression, match="this gives string"):
        cel.compile_expression(source).test(VALUES)


def test_a_template_shows_its_line_and_the_types() -> None:
    with pytest.raises(InvalidExpression) as caught:
        templates.render(
            "Dear {{ nodes.a.output.who }},\n{{ nodes.a.output.who + nodes.a.output.count }}", VALUES
        )
    (problem,) = caught.value.problems
    assert problem.path == "line 2"
    assert "in `{{ nodes.a.output.who + nodes.a.output.count }}`" in problem.reason
    assert "nodes.a.output.count (int), nodes.a.output.who (string)" in problem.reason
    assert "Ana" not in str(caught.value)


def test_parameters_name_the_place_of_each() -> None:
    schema = {
        "properties": {
            "to": {"type": "array", "items": {"type": "string"}},
            "body": {"type": "string", "x-template": "text"},
        }
    }
    drawn = {
        "to": ["a@acme.example", '${{ nodes.a.output.count + "x" }}'],
        "body": "{{ event.payload.titel }}",
    }
    with pytest.raises(InvalidParameters) as caught:
        resolve(drawn, VALUES, schema)
    said = {problem.path: problem.reason for problem in caught.value.problems}
    assert set(said) == {"params.to[1]", "params.body"}
    assert "nodes.a.output.count (int)" in said["params.to[1]"]
    assert "event.payload.titel (missing)" in said["params.body"]


def test_many_are_counted_and_long_ones_are_cut() -> None:
    told = met([("event", f"f{number:02}") for number in range(12)], {"event": {}})
    assert told.endswith("event.f07 (missing) and 4 more")
    assert len(met([("event", "x" * 5000)], {"event": {}})) < 200
    assert met([], {}) == ""
