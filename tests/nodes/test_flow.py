"""Nodes that steer the flow: what they decide, in a run as the platform makes it."""

from __future__ import annotations

from typing import Any

import pytest

from officeflow.sdk import NodeResult
from officeflow.workflows import graph as graphs
from officeflow.workflows.models import Definition
from tests.nodes.world import World

pytestmark = pytest.mark.integration

CASES: dict[str, Any] = {
    "cases": [
        {"when": "event.payload.first_name == 'Bob'", "to": "bob"},
        {"when": "event.payload.start_date.startsWith('2026')", "to": ["a", "b"]},
        {"when": "event.employee == '1001'", "to": ["b", "c"]},
    ]
}


class TestBranch:
    def branch(self, world: World, node: str = "pick", **params: Any) -> NodeResult:
        return world.run("flow.branch", params, node=node)

    def test_the_first_case_that_is_true_decides_or_all_of_them(self, world: World) -> None:
        assert self.branch(world, **CASES).output["taken"] == ["a", "b"]
        assert self.branch(world, "all", **CASES, take="all").output["taken"] == ["a", "b", "c"]

    def test_a_case_behind_the_one_that_decides_is_not_looked_at(self, world: World) -> None:
        unknown = {"when": "event.payload.nothing.like.this == 1", "to": "x"}
        sure = {"when": "true", "to": "a"}
        assert self.branch(world, cases=[sure, unknown]).output["taken"] == ["a"]
        failed = self.branch(world, "other", cases=[unknown, sure])
        assert failed.error is not None
        assert (failed.status, failed.error.code) == ("failed", "invalid_expression")
        assert "params.cases[0].when" in failed.error.message
        assert "nothing" in failed.error.message

    @pytest.mark.parametrize(
        ("value", "taken"),
        [
            ("${{ event.payload.first_name }}", ["ana"]),
            ("${{ event.employee == '1001' }}", ["yes"]),
            ("${{ 1 + 2 }}", ["three"]),
            ("${{ null }}", ["none"]),
            ("somebody", ["other"]),
        ],
    )
    def test_a_value_chooses_by_its_text(self, world: World, value: str, taken: list[str]) -> None:
        choices = {"Ana": "ana", "true": "yes", "3": "three", "null": "none"}
        assert self.branch(world, value=value, choices=choices, default="other").output["taken"] == taken

    def test_where_nothing_fits_and_nothing_is_said_the_run_stops_and_is_not_tried_again(
        self, world: World
    ) -> None:
        result = self.branch(world, cases=[{"when": "false", "to": "a"}])
        assert result.error is not None
        assert (result.status, result.error.code, result.error.retryable) == ("failed", "flow_stopped", False)

    def test_what_was_decided_stays_though_the_world_changes(self, world: World) -> None:
        """A cleared branch goes the same way again: its condition is no parameter whose value could
        differ.
        """
        case = {"when": "has(nodes.earlier)", "to": "late"}
        assert self.branch(world, cases=[case], default="early").output["taken"] == ["early"]
        world.run("audit.record", {"action": "a", "subject": "s"}, node="earlier")
        again = self.branch(world, cases=[case], default="early")
        assert (again.replayed, again.output["taken"]) == (True, ["early"])

    def test_what_a_condition_reads_is_not_told(self, world: World) -> None:
        result = self.branch(world, cases=[{"when": "event.payload.first_name.size() == 3", "to": "a"}])
        assert "Ana" not in f"{world.log.lines} {result.story}"


class TestSet:
    def test_values_keep_their_kind_for_later_nodes(self, world: World) -> None:
        values = {
            "name": "${{ event.payload.first_name + '!' }}",
            "days": "${{ 7 * 2 }}",
            "all": ["${{ event.employee }}", 2],
            "start": "${{ event.payload.start_date }}",
            "at": "${{ timestamp(event.time) }}",
            "nested": {"deep": "${{ true }}"},
        }
        types = {
            "name": "text",
            "days": "integer",
            "all": "list",
            "start": "date",
            "at": "moment",
            "nested": "object",
        }
        made = world.run("flow.set", {"values": values, "types": types}, node="own")
        assert made.status == "success", made.error
        assert made.output == {
            "changed": False,
            "name": "Ana!",
            "days": 14,
            "all": ["1001", 2],
            "start": "2026-12-01",
            "at": "2026-11-20T08:00:00Z",
            "nested": {"deep": True},
        }
        later = world.run("flow.set", {"values": {"twice": "${{ nodes.own.output.days * 2 }}"}}, node="later")
        assert later.output["twice"] == 28

    @pytest.mark.parametrize(
        ("value", "kind"),
        [
            ("${{ event.employee }}", "integer"),
            (1.5, "integer"),
            (True, "integer"),
            (True, "number"),
            (1, "text"),
            ("yes", "boolean"),
            ({}, "list"),
            ([], "object"),
            ("2026-02-30", "date"),
            ("2026-02-03T09:00:00", "moment"),
            (None, "text"),
        ],
    )
    def test_a_value_of_another_kind_fails_here_and_is_not_shown(
        self, world: World, value: Any, kind: str
    ) -> None:
        result = world.run("flow.set", {"values": {"x": value}, "types": {"x": kind}})
        assert result.error is not None
        assert result.status == "failed"
        [problem] = result.error.problems
        assert problem.path == "params.values.x"
        assert f"not of the kind {kind}" in problem.reason
        assert "1001" not in problem.reason

    def test_a_whole_number_in_json_may_have_a_point(self, world: World) -> None:
        result = world.run("flow.set", {"values": {"x": 3.0}, "types": {"x": "integer"}})
        assert repr(result.output["x"]) == "3"


