"""The neutral graph means what a definition says: a node runs if an incoming edge is taken and none of its sources failed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from officeflow.errors import InvalidDefinition
from officeflow.workflows.graph import Graph, TriggerRule, build
from officeflow.workflows.models import Definition


def definition(keys: str | list[str], edges: list[tuple[str, str, str | None]], **changes: Any) -> Definition:
    nodes = [{"id": key, "type": "audit.record", **changes.get(key, {})} for key in keys]
    drawn = [{"from": source, "to": target, "condition": condition} for source, target, condition in edges]
    return Definition.model_validate({"slug": "x", "name": "X", "trigger": {"events": ["employee.exit"]}, "nodes": nodes, "edges": drawn})


def test_a_conditional_edge_into_a_join_becomes_a_task() -> None:
    graph = build(definition("abcd", [("a", "b", "x"), ("a", "c", None), ("b", "d", "y"), ("c", "d", None)]))
    assert [(task.key, task.condition) for task in graph.edge_tasks] == [("edge__b__d", "y")]
    assert {(d.upstream, d.downstream): d.label for d in graph.dependencies} == {
        ("a", "b"): "x",
        ("a", "c"): "",
        ("b", "edge__b__d"): "y",
        ("edge__b__d", "d"): "",
        ("c", "d"): "",
    }
    assert {source: [(b.condition, b.skips) for b in branches] for source, branches in graph.branches.items()} == {
        "a": [("x", "b")],
        "b": [("y", "edge__b__d")],
    }
    assert graph.trigger_rules["d"] is TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS
    assert graph.trigger_rules["b"] is TriggerRule.ALL_SUCCESS
    assert (graph.roots, graph.leaves) == (("a",), ("d",))


def test_what_undoes_is_kept_apart() -> None:
    graph = build(definition("abu", [("a", "b", None)], u={"compensatesFor": ["a"], "compensationType": "rollback"}))
    assert [node.id for node in graph.nodes] == ["a", "b"]
    assert [node.id for node in graph.compensations] == ["u"]


def test_a_cycle_is_refused_by_name() -> None:
    with pytest.raises(InvalidDefinition, match=r"b → c → b|c → b → c"):
        build(definition("abc", [("a", "b", None), ("b", "c", None), ("c", "b", None)]))


def test_an_edge_to_nowhere_is_refused() -> None:
    with pytest.raises(InvalidDefinition, match="does not join two nodes"):
        build(definition("a", [("a", "z", None)]))


Drawn = tuple[Definition, dict[tuple[str, str], bool], set[str]]


@st.composite
def drawn(draw: st.DrawFn) -> Drawn:
    """A definition without cycles, which of its conditions are true, and which nodes fail when they run."""
    keys = [f"n{number}" for number in range(draw(st.integers(1, 8)))]
    pairs = [(a, b) for i, a in enumerate(keys) for b in keys[i + 1 :]]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    conditional = {pair: draw(st.booleans()) for pair in chosen if draw(st.booleans())}
    edges = [(a, b, "c" if (a, b) in conditional else None) for a, b in chosen]
    shuffled = draw(st.permutations(keys))
    return definition(list(shuffled), edges), conditional, draw(st.sets(st.sampled_from(keys)))


def meant(found: Definition, conditions: dict[tuple[str, str], bool], failing: set[str]) -> dict[str, str]:
    """What the definition says: the state that each node ends in."""
    states: dict[str, str] = {}
    while len(states) < len(found.nodes):
        for node in found.nodes:
            edges = [edge for edge in found.edges if edge.target == node.id]
            if node.id in states or any(edge.source not in states for edge in edges):
                continue
            sources = {states[edge.source] for edge in edges}
            taken = [e for e in edges if states[e.source] == "success" and conditions.get((e.source, e.target), True)]
            if sources & {"failed", "upstream_failed"}:
                states[node.id] = "upstream_failed"
            elif edges and not taken:
                states[node.id] = "skipped"
            else:
                states[node.id] = "failed" if node.id in failing else "success"
    return states


def simulated(graph: Graph, conditions: dict[tuple[str, str], bool], failing: set[str]) -> dict[str, str]:
    """What Airflow makes of the tasks: a node that succeeded skips what its false conditions name, the rest follows the trigger rules."""
    upstream: dict[str, list[str]] = {key: [] for key in graph.trigger_rules}
    for dependency in graph.dependencies:
        upstream[dependency.downstream].append(dependency.upstream)
    ends = {task.key: (task.source, task.target) for task in graph.edge_tasks}
    states: dict[str, str] = {}
    while len(states) < len(upstream):
        for key, sources in upstream.items():
            if key in states or any(source not in states for source in sources):
                continue
            states[key] = _ended(graph.trigger_rules[key], {states[source] for source in sources}, fails=key in failing)
            if states[key] == "success":
                for branch in graph.branches.get(key, ()):
                    if not conditions[ends.get(branch.skips, (key, branch.skips))]:
                        states[branch.skips] = "skipped"
    return states


def _ended(rule: TriggerRule, sources: set[str], *, fails: bool) -> str:
    if sources & {"failed", "upstream_failed"}:
        return "upstream_failed"
    if rule is TriggerRule.ALL_SUCCESS and "skipped" in sources:
        return "skipped"
    if rule is TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS and "success" not in sources:
        return "skipped"
    return "failed" if fails else "success"


@settings(max_examples=200)
@given(drawn())
def test_tasks_end_as_the_definition_says(case: Drawn) -> None:
    found, conditions, failing = case
    graph = build(found)
    states = simulated(graph, conditions, failing)
    assert {key: state for key, state in states.items() if not key.startswith("edge__")} == meant(found, conditions, failing)


@given(drawn())
def test_each_task_comes_after_its_sources(case: Drawn) -> None:
    graph = build(case[0])
    place = {node.id: index for index, node in enumerate(graph.nodes)}
    assert set(place) == {node.id for node in case[0].nodes}
    for edge in case[0].edges:
        assert place[edge.source] < place[edge.target]
    tasks = set(graph.trigger_rules)
    assert all({dependency.upstream, dependency.downstream} <= tasks for dependency in graph.dependencies)
    assert all(branch.skips in tasks for branches in graph.branches.values() for branch in branches)
