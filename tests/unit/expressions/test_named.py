"""Which nodes an expression names, told without an evaluator."""

from __future__ import annotations

import pytest

from officeflow.expressions.named import nodes_named


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ("nodes.find.output.login", {"find"}),
        ("nodes[\"group.find\"].output + nodes['a-b'].output", {"group.find", "a-b"}),
        ('nodes.?find.output.orValue("") == nodes[?"x"].output', {"find", "x"}),
        ("event.payload.nodes.find", set()),
        ('"nodes.find" + r"nodes.x\\"', set()),
        ("'it\\'s nodes.find'", set()),
        ("has(nodes.find.output) ? nodes . b . output : 1", {"find", "b"}),
        ("[1].map(nodes, nodes.x)", set()),
        ("mynodes.find", set()),
    ],
)
def test_ids_are_found_where_the_text_tells_them(source: str, named: set[str]) -> None:
    assert nodes_named(source) == named