class TestFail:
    def test_the_run_ends_with_the_message_and_is_not_tried_again(self, world: World) -> None:
        params = {"message": "{{ event.payload.first_name }} has no\n manager"}
        for number in (1, 2):
            result = world.run("flow.fail", params, try_number=number)
            assert result.error is not None
            assert (result.status, result.retry_in) == ("failed", None)
            assert (result.error.code, result.error.message) == ("flow_stopped", "Ana has no manager")


class TestWholeRuns:
    """Every node of a workflow's graph in turn, as the doors run them, with what they skip left out."""

    def walk(self, world: World, definition: dict[str, Any]) -> dict[str, NodeResult]:
        graph = graphs.build(Definition.model_validate(definition))
        results: dict[str, NodeResult] = {}
        skipped: set[str] = set()
        for node in graph.nodes:
            sources = [
                dependency.upstream for dependency in graph.dependencies if dependency.downstream == node.id
            ]
            if node.id in skipped or (
                sources and not any(self.came(graph, source, results, skipped) for source in sources)
            ):
                skipped.add(node.id)
                continue
            conditions = {branch.skips: branch.condition for branch in graph.branches.get(node.id, ())}
            results[node.id] = world.run(node.type, node.params, node=node.id, conditions=conditions)
            assert results[node.id].status == "success", results[node.id].error
            skipped |= set(results[node.id].skip)
        return results

    def came(
        self, graph: graphs.Graph, source: str, results: dict[str, NodeResult], skipped: set[str]
    ) -> bool:
        edge = next((task for task in graph.edge_tasks if task.key == source), None)
        return source not in skipped and (edge.source if edge else source) in results

    def test_a_branch_skips_what_it_does_not_take_and_a_join_knows_the_ways(self, world: World) -> None:
        record = {"type": "audit.record", "params": {"action": "a", "subject": "s"}}
        definition = {
            "slug": "ways",
            "name": "Ways",
            "trigger": {"events": ["employee.onboard"]},
            "nodes": [
                {
                    "id": "pick",
                    "type": "flow.branch",
                    "params": {"cases": CASES["cases"][1:], "default": ["c"]},
                },
                *({"id": key, **record} for key in "abc"),
                {"id": "join", "type": "flow.join"},
                {"id": "last", **record},
            ],
            "edges": [
                *({"from": "pick", "to": key} for key in "abc"),
                {"from": "a", "to": "join"},
                {"from": "b", "to": "join", "condition": "!nodes.b.output.changed"},
                {"from": "c", "to": "join"},
                {"from": "join", "to": "last", "condition": "'a' in nodes.join.output.taken"},
            ],
        }
        results = self.walk(world, definition)
        assert set(results) == {"pick", "a", "b", "join", "last"}
        assert results["pick"].skip == ["c"]
        assert results["b"].skip == ["edge__b__join"]
        assert (results["join"].output["taken"], results["join"].output["left_out"]) == (["a"], ["b", "c"])

    def test_a_join_that_is_cleared_later_says_what_it_said(self, world: World) -> None:
        params = {"mode": "any", "sources": {"a": '"a" in nodes', "b": '"b" in nodes'}}
        world.run("audit.record", {"action": "a", "subject": "s"}, node="a")
        first = world.run("flow.join", params, node="join")
        world.run("audit.record", {"action": "a", "subject": "s"}, node="b")
        again = world.run("flow.join", params, node="join", try_number=2)
        assert (first.output["taken"], again.output["taken"], again.replayed) == (["a"], ["a"], True)


class TestExpressionsThatFail:
    """They fail their node, and name the expression, the place and the types that they met."""

    def test_an_edges_condition(self, world: World) -> None:
        wrong = 'nodes.it.output.taken + "x" == "x"'
        result = world.run("flow.branch", CASES, conditions={"edge__it__next": wrong, "b": "true"})
        assert result.error is not None
        assert (result.status, result.error.code) == ("failed", "invalid_expression")
        assert result.error.message.startswith(f"edges: it → next: cannot evaluate `{wrong}`")
        assert "nodes.it.output.taken (list)" in result.error.message

    def test_a_branchs_case(self, world: World) -> None:
        result = world.run(
            "flow.branch", {"cases": [{"when": "event.payload.first_name > 3", "to": "a"}], "default": "b"}
        )
        assert result.error is not None
        assert "params.cases[0].when: cannot evaluate `event.payload.first_name > 3`" in result.error.message
        assert "event.payload.first_name (string)" in result.error.message
        assert "Ana" not in result.error.message

    def test_a_joins_source(self, world: World) -> None:
        result = world.run("flow.join", {"sources": {"a": "event.employee"}})
        assert result.error is not None
        assert "params.sources.a: cannot evaluate `event.employee`" in result.error.message
        assert "this gives string; it read event.employee (string)" in result.error.message

    def test_a_parameter_and_a_template(self, world: World) -> None:
        made = world.run("flow.set", {"values": {"x": ["${{ event.payload.first_name + 1 }}"]}})
        failed = world.run("flow.fail", {"message": "{{ event.payload.first_name + 1 }}"})
        for result, path in ((made, "params.values.x[0]"), (failed, "params.message")):
            assert result.error is not None
            [problem] = result.error.problems
            assert problem.path == path
            assert "event.payload.first_name (string)" in problem.reason
