"""The neutral graph means what a definition says: a node runs if an incoming edge is taken and none of its
sources failed.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from officeflow.errors import InvalidDefinition
from officeflow.expressions.cel import compile_expression
from officeflow.workflows.graph import Graph, TriggerRule, build
from officeflow.workflows.models import Definition


def definition(keys: str | list[str], edges: list[tuple[str, str, str | None]], **changes: Any) -> Definition:
    nodes = [{"id": key, "type": "audit.record", **changes.get(key, {})} for key in keys]
    drawn = [{"from": source, "to": target, "condition": condition} for source, target, condition in edges]
    return Definition.model_validate(
        {"slug": "x", "name": "X", "trigger": {"events": ["employee.exit"]}, "nodes": nodes, "edges": drawn}
    )


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
    assert {
        source: [(b.condition, b.skips) for b in branches] for source, branches in graph.branches.items()
    } == {
        "a": [("x", "b")],
        "b": [("y", "edge__b__d")],
    }
    assert graph.trigger_rules["d"] is TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS
    assert graph.trigger_rules["b"] is TriggerRule.ALL_SUCCESS


def test_what_undoes_is_kept_apart() -> None:
    graph = build(
        definition("abu", [("a", "b", None)], u={"compensatesFor": ["a"], "compensationType": "rollback"})
    )
    assert [node.id for node in graph.nodes] == ["a", "b"]
    assert [node.id for node in graph.compensations] == ["u"]


def test_a_cycle_is_refused_by_name() -> None:
    with pytest.raises(InvalidDefinition, match=r"b → c → b|c → b → c"):
        build(definition("abc", [("a", "b", None), ("b", "c", None), ("c", "b", None)]))


def test_an_edge_to_nowhere_is_refused() -> None:
    with pytest.raises(InvalidDefinition, match="does not join two nodes"):
        build(definition("a", [("a", "z", None)]))


BRANCH: dict[str, Any] = {
    "type": "flow.branch",
    "params": {
        "cases": [{"when": "event.payload.x == 1", "to": "b"}, {"when": "event.payload.y", "to": ["b", "c"]}],
        "default": "d",
    },
}


def test_a_branch_decides_about_every_edge_that_leaves_it() -> None:
    graph = build(definition("abcd", [("a", "b", None), ("a", "c", None), ("a", "d", None)], a=BRANCH))
    assert [(b.condition, b.skips) for b in graph.branches["a"]] == [
        (f'"{key}" in nodes.a.output.taken', key) for key in "bcd"
    ]
    assert {d.downstream: d.label for d in graph.dependencies} == {
        "b": "event.payload.x == 1 or event.payload.y",
        "c": "event.payload.y",
        "d": "otherwise",
    }


def test_a_branch_into_a_join_skips_a_task_of_its_own_and_not_the_join() -> None:
    choice = {"type": "flow.branch", "params": {"value": "x", "choices": {"one": "b", "two": "c"}}}
    graph = build(definition("abc", [("a", "b", None), ("a", "c", None), ("b", "c", None)], a=choice))
    assert [(b.condition, b.skips) for b in graph.branches["a"]] == [
        ('"b" in nodes.a.output.taken', "b"),
        ('"c" in nodes.a.output.taken', "edge__a__c"),
    ]
    assert [(task.key, task.label) for task in graph.edge_tasks] == [("edge__a__c", "two")]


@pytest.mark.parametrize(
    ("mode", "rule"),
    [
        ("taken", "none_failed_min_one_success"),
        ("all", "all_success"),
        ("any", "one_success"),
        (None, "none_failed_min_one_success"),
    ],
)
def test_a_join_waits_as_its_mode_says(mode: str | None, rule: str) -> None:
    waiting = {"type": "flow.join", "params": {"mode": mode} if mode else {}}
    graph = build(
        definition("abcj", [("a", "j", None), ("b", "j", "event.payload.x"), ("a", "c", None)], j=waiting)
    )
    assert graph.trigger_rules["j"] == rule
    assert graph.trigger_rules["c"] == "all_success"


def test_a_join_is_told_when_each_of_its_edges_is_taken() -> None:
    found = definition(
        "abj", [("a", "j", None), ("b", "j", "nodes.b.output.changed || false")], j={"type": "flow.join"}
    )
    told = build(found).nodes[-1]
    assert told.params["sources"] == {
        "a": '"a" in nodes',
        "b": '"b" in nodes && (nodes.b.output.changed || false)',
    }
    assert found.node("j").params == {}, "the definition stays as it was written"
    conditions = [compile_expression(text) for text in told.params["sources"].values()]
    values = {"nodes": {"a": {"output": {}}, "b": {"output": {"changed": False}}}}
    assert [condition.test(values) for condition in conditions] == [True, False]
    assert [condition.test({"nodes": {}}) for condition in conditions] == [False, False]


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
            taken = [
                e
                for e in edges
                if states[e.source] == "success" and conditions.get((e.source, e.target), True)
            ]
            if sources & {"failed", "upstream_failed"}:
                states[node.id] = "upstream_failed"
            elif edges and not taken:
                states[node.id] = "skipped"
            else:
                states[node.id] = "failed" if node.id in failing else "success"
    return states


def simulated(graph: Graph, conditions: dict[tuple[str, str], bool], failing: set[str]) -> dict[str, str]:
    """What Airflow makes of the tasks: a node that succeeded skips what its false conditions name, the rest
    follows the trigger rules.
    """
    upstream: dict[str, list[str]] = {key: [] for key in graph.trigger_rules}
    for dependency in graph.dependencies:
        upstream[dependency.downstream].append(dependency.upstream)
    ends = {task.key: (task.source, task.target) for task in graph.edge_tasks}
    states: dict[str, str] = {}
    while len(states) < len(upstream):
        for key, sources in upstream.items():
            if key in states or any(source not in states for source in sources):
                continue
            states[key] = _ended(
                graph.trigger_rules[key], {states[source] for source in sources}, fails=key in failing
            )
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
    assert {key: state for key, state in states.items() if not key.startswith("edge__")} == meant(
        found, conditions, failing
    )


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
