"""What every node type promises of its plan: it is made by reading alone, and what it says is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from officeflow.catalog.registry import node_type, type_names
from officeflow.expressions.params import resolve
from officeflow.expressions.templates import render
from officeflow.sdk import Doing, Planned
from tests.nodes.case import Case, all_cases
from tests.nodes.ruled import surroundings
from tests.nodes.world import CONTEXT, World

CASES = all_cases()
ACTING = [name for name in type_names() if name not in CASES or not CASES[name].stops]
ALONE = {"audit.record"}
"""Types whose effect is in the ledger's own transaction: PURE, and not without a change."""

pytestmark = pytest.mark.integration


def plan(world: World, name: str, given: Mapping[str, Any], key: str) -> Sequence[Planned]:
    """As plan mode makes it: by a client that only looks."""
    case, node = CASES[name], node_type(name)
    drawn = resolve({**case.params, **given}, CONTEXT)
    literal = {key: render(value, CONTEXT) if is_template(value) else value for key, value in drawn.items()}
    act = world.act(key=key, **surroundings(world, node, case.connection or ""))
    if case.connection is None:
        return node().plan(node.parse(literal), None, act)
    client = world.open(case.connection, str(node.spec.family), only_looks=True)
    try:
        return node().plan(node.parse(literal), client, act)
    finally:
        client.close()


def is_template(value: object) -> bool:
    return isinstance(value, str) and "{{" in value


def traces(world: World) -> list[object]:
    """What every system has been asked to change, or has."""
    return [
        [request for request in world.scim.requests() if request["method"] != "GET"],
        world.caldav.events(),
        [request for request in world.api.seen if request["method"] not in {"GET", "HEAD"}],
        len(world.inbox.messages()),
        world.paper.writes(),
        world.reservations(),
    ]


def is_a_change(planned: Sequence[Planned]) -> bool:
    assert planned
    assert all(each.what for each in planned)
    assert all(each.note for each in planned if each.doing is Doing.UNKNOWN)
    return any(each.doing is not Doing.NO_CHANGE for each in planned)


@pytest.mark.parametrize("name", ACTING)
def test_planning_writes_nothing_and_says_whether_something_will_be_different(
    name: str, world: World
) -> None:
    """Twice: before the act, and when it has been done by another node already."""
    case: Case = CASES[name]
    given = case.arrange(world)
    for node, key in (("one", "a1" * 32), ("two", "a2" * 32)):
        before = traces(world)
        planned = plan(world, name, given, key)
        assert traces(world) == before
        result = world.run(
            name, {**case.params, **given}, connection=case.connection, node=node, answer=case.answer
        )
        assert result.status == "success", result.error
        assert is_a_change(planned) is result.output["changed"], planned
        if node == "one":
            assert is_a_change(planned) is (case.changes or name in ALONE)
