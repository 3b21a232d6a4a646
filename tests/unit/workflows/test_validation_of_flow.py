"""Validation of what steers the flow: branches, joins, ends, named values."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.workflows.drawings import definition, edge, found, record


def branch(**params: Any) -> dict[str, Any]:
    return definition(
        {"id": "pick", "type": "flow.branch", "params": params},
        record("left"),
        record("right"),
        edges=[edge("pick", "left"), edge("pick", "right")],
    )


WAYS = {"cases": [{"when": "event.payload.x == 1", "to": "left"}], "default": "right"}


@pytest.mark.parametrize(
    ("params", "path", "reason", "suggestion"),
    [
        (
            {"cases": [{"when": "true", "to": "lefd"}], "default": "right"},
            "nodes[0].params.cases[0].to",
            "no edge leads from 'pick'",
            "left",
        ),
        (
            {**WAYS, "default": ["right", "zz"]},
            "nodes[0].params.default[1]",
            "to 'zz'",
            "its edges lead to left, right",
        ),
        (
            {"value": "x", "choices": {"a": "left", "b": ["rihgt"]}},
            "nodes[0].params.choices.b[0]",
            "to 'rihgt'",
            "did you mean right",
        ),
        ({"cases": WAYS["cases"]}, "edges[1]", "never goes this way", "name it"),
        (
            {**WAYS, "default": "${{ event.payload.way }}"},
            "nodes[0].params.default",
            "written out, not computed",
            "name a node",
        ),
        (
            {"cases": [{"when": "event.payload.x", "to": 5}], "default": ["left", "right"]},
            "nodes[0].params.cases[0].to",
            "valid list",
            "",
        ),
        (
            {"cases": [{"when": "1 + 1", "to": "left"}], "default": "right"},
            "nodes[0].params.cases[0].when",
            "true or false",
            "",
        ),
        (
            {"cases": [{"when": "evnt.x", "to": "left"}], "default": "right"},
            "nodes[0].params.cases[0].when",
            "'evnt' is not known",
            "event",
        ),
        (
            {"cases": [{"when": "${{ true }}", "to": "left"}], "default": "right"},
            "nodes[0].params.cases[0].when",
            "",
            "",
        ),
        (
            {"cases": [{"when": "nodes.left.output.changed", "to": "left"}], "default": "right"},
            "nodes[0].params.cases[0].when",
            "not run before",
            "",
        ),
        ({"default": "right"}, "nodes[0].params", "either cases, or value and choices", ""),
        ({**WAYS, "value": "x", "choices": {"a": "left"}}, "nodes[0].params", "either cases", ""),
        ({"choices": {"a": "left", "b": "right"}}, "nodes[0].params", "what the choices are chosen by", ""),
        ({**WAYS, "value": 1}, "nodes[0].params", "cases do not look at it", ""),
        ({**WAYS, "take": "some"}, "nodes[0].params.take", "'first' or 'all'", ""),
    ],
)
def test_a_branch_names_nodes_that_its_edges_lead_to(
    params: dict[str, Any], path: str, reason: str, suggestion: str
) -> None:
    problems = found(branch(**params))
    assert path in problems, list(problems)
    assert reason in problems[path].reason
    assert suggestion in problems[path].suggestion


def test_a_branch_that_is_right_is_valid_and_its_edges_have_no_conditions_of_their_own() -> None:
    assert found(branch(**WAYS)) == {}
    assert (
        found(branch(value="${{ event.payload.team }}", choices={"A": "left", "B": ["left", "right"]})) == {}
    )
    raw = branch(**WAYS)
    raw["edges"][0]["condition"] = "true"
    assert "decides about its edges itself" in found(raw)["edges[0].condition"].reason


def joined(condition: str | None = None, **params: Any) -> dict[str, Any]:
    node = {"id": "j", "type": "flow.join", "params": params}
    return definition(record("a"), record("b"), node, edges=[edge("a", "j"), edge("b", "j", condition)])


def test_a_join_has_several_edges_and_a_mode_that_is_written_out() -> None:
    assert found(joined()) == {}
    assert found(joined("nodes.b.output.changed", mode="any")) == {}
    assert "written out" in found(joined(mode="${{ event.payload.mode }}"))["nodes[2].params.mode"].reason
    assert (
        "filled in from the edges" in found(joined(sources={"a": "true"}))["nodes[2].params.sources"].reason
    )
    raw = joined()
    del raw["edges"][1]
    assert "joins nothing" in found(raw)["nodes[2]"].reason


def test_a_condition_that_leaves_no_room_for_the_joins_own_is_refused() -> None:
    text = f'event.payload.name == "{"x" * 4060}"'
    assert "too long for an edge into a join" in found(joined(text))["edges[1].condition"].reason
    assert found(joined(f'event.payload.name == "{"x" * 3900}"')) == {}


def test_nothing_comes_after_an_end() -> None:
    node = {"id": "end", "type": "flow.fail", "params": {"message": "no"}}
    assert found(definition(record("a"), node, edges=[edge("a", "end")])) == {}
    assert (
        "nothing comes after it"
        in found(definition(node, record("a"), edges=[edge("end", "a")]))["edges[0]"].reason
    )


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("nodes.own.output.days > 1", ""),
        ("nodes.own.output.buddy == 'x' || nodes.own.output.free == 7", ""),
        ("nodes.own.output.dys > 1", "no field 'dys'"),
        ("nodes.own.output.buddy > 1", "no matching overload"),
        ("nodes.own.output.days", "true or false"),
    ],
)
def test_what_reads_a_named_value_is_checked_against_its_kind(expression: str, reason: str) -> None:
    params = {
        "values": {"buddy": "${{ event.payload.b }}", "days": 14, "free": "${{ event.payload.c }}"},
        "types": {"buddy": "text"},
    }
    raw = definition(
        {"id": "own", "type": "flow.set", "params": params}, record("a"), edges=[edge("own", "a", expression)]
    )
    problems = found(raw)
    assert (reason in problems["edges[0].condition"].reason) if reason else problems == {}


@pytest.mark.parametrize(
    ("params", "path", "reason"),
    [
        ({"values": {}}, "nodes[0].params.values", "at least 1"),
        ({"values": {"in": 1}}, "nodes[0].params.values", "'in' cannot be"),
        ({"values": {"a": 1}, "types": {"b": "text"}}, "nodes[0].params", "there is no value 'b'"),
        ({"values": {"a": 1}, "types": {"a": "txt"}}, "nodes[0].params.types.a", "'text'"),
        ({"values": {"a": "${{ evnt.x }}"}}, "nodes[0].params.values.a", "'evnt' is not known"),
    ],
)
def test_named_values_are_checked(params: dict[str, Any], path: str, reason: str) -> None:
    assert reason in found(definition({"id": "own", "type": "flow.set", "params": params}))[path].reason
