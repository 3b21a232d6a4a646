"""What is wrong with calls of other workflows, before any of them runs."""

from __future__ import annotations

from typing import Any

import pytest

from officeflow.sdk.json_schemas import schema_problems, value_problems
from officeflow.workflows import check_calls
from officeflow.workflows.check_calls import Called
from officeflow.workflows.models import Definition
from officeflow.workflows.validation import validate

INPUTS = {
    "type": "object",
    "properties": {"size": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["size"],
    "additionalProperties": False,
}


def call(workflow: str = "equip", node: str = "call", **params: Any) -> dict[str, Any]:
    given = {"workflow": workflow, "input": {"size": "large"}, **params}
    return {"id": node, "type": "flow.call", "params": given}


def written(slug: str, *nodes: dict[str, Any], **changes: Any) -> dict[str, Any]:
    note = {"id": "note", "type": "audit.record", "params": {"action": "seen", "subject": "it"}}
    return {
        "slug": slug,
        "name": slug,
        "trigger": {"events": ["employee.onboard"]},
        "nodes": [*nodes] or [note],
        **changes,
    }


def callable_(slug: str, *nodes: dict[str, Any]) -> dict[str, Any]:
    return written(slug, *nodes, trigger={"events": []}, inputs=INPUTS)


def told(definition: dict[str, Any], *others: dict[str, Any], **changes: Any) -> list[str]:
    """The problems of its calls, where `others` are published as version 3."""
    known = {each["slug"]: Called(Definition.model_validate(each), 3, **changes) for each in others}
    this = Definition.model_validate(definition)
    return [
        f"{problem.path}: {problem.reason}"
        for problem in check_calls.against(this, {**known, this.slug: Called(this, None)})
    ]


def problems(definition: dict[str, Any]) -> list[str]:
    return [f"{problem.path}: {problem.reason}" for problem in validate(definition)]


def test_a_call_that_fits_is_fine() -> None:
    computed = {"size": "${{ event.payload.department }}", "days": 3}
    assert told(written("hire", call(input=computed)), callable_("equip")) == []
    assert problems(written("hire", call(input=computed))) == []


@pytest.mark.parametrize(
    ("params", "why"),
    [
        ({"workflow": "equp"}, "nodes[0].params.workflow: there is no workflow 'equp'"),
        (
            {"version": 2},
            "nodes[0].params.version: version 2 of 'equip' is called, and version 3 is published",
        ),
        ({"input": {}}, "nodes[0].params.input.size: is missing"),
        ({"input": {"size": 7}}, "nodes[0].params.input.size: does not fit: type is string"),
        (
            {"input": {"size": "x", "days": "soon"}},
            "nodes[0].params.input.days: does not fit: type is integer",
        ),
        ({"input": {"size": "x", "color": "red"}}, "nodes[0].params.input: there is no color"),
    ],
)
def test_a_call_that_cannot_work_is_refused_with_its_place(params: dict[str, Any], why: str) -> None:
    assert told(written("hire", call(**params)), callable_("equip")) == [why]


def test_what_an_expression_gives_may_be_anything() -> None:
    assert told(written("hire", call(input={"size": "x", "days": "${{ 3 }}"})), callable_("equip")) == []


def test_a_workflow_that_is_deactivated_or_declares_nothing_cannot_be_called() -> None:
    assert told(written("hire", call()), callable_("equip"), is_active=False) == [
        "nodes[0].params.workflow: 'equip' is deactivated: it cannot be called"
    ]
    assert told(written("hire", call()), written("equip")) == [
        "nodes[0].params.workflow: 'equip' declares no inputs: it cannot be called"
    ]


def test_a_circle_is_told_with_its_way() -> None:
    others = [callable_("b", call("c")), callable_("c", call("a"))]
    assert told(callable_("a", call("b")), *others) == [
        "nodes[0].params.workflow: workflows call each other in a circle: a → b → c → a"
    ]


def test_a_circle_of_others_ends_the_search_and_is_theirs() -> None:
    others = [callable_("b", call("c")), callable_("c", call("b"))]
    assert told(callable_("a", call("b")), *others) == []


def test_calls_are_five_deep_at_most() -> None:
    levels = [callable_(f"l{number}", call(f"l{number + 1}")) for number in range(1, 6)]
    assert told(written("l0", call("l1")), *levels[:4], callable_("l5")) == []
    found = told(written("l0", call("l1")), *levels, callable_("l6"))
    assert found == [
        "nodes[0].params.workflow: calls are nested more than 5 deep: l0 → l1 → l2 → l3 → l4 → l5 → l6"
    ]


def test_a_workflow_that_calls_itself_is_refused_by_its_form() -> None:
    assert "nodes[0].params.workflow: the workflow calls itself" in problems(callable_("equip", call()))


@pytest.mark.parametrize("params", [{"workflow": "${{ event.kind }}"}, {"version": "${{ 3 }}"}])
def test_what_is_called_is_written_out(params: dict[str, Any]) -> None:
    (name,) = params
    found = problems(written("hire", call(**params)))
    assert f"nodes[0].params.{name}: what is called is written out, not computed" in found


def test_input_is_known_where_it_is_declared_and_nowhere_else() -> None:
    reads = {"id": "own", "type": "flow.set", "params": {"values": {"size": "${{ input.size }}"}}}
    assert problems(callable_("equip", reads)) == []
    (problem,) = problems(written("equip", reads))
    assert "input" in problem
    slip = {"id": "own", "type": "flow.set", "params": {"values": {"size": "${{ input.sise }}"}}}
    (problem,) = problems(callable_("equip", slip))
    assert "sise" in problem


def test_input_is_known_in_templates_where_it_is_declared() -> None:
    reads = {"id": "own", "type": "flow.fail", "params": {"message": "no {{ input.size }}"}}
    assert problems(callable_("equip", reads)) == []
    (problem,) = problems(written("equip", reads))
    assert "'input' is not known here" in problem


def test_outputs_are_checked_as_expressions_are() -> None:
    good = {"size": {"value": "${{ input.size }}", "schema": {"type": "string"}}}
    assert problems({**callable_("equip"), "outputs": good}) == []
    wrong = {"size": {"value": "${{ nodes.nobody.output }}", "schema": {"type": "txet"}}}
    found = problems({**callable_("equip"), "outputs": wrong})
    assert any(problem.startswith("outputs.size.value: ") for problem in found)
    assert any(problem.startswith("outputs.size.schema.type: is no JSON Schema") for problem in found)


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ({"type": "object", "properties": {"a": {"type": "txet"}}}, "inputs.properties.a.type: is no JSON"),
        ({"properties": {"a": {"pattern": "(a+)+$"}}}, "inputs.properties.a.pattern: pattern is not taken"),
        ({"$ref": "http://example.com/x"}, "inputs.$ref: leads out of the schema"),
        ({"type": "array"}, "inputs.type: what a workflow is given is an object"),
    ],
)
def test_inputs_are_a_schema_that_costs_no_time_and_no_network(schema: dict[str, Any], why: str) -> None:
    assert any(problem.startswith(why) for problem in problems({**callable_("equip"), "inputs": schema}))


def test_a_property_may_be_called_as_a_keyword_is() -> None:
    assert list(schema_problems({"properties": {"pattern": {"type": "string"}}}, "inputs")) == []


def test_a_schema_that_refers_to_itself_without_an_end_or_to_nothing_is_told() -> None:
    (endless,) = value_problems(1, {"$ref": "#"}, "input")
    assert "without an end" in endless.reason
    (nowhere,) = value_problems(1, {"$ref": "#/$defs/nothing"}, "input")
    assert "cannot be used" in nowhere.reason


def test_a_value_is_never_told() -> None:
    found = value_problems({"size": ["secret"]}, INPUTS, "input")
    assert found
    assert "secret" not in str(found)
