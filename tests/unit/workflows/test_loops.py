"""Loops, default edges and joins on any node: what a definition may say of them, and what the graph makes of
it.
"""

from __future__ import annotations

from typing import Any

import pytest

from officeflow.errors import InvalidDefinition
from officeflow.sdk.execution import Rounds
from officeflow.workflows import graph, render
from officeflow.workflows.diff import diff
from officeflow.workflows.graph import Dependency, Graph, TriggerRule
from officeflow.workflows.models import Definition, to_json
from tests.unit.workflows.drawings import definition, edge, found, record

LOOP: dict[str, Any] = {"id": "all", "type": "flow.for_each", "params": {"items": [1, 2], "at_once": 3}}


def inner(key: str, **fields: Any) -> dict[str, Any]:
    return record(key, each="all", **fields)


def default(source: str, target: str, **fields: Any) -> dict[str, Any]:
    return {**edge(source, target), "default": True, **fields}


def reading(key: str, expression: str, **fields: Any) -> dict[str, Any]:
    params = {"action": "a", "subject": f"${{{{ {expression} }}}}"}
    return record(key, **{"params": params, **fields})


def built(*nodes: Any, edges: Any = None) -> Graph:
    drawn = definition(*nodes, edges=edges)
    assert found(drawn) == {}
    return graph.build(Definition.model_validate(drawn))


def two_ways(*more: Any, **changes: Any) -> dict[str, Any]:
    ways = [edge("a", "b", "event.payload.x == 1"), {**default("a", "c"), **changes}, *more]
    return definition(record("a"), record("b"), record("c"), record("d"), edges=ways)


class TestDefaults:
    def test_a_default_edge_is_taken_where_no_other_is(self) -> None:
        made = graph.build(Definition.model_validate(two_ways(edge("a", "d", "event.payload.x == 2"))))
        conditions = {branch.skips: branch.condition for branch in made.branches["a"]}
        assert conditions["c"] == "!(event.payload.x == 1) && !(event.payload.x == 2)"
        assert {(d.upstream, d.downstream): d.label for d in made.dependencies}["a", "c"] == "otherwise"

    def test_one_into_a_join_is_a_task_with_its_label(self) -> None:
        made = built(
            record("a"),
            record("b"),
            record("c"),
            edges=[edge("a", "b", "event.payload.x == 1"), edge("b", "c"), default("a", "c", label="else")],
        )
        assert [(task.key, task.label) for task in made.edge_tasks] == [("edge__a__c", "else")]
        assert Dependency("a", "edge__a__c", "else") in made.dependencies

    @pytest.mark.parametrize(
        ("raw", "path", "reason"),
        [
            (two_ways(condition="true"), "edges[1].condition", "has no condition"),
            (two_ways(default("a", "d")), "edges[2].default", "already"),
            (two_ways(edge("a", "d")), "edges[1].default", "never taken"),
            (
                definition(record("a"), record("c"), edges=[default("a", "c")]),
                "edges[0].default",
                "no other edge",
            ),
            (
                definition(
                    {"id": "a", "type": "flow.branch", "params": {"cases": [{"when": "true", "to": "b"}]}},
                    record("b"),
                    record("c"),
                    edges=[edge("a", "b"), default("a", "c")],
                ),
                "edges[1].default",
                "a default of its own",
            ),
            (
                definition(
                    record("a"),
                    *(record(f"b{n}") for n in range(3)),
                    record("c"),
                    edges=[
                        *(edge("a", f"b{n}", f"event.payload.x == '{'x' * 2000}{n}'") for n in range(3)),
                        default("a", "c"),
                    ],
                ),
                "edges[3].default",
                "too long together",
            ),
        ],
    )
    def test_one_that_cannot_be_is_refused(self, raw: Any, path: str, reason: str) -> None:
        assert reason in found(raw)[path].reason


