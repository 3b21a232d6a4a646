"""What a run would do: what is computed, what is hidden, what is said to be unknown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from officeflow.runner.planning import plan as plans
from officeflow.runner.planning.given import Given
from officeflow.runner.planning.leaves import NOT_KNOWN
from officeflow.runner.planning.plan import Plan, PlannedNode
from officeflow.runs.acts import MASK
from officeflow.workflows.check_calls import Called
from officeflow.workflows.models import Definition

SECRET = "ana@home.example"
EMPLOYEE = {"external_id": "E1", "title": "Clerk", "personal_email": SECRET, "status": "preboarding"}


def given(payload: Mapping[str, Any] | None = None, kind: str = "employee.onboard") -> Given:
    values: dict[str, Any] = {"employee": EMPLOYEE, "org": {"slug": "acme", "name": "Acme", "settings": {}}}
    if kind:
        values["event"] = {"id": "1", "kind": kind, "employee": "E1", "payload": dict(payload or {})}
    return Given(kind, values, {**values, "employee": {**EMPLOYEE, "personal_email": MASK}})


def planned(nodes: list[dict[str, Any]], *edges: Any, of: Given | None = None, **fields: Any) -> Plan:
    drawn = [
        {"from": source, "to": target, **({"condition": more[0]} if more else {})}
        for source, target, *more in edges
    ]
    trigger = fields.pop("trigger", {"events": ["employee.onboard"]})
    others: dict[str, Any] = fields.pop("callees", {})
    known = {
        slug: each if isinstance(each, Called) else called(slug, nodes=each) for slug, each in others.items()
    }
    raw = {"slug": "w", "name": "W", "trigger": trigger, "nodes": nodes, "edges": drawn, **fields}
    return plans.make(Definition.model_validate(raw), of or given(), callees=known.get)


def note(key: str, subject: str = "x", **more: Any) -> dict[str, Any]:
    return {"id": key, "type": "audit.record", "params": {"action": "seen", "subject": subject}, **more}


def values(key: str, **named: Any) -> dict[str, Any]:
    return {"id": key, "type": "flow.set", "params": {"values": named}}


def find(key: str) -> dict[str, Any]:
    params = {"external_id": "${{ employee.external_id }}"}
    return {"id": key, "type": "identity.find_account", "connection": "directory", "params": params}


def verdicts(plan: Plan) -> dict[str, str]:
    return {node.key: node.verdict.value for node in plan.nodes}


def node(plan: Plan, key: str) -> PlannedNode:
    return next(each for each in plan.nodes if each.key == key)


class TestWhetherItStarts:
    def test_by_kind_and_filter(self) -> None:
        trigger = {"events": ["employee.onboard"], "filter": 'event.payload.country == "ES"'}
        assert planned([note("a")], of=given({"country": "ES"}), trigger=trigger).starts is True
        assert planned([note("a")], of=given({"country": "DE"}), trigger=trigger).starts is False
        assert planned([note("a")], of=given(kind="employee.exit")).starts is False
        wrong = planned([note("a")], of=given({}), trigger=trigger)
        assert wrong.starts is False
        assert "cannot be computed" in wrong.why

    def test_for_a_person_there_is_no_event(self) -> None:
        told = planned([note("a", "${{ employee.title }}"), note("b", "${{ event.id }}")], of=given(kind=""))
        assert told.starts is None
        assert node(told, "a").params["subject"] == "Clerk"
        assert node(told, "b").unknown[0].reads == ("event",)


class TestParameters:
    def test_what_only_a_run_knows_is_said(self) -> None:
        told = planned([find("f"), note("a", "was ${{ nodes.f.output.found }}")], ("f", "a"))
        assert node(told, "f").params == {"external_id": "E1"}
        (unknown,) = node(told, "a").unknown
        assert (unknown.path, unknown.reads) == ("params.subject", ("nodes.f",))
        assert node(told, "a").params == {"action": "seen", "subject": NOT_KNOWN}

    def test_a_sensitive_value_is_hidden_wherever_it_goes(self) -> None:
        told = planned(
            [
                values(
                    "s", mail="${{ employee.personal_email }}", size="${{ size(employee.personal_email) }}"
                ),
                note("a", "${{ nodes.s.output.mail }}"),
                note("b", "${{ nodes.s.output.size }} letters"),
                note("c", "${{ employee.title }}"),
            ],
            ("s", "a"),
            ("s", "b"),
            ("s", "c"),
        )
        assert SECRET not in repr(plans.to_json(told))
        assert node(told, "s").hidden == ("params.values.mail", "params.values.size")
        assert node(told, "a").params["subject"] == node(told, "b").params["subject"] == MASK
        assert node(told, "c").params["subject"] == "Clerk"
        assert node(told, "c").hidden == ()

    def test_an_error_does_not_tell_a_sensitive_value(self) -> None:
        told = planned([note("a", "${{ int(employee.personal_email) }}")])
        assert SECRET not in repr(told)
        assert node(told, "a").problems

    def test_what_fails_ends_the_run_there(self) -> None:
        told = planned([note("a", "${{ event.payload.nothing }}"), note("b")], ("a", "b"))
        assert verdicts(told) == {"a": "RUNS", "b": "SKIPPED"}
        assert node(told, "a").problems[0].path == "params.subject"


class TestWays:
    def test_a_condition_that_is_known_and_one_that_is_not(self) -> None:
        told = planned(
            [find("f"), note("yes"), note("no"), note("maybe")],
            ("f", "yes", 'event.kind == "employee.onboard"'),
            ("f", "no", "false"),
            ("f", "maybe", "nodes.f.output.found"),
        )
        assert verdicts(told) == {"f": "RUNS", "yes": "RUNS", "no": "SKIPPED", "maybe": "UNKNOWN"}
        assert "nodes.f.output.found" in node(told, "maybe").why

    def test_a_branch_is_computed(self) -> None:
        params = {"cases": [{"when": 'event.payload.team == "it"', "to": "it"}], "default": "other"}
        branch = {"id": "b", "type": "flow.branch", "params": params}
        drawn = ([branch, note("it"), note("other")], ("b", "it"), ("b", "other"))
        assert verdicts(planned(*drawn, of=given({"team": "it"}))) == {
            "b": "RUNS",
            "it": "RUNS",
            "other": "SKIPPED",
        }
        assert verdicts(planned(*drawn, of=given({"team": "hr"})))["it"] == "SKIPPED"

    def test_joins(self) -> None:
        nodes = [find("f"), note("a"), note("b"), note("any"), note("all", join="all")]
        told = planned(
            nodes,
            ("f", "a", "nodes.f.output.found"),
            ("f", "b"),
            ("a", "any"),
            ("b", "any"),
            ("a", "all"),
            ("b", "all"),
        )
        assert verdicts(told) == {"f": "RUNS", "a": "UNKNOWN", "b": "RUNS", "any": "RUNS", "all": "UNKNOWN"}

    def test_a_node_that_ends_the_run(self) -> None:
        fail = {"id": "f", "type": "flow.fail", "params": {"reason": "no"}}
        assert verdicts(planned([fail, note("a")], ("f", "a"))) == {"f": "RUNS", "a": "SKIPPED"}

    def test_what_a_loop_is_left_for_goes_on_without_items(self) -> None:
        end = note("end", "${{ string(size(nodes.r.output)) }} things")
        drawn = ([*LOOP, note("r", "${{ item }}", each="l"), end], ("l", "r"), ("r", "end"))
        none = planned(*drawn, of=given({"things": []}))
        assert verdicts(none) == {"l": "RUNS", "r": "SKIPPED", "end": "RUNS"}
        assert node(none, "end").params["subject"] == "0 things"


LOOP = [{"id": "l", "type": "flow.for_each", "params": {"items": "${{ event.payload.things }}"}}]


class TestRounds:
    def test_each_item_that_is_known_is_planned(self) -> None:
        body = [
            {**values("s", twice="${{ item + item }}"), "each": "l"},
            note("r", "${{ string(item_index) }}: ${{ nodes.s.output.twice }}", each="l"),
            note("odd", each="l"),
        ]
        end = note("end", "${{ nodes.s.output[1].twice }}")
        edges = (("l", "s"), ("s", "r"), ("s", "odd", 'item == "b"'), ("r", "end"))
        told = planned([*LOOP, *body, end], *edges, of=given({"things": ["a", "b"]}))
        assert verdicts(told) == dict.fromkeys(["l", "s", "r", "odd", "end"], "RUNS")
        rounds = node(told, "r").in_rounds
        assert [(each.round, each.item, each.params["subject"]) for each in rounds] == [
            (0, "a", "0: aa"),
            (1, "b", "1: bb"),
        ]
        assert (node(told, "r").params, node(told, "r").unknown, node(told, "r").rounds) == ({}, (), 2)
        assert [each.verdict.value for each in node(told, "odd").in_rounds] == ["SKIPPED", "RUNS"]
        assert node(told, "odd").why == "1 of 2 rounds come to it for certain"
        assert node(told, "end").params["subject"] == "bb"

    def test_one_that_fails_ends_its_own_round_and_what_comes_after_the_loop(self) -> None:
        body = [note("r", "${{ string(10 / item) }}", each="l"), note("then", each="l")]
        edges = (("l", "r"), ("r", "then"), ("then", "end"))
        told = planned([*LOOP, *body, note("end")], *edges, of=given({"things": [5, 0]}))
        assert [each.verdict.value for each in node(told, "then").in_rounds] == ["RUNS", "SKIPPED"]
        assert len(node(told, "r").problems) == 1
        assert verdicts(told)["end"] == "SKIPPED"

    def test_items_that_only_a_run_knows_leave_it_open(self) -> None:
        params = {"items": "${{ nodes.f.output.groups }}"}
        loop = {"id": "l", "type": "flow.for_each", "params": params}
        told = planned([find("f"), loop, note("r", "${{ item }}", each="l")], ("f", "l"), ("l", "r"))
        assert node(told, "r").in_rounds == ()
        assert node(told, "r").unknown[0].reads == ("item",)

    def test_of_a_long_list_the_first_are_planned_and_the_others_counted(self) -> None:
        drawn = ([*LOOP, note("r", "${{ string(item) }}", each="l"), note("end")], ("l", "r"), ("r", "end"))
        told = node(planned(*drawn, of=given({"things": list(range(300))})), "r")
        assert (len(told.in_rounds), told.rounds) == (20, 300)
        assert told.note == "the first 20 of 300 rounds are planned"

    def test_what_is_sensitive_in_an_item_is_hidden(self) -> None:
        loop = {"id": "l", "type": "flow.for_each", "params": {"items": ["${{ employee.personal_email }}"]}}
        told = planned([loop, note("r", "to ${{ item }}", each="l")], ("l", "r"))
        (only,) = node(told, "r").in_rounds
        assert (only.item, only.params["subject"]) == (MASK, MASK)
        assert SECRET not in repr(plans.to_json(told))


class TestCalls:
    def test_what_is_called_is_planned_with_what_it_is_given(self) -> None:
        told = calling(
            {"size": "${{ event.payload.size }}", "mail": "${{ employee.personal_email }}"},
            equip=[
                note("order", "${{ input.size }} for ${{ employee.title }}"),
                note("tell", "${{ input.mail }}"),
            ],
        )
        first, second = node(told, "call").called
        assert (first.verdict.value, first.params["subject"]) == ("RUNS", "large for Clerk")
        assert second.params["subject"] == MASK
        assert SECRET not in repr(plans.to_json(told))

    def test_what_it_is_given_that_only_a_run_knows_is_said_where_it_is_read(self) -> None:
        told = calling(
            {"id": "${{ nodes.f.output.account_id }}"}, equip=[note("order", "${{ input.id }}"), note("a")]
        )
        first, second = node(told, "call").called
        assert (first.unknown[0].reads, second.params["subject"]) == (("input",), "x")

    def test_each_round_calls_with_its_item(self) -> None:
        call = {"id": "call", "type": "flow.call", "each": "l"}
        params = {"workflow": "equip", "input": {"size": "${{ item }}"}}
        told = planned(
            [*LOOP, {**call, "params": params}],
            ("l", "call"),
            of=given({"things": ["S", "L"]}),
            callees={"equip": [note("order", "${{ input.size }}")]},
        )
        rounds = node(told, "call").in_rounds
        assert [each.called[0].params["subject"] for each in rounds] == ["S", "L"]

    @pytest.mark.parametrize(
        ("callee", "why"),
        [
            ({}, "no such workflow is known here"),
            ({"is_active": False}, "it is deactivated"),
            ({"inputs": None}, "it declares no inputs"),
            (
                {"inputs": {"properties": {"size": {"type": "integer"}}}},
                "it does not take what it would be given",
            ),
            ({"version": 4}, "version 3 is called, and version 4 is published"),
            ({"nodes": [{"id": "c", "type": "flow.call", "params": {"workflow": "w"}}]}, ""),
        ],
    )
    def test_what_is_not_planned_says_why(self, callee: dict[str, Any], why: str) -> None:
        known = {"equip": called(**callee)} if callee else {}
        params = {"workflow": "equip", "version": 3, "input": {"size": "large"}}
        made = planned([{"id": "call", "type": "flow.call", "params": params}], callees=known)
        told = node(made, "call")
        if why:
            assert (told.called, why in told.note) == ((), True), told.note
        else:
            assert (
                told.called[0].note
                == "w is not planned: workflows call each other in a circle: w → equip → w"
            )

    def test_many_levels_are_planned_as_far_as_they_would_run(self) -> None:
        def level(number: int) -> list[dict[str, Any]]:
            return [{"id": "c", "type": "flow.call", "params": {"workflow": f"l{number}"}}]

        known: dict[str, Any] = {
            f"l{number}": called(slug=f"l{number}", nodes=level(number + 1)) for number in range(1, 9)
        }
        line, depth = node(planned(level(1), callees=known), "c"), 0
        while line.called:
            line, depth = line.called[0], depth + 1
        assert (depth, line.note) == (5, "l6 is not planned: calls are nested more than 5 deep")

    def test_a_plan_ends_somewhere(self) -> None:
        call = {"id": "call", "type": "flow.call", "each": "l", "params": {"workflow": "equip"}}
        many = [note(f"n{number}") for number in range(60)]
        told = planned(
            [*LOOP, call], ("l", "call"), of=given({"things": list(range(20))}), callees={"equip": many}
        )
        notes = [each.note for each in node(told, "call").in_rounds]
        assert (notes[0], notes[-1]) == ("", "equip is not planned: the plan is long enough already")


def called(
    slug: str = "equip", *, nodes: Any = (), version: int = 3, is_active: bool = True, **fields: Any
) -> Called:
    raw = {"slug": slug, "name": "C", "trigger": {"events": []}, "inputs": {"type": "object"}, **fields}
    drawn = {**raw, "nodes": list(nodes) or [note("a")], "edges": []}
    return Called(Definition.model_validate(drawn), version, is_active)


def calling(given_to_it: dict[str, Any], *, equip: list[dict[str, Any]]) -> Plan:
    """A workflow that looks for somebody and calls `equip`."""
    call = {"id": "call", "type": "flow.call", "params": {"workflow": "equip", "input": given_to_it}}
    return planned([find("f"), call], ("f", "call"), of=given({"size": "large"}), callees={"equip": equip})
