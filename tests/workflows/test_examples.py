"""The example workflows of the documentation."""

from __future__ import annotations

from pathlib import Path

import pytest

from officeflow.workflows import graph, render, validation
from officeflow.workflows.models import Definition

EXAMPLES = sorted((Path(__file__).parents[2] / "docs" / "examples").glob("*.json"))


def test_there_are_examples() -> None:
    assert EXAMPLES


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_right_and_named_after_its_workflow(path: Path) -> None:
    raw = validation.from_text(path.read_text())
    assert validation.validate(raw) == []
    definition: Definition = validation.parse(raw)
    assert definition.slug == path.stem
    drawing = render.as_text(definition, graph.build(definition))
    assert all(f"{node.id}  " in drawing for node in definition.nodes)