class TestJoins:
    @pytest.mark.parametrize(
        ("mode", "rule"),
        [
            ("taken", TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS),
            ("all", TriggerRule.ALL_SUCCESS),
            ("any", TriggerRule.ONE_SUCCESS),
        ],
    )
    def test_any_node_may_say_what_it_waits_for(self, mode: str, rule: TriggerRule) -> None:
        nodes = [record("a"), record("b"), record("c", join=mode)]
        assert built(*nodes, edges=[edge("a", "c"), edge("b", "c")]).trigger_rules["c"] is rule

    def test_a_flow_join_says_it_in_either_way_and_not_in_two(self) -> None:
        def join(**fields: Any) -> dict[str, Any]:
            nodes = [record("a"), record("b"), {"id": "c", "type": "flow.join", **fields}]
            return definition(*nodes, edges=[edge("a", "c"), edge("b", "c")])

        for raw in (join(join="all"), join(params={"mode": "all"}), join(join="all", params={"mode": "all"})):
            assert found(raw) == {}
            rules = graph.build(Definition.model_validate(raw)).trigger_rules
            assert rules["c"] is TriggerRule.ALL_SUCCESS
        problem = found(join(join="taken", params={"mode": "all"}))["nodes[2].join"]
        assert problem.reason == "says taken, and its params.mode says all"

    def test_one_edge_is_not_waited_for_in_ways(self) -> None:
        raw = definition(record("a"), record("b", join="all"), edges=[edge("a", "b")])
        assert "fewer than two lead to it" in found(raw)["nodes[1].join"].reason


