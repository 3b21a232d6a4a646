"""Whatever is given, however much of it: it is refused with a reason, or builds."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from officeflow.demo.setup import DEFINITIONS, load_definition
from officeflow.errors import InvalidDefinition
from officeflow.workflows import graph
from officeflow.workflows.models import Definition
from officeflow.workflows.validation import MAX_PROBLEMS, from_text, parse, validate
from tests.unit.workflows.drawings import CONNECTIONS, definition, edge, record


def test_too_many_nodes_are_refused_without_looking_at_each() -> None:
    problems = validate(definition(*[record(f"n{number}") for number in range(501)]))
    assert [(problem.path, problem.reason) for problem in problems] == [
        ("nodes", "there are 501, more than 500")
    ]


def test_five_hundred_nodes_are_accepted() -> None:
    nodes = [record(f"n{number}") for number in range(500)]
    assert (
        validate(
            definition(*nodes, edges=[edge(f"n{number}", f"n{number + 1}", "true") for number in range(499)])
        )
        == []
    )


def test_a_flood_of_problems_is_cut_off() -> None:
    problems = validate(definition(*[{"id": f"n{number}", "type": "x.y"} for number in range(400)]))
    assert len(problems) == MAX_PROBLEMS + 1
    assert "problems more" in problems[-1].reason


def test_parse_raises_with_all_problems() -> None:
    with pytest.raises(InvalidDefinition, match=r"'x' has 2 problems") as caught:
        parse(definition(record("a", type="x.y"), name=""))
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "line 1, column 2"),
        (b"\xff", "UTF-8"),
        ('{"a": 1, "a": 2}', "twice: a"),
        ("[" * 200_000, "nesting"),
        ("1" * 5000, "number"),
        (" " * (4 * 1024 * 1024 + 1), "larger than 4 MiB"),
    ],
)
def test_text_that_is_no_json_is_refused(text: str | bytes, reason: str) -> None:
    with pytest.raises(InvalidDefinition) as caught:
        from_text(text)
    assert reason in str(caught.value)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["a", "${{ nodes.a }}", "{{ x }}"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=15,
)
FIELDS = st.sampled_from(
    [
        "id",
        "type",
        "connection",
        "params",
        "from",
        "to",
        "condition",
        "retryPolicy",
        "compensatesFor",
        "position",
        "name",
    ]
)
ITEMS = JSON | st.lists(JSON | st.dictionaries(FIELDS, JSON, max_size=6), max_size=5)


@given(
    JSON
    | st.fixed_dictionaries(
        {}, optional={"slug": JSON, "trigger": JSON, "nodes": ITEMS, "edges": ITEMS, "tags": JSON}
    )
)
def test_no_json_crashes_validation(raw: Any) -> None:
    given_json = copy.deepcopy(raw)
    for problem in validate(raw, lambda: CONNECTIONS):
        assert problem.reason
    assert repr(raw) == repr(given_json), "validation leaves what it is given alone"


@st.composite
def damaged(draw: st.DrawFn) -> dict[str, Any]:
    """The demonstration's definition with something in it replaced or removed."""
    raw = load_definition(draw(st.sampled_from(DEFINITIONS)))
    for _ in range(draw(st.integers(1, 3))):
        holder: Any = raw
        while True:
            key = draw(st.sampled_from(sorted(holder) if isinstance(holder, dict) else range(len(holder))))
            if isinstance(holder[key], dict | list) and holder[key] and draw(st.booleans()):
                holder = holder[key]
                continue
            break
        if draw(st.booleans()):
            holder[key] = draw(JSON)
        else:
            del holder[key]
        if not raw:
            break
    return raw


@settings(max_examples=60)
@given(damaged())
def test_a_damaged_definition_is_refused_or_builds(raw: dict[str, Any]) -> None:
    if not validate(raw, lambda: CONNECTIONS):
        graph.build(Definition.model_validate(raw))
