"""What a run would do: what is computed, what is hidden, what is said to be unknown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from officeflow.runner.planning import plan as plans
from officeflow.runner.planning.given import Given
from officeflow.runner.planning.leaves import NOT_KNOWN
from officeflow.runner.planning.plan import Plan, PlannedNode
from officeflow.runs.acts import MASK
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
    raw = {"slug": "w", "name": "W", "trigger": trigger, "nodes": nodes, "edges": drawn, **fields}
    return plans.make(Definition.model_validate(raw), of or given())


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

    def test_rounds_of_a_loop(self) -> None:
        loop = {"id": "l", "type": "flow.for_each", "params": {"items": "${{ event.payload.things }}"}}
        drawn = ([loop, note("r", "${{ item }}", each="l"), note("end")], ("l", "r"), ("r", "end"))
        told = planned(*drawn, of=given({"things": ["a", "b"]}))
        assert (node(told, "r").rounds, node(told, "r").unknown[0].reads) == (2, ("item",))
        assert verdicts(told) == {"l": "RUNS", "r": "RUNS", "end": "RUNS"}
        none = planned(*drawn, of=given({"things": []}))
        assert node(none, "r").verdict.value == "SKIPPED"