class TestBody:
    def test_it_begins_behind_the_loop_and_what_leaves_the_loop_waits_for_all_rounds(self) -> None:
        made = built(LOOP, inner("x"), inner("y"), record("end"), edges=[edge("x", "y"), edge("y", "end")])
        assert [node.id for node in made.nodes] == ["all", "x", "y", "end"]
        assert set(made.dependencies) == {
            Dependency("x", "y"),
            Dependency("edge__all-rounds", "end"),
            Dependency("all", "x"),
            Dependency("all", "edge__all-rounds"),
            Dependency("y", "edge__all-rounds"),
        }
        assert made.trigger_rules["edge__all-rounds"] is TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS
        assert made.rounds_of("end") == Rounds(bodies={"x": "all", "y": "all"})
        assert made.rounds_of("x").siblings == {"x", "y"}
        assert (made.loops[0].at_once, made.loops[0].leaves) == (3, ("y",))

    def test_a_node_decides_for_itself_whether_it_was_come_to(self) -> None:
        made = built(
            LOOP,
            inner("x"),
            inner("y"),
            inner("z", join="all"),
            edges=[
                edge("all", "x", "item == 1"),
                default("all", "y"),
                edge("x", "z", "item_index > 0"),
                edge("y", "z"),
            ],
        )
        assert made.rounds["x"].arrivals == ('"all" in nodes && (item == 1)',)
        assert made.rounds["y"].arrivals == ('"all" in nodes && (!(item == 1))',)
        assert made.rounds["z"].arrivals == ('"x" in nodes && (item_index > 0)', '"y" in nodes')
        assert made.rounds["z"].needs_all
        assert made.branches == {}
        assert made.edge_tasks == ()

    def test_a_join_within_it_runs_by_a_rule_that_one_failed_round_does_not_spread_by(self) -> None:
        nodes = [LOOP, inner("x"), inner("y"), inner("z")]
        made = built(*nodes, edges=[edge("x", "z"), edge("y", "z")])
        assert made.trigger_rules["z"] is TriggerRule.NONE_FAILED
        assert made.rounds["z"].arrivals == ('"x" in nodes', '"y" in nodes')

    def test_the_loop_decides_before_it_and_the_way_is_taken_behind_it(self) -> None:
        made = built(
            LOOP, inner("x"), record("end"), edges=[edge("all", "end", "nodes.all.output.count > 0")]
        )
        ways = {(d.upstream, d.downstream) for d in made.dependencies}
        assert {("all", "edge__all__end"), ("edge__all-rounds", "edge__all__end")} < ways
        assert ("edge__all__end", "end") in ways

    @pytest.mark.parametrize("expression", ["item", "item.name", "string(item_index)"])
    def test_item_is_known_within_it_alone(self, expression: str) -> None:
        assert found(definition(LOOP, reading("x", expression, each="all"))) == {}
        outside = found(definition(LOOP, inner("x"), reading("y", expression), edges=[edge("x", "y")]))
        assert "is not known here" in outside["nodes[2].params.subject"].reason
        assert "only a node of a loop has it" in outside["nodes[2].params.subject"].suggestion
        assert "is not known here" in found(reading_edge(expression))["edges[0].condition"].reason

    def test_templates_know_it_too(self) -> None:
        fail = {"id": "x", "type": "flow.fail", "params": {"message": "{{ item.name }} {{ item_index }}"}}
        assert found(definition(LOOP, {**fail, "each": "all"})) == {}
        problem = found(definition(fail))["nodes[0].params.message"]
        assert "'item' is not known" in problem.reason
        assert "only a node of a loop has it" in problem.suggestion

    def test_what_it_gave_is_an_object_within_it_and_a_list_behind_it(self) -> None:
        value = {"id": "x", "type": "flow.set", "each": "all", "params": {"values": {"n": 1}}}
        whole, one = "string(nodes.x.output.map(r, r.n)[0])", "string(nodes.x.output.n)"
        way = [edge("x", "y")]
        assert found(definition(LOOP, value, reading("y", one, each="all"), edges=way)) == {}
        assert found(definition(LOOP, value, reading("y", whole), edges=way)) == {}
        assert found(definition(LOOP, value, reading("y", one), edges=way))
        assert found(definition(LOOP, value, reading("y", whole, each="all"), edges=way))

    def test_a_loop_may_be_over_what_another_gave(self) -> None:
        value = {"id": "x", "type": "flow.set", "each": "all", "params": {"values": {"n": 1}}}
        second = {"id": "more", "type": "flow.for_each", "params": {"items": "${{ nodes.x.output }}"}}
        made = built(
            LOOP, value, second, reading("y", "string(item.n)", each="more"), edges=[edge("x", "more")]
        )
        assert Dependency("edge__all-rounds", "more") in made.dependencies
        assert made.rounds["y"].siblings == {"y"}
        assert made.rounds["y"].bodies == {"x": "all", "y": "more"}

    def test_what_it_gave_is_not_there_beside_it(self) -> None:
        raw = definition(LOOP, inner("x"), reading("y", "string(size(nodes.x.output))"), edges=[])
        assert "does not run before 'y'" in found(raw)["nodes[2].params.subject"].reason

    @pytest.mark.parametrize(
        ("nodes", "edges", "path", "reason"),
        [
            ([LOOP], [], "nodes[0]", "is a loop of nothing"),
            ([LOOP, inner("x"), record("y", each="al")], [], "nodes[2].each", "there is no node 'al'"),
            ([LOOP, inner("x"), record("y", each="x")], [], "nodes[2].each", "not flow.for_each"),
            (
                [LOOP, inner("x"), {**LOOP, "id": "b", "each": "all"}, record("y", each="b")],
                [],
                "nodes[2].each",
                "loops are not nested",
            ),
            (
                [LOOP, inner("x"), inner("y", compensatesFor=["x"], compensationType="rollback")],
                [],
                "nodes[2].each",
                "part of no loop",
            ),
            (
                [record("a"), LOOP, inner("x"), inner("y")],
                [edge("a", "y"), edge("x", "y")],
                "edges[0]",
                "from outside into the loop 'all'",
            ),
            (
                [LOOP, inner("x"), record("y")],
                [edge("x", "y", "item == 1")],
                "edges[0].condition",
                "cannot decide about what comes after",
            ),
            (
                [LOOP, inner("x"), record("y"), inner("z")],
                [edge("x", "z", "true"), default("x", "y")],
                "edges[1].default",
                "cannot decide about what comes after",
            ),
            (
                [
                    LOOP,
                    {
                        "id": "x",
                        "type": "flow.branch",
                        "each": "all",
                        "params": {"cases": [{"when": "true", "to": "y"}]},
                    },
                    record("y"),
                ],
                [edge("x", "y")],
                "edges[0]",
                "decides in each round",
            ),
            (
                [LOOP, inner("x"), inner("y"), inner("z", join="any")],
                [edge("x", "z", "true"), edge("y", "z")],
                "edges[0]",
                "waits for any",
            ),
            ([{**LOOP, "params": {"items": "abc"}}, inner("x")], [], "nodes[0].params.items", "list"),
            ([{**LOOP, "params": {"items": {}}}, inner("x")], [], "nodes[0].params.items", "list"),
            (
                [{**LOOP, "params": {"items": [], "at_once": "${{ 1 + 1 }}"}}, inner("x")],
                [],
                "nodes[0].params.at_once",
                "written out",
            ),
            (
                [{**LOOP, "params": {"items": [], "at_once": 0}}, inner("x")],
                [],
                "nodes[0].params.at_once",
                "",
            ),
            ([LOOP, inner("x"), record("y")], [edge("x", "y"), edge("y", "all")], "edges[1]", "cycle"),
        ],
    )
    def test_one_that_cannot_be_is_refused(self, nodes: Any, edges: Any, path: str, reason: str) -> None:
        problems = found(definition(*nodes, edges=edges))
        assert reason in problems[path].reason, problems

    def test_a_loop_that_was_never_checked_is_refused_where_it_is_built(self) -> None:
        with pytest.raises(InvalidDefinition, match="no node of the flow"):
            graph.build(Definition.model_validate(definition(inner("x"))))


def reading_edge(expression: str) -> dict[str, Any]:
    nodes = [record("a"), record("b"), LOOP, inner("x")]
    return definition(*nodes, edges=[edge("a", "b", f"{expression} == 'x'")])


DRAWN = definition(
    {**LOOP, "name": "Each thing"},
    inner("x"),
    inner("y"),
    inner("z"),
    record("end", join="all"),
    record("other"),
    edges=[
        edge("x", "y", "item == 1"),
        default("x", "z"),
        edge("all", "end"),
        edge("other", "end"),
    ],
)


@pytest.mark.parametrize(
    ("form", "parts"),
    [
        (
            "text",
            (
                "↻ x, y, z  for each item, at most 3 at once",
                "→ z  otherwise",
                "→ end  after all rounds",
                "waits for all of all, other",
            ),
        ),
        (
            "dot",
            ('subgraph "cluster_all" { label="for each item of Each thing', '"x" -> "z" [label="otherwise"]'),
        ),
        ("mermaid", ('subgraph l0["for each item of Each thing', '-->|"otherwise"|', '(("all rounds"))')),
    ],
)
def test_drawings_show_loops_defaults_and_joins(form: str, parts: tuple[str, ...]) -> None:
    made = Definition.model_validate(DRAWN)
    drawing = render.FORMATS[form](made, graph.build(made))
    assert all(part in drawing for part in parts), drawing


def test_a_difference_names_what_came_to_a_node_and_an_edge() -> None:
    plain = definition(record("a"), record("b"), record("c"), edges=[edge("a", "c"), edge("b", "c")])
    other = {
        **plain,
        "nodes": [record("a"), record("b"), record("c", join="all")],
        "edges": [edge("a", "c", "true"), default("b", "c")],
    }
    before, after = (to_json(Definition.model_validate(raw)) for raw in (plain, other))
    assert {(change.kind, change.path) for change in diff(before, after)} == {
        ("added", "nodes.c.join"),
        ("changed", "edges.a → c.condition"),
        ("added", "edges.b → c.default"),
    }
