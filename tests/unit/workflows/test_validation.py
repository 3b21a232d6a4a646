"""Validation finds everything that is wrong, and nothing that anybody writes gets past it as a crash."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from officeflow.demo.setup import DEFINITIONS, load_definition
from officeflow.workflows.validation import validate
from tests import staff_book
from tests.unit.workflows.drawings import CONNECTIONS, definition, edge, found, record


@pytest.mark.parametrize("name", DEFINITIONS)
def test_the_demonstration_is_valid(name: str) -> None:
    assert validate(load_definition(name), lambda: CONNECTIONS) == []


def test_everything_wrong_is_found_at_once() -> None:
    raw = definition(
        {"id": "a", "type": "identity.create_acount"},
        {"id": "a", "type": "email.send", "params": {"to": 5, "subjct": "x"}, "timeoutMs": "5"},
        {
            "id": "verdict",
            "type": "identity.create_account",
            "connection": "direktory",
            "params": {"login": "${{ nodes.zz.output.login }}"},
        },
        {
            "id": "meet",
            "type": "calendar.create_event",
            "connection": "mail",
            "params": {"title": "{{ foo }}", "time_zone": "Europe/Berln"},
        },
        record("c1", params={"action": "${{ nodes.c2.output.action }}", "subject": "s"}),
        record("c2", params={"action": "${{ 1 + }}", "subject": "${{ x"}),
        5,
        edges=[edge("a", "c1"), edge("c1", "c2", "1"), edge("c2", "c1"), edge("q", "meet"), {"frm": "a"}],
        trigger={"events": ["employee.onbord"], "filter": "nodes.a.output.x"},
        slug="A b",
        nmae="x",
    )
    paths = set(found(raw))
    assert paths == {
        *("slug", "nmae", "trigger.events[0]", "trigger.filter"),
        *("nodes[0].type", "nodes[1].id", "nodes[1].timeoutMs", "nodes[1].connection"),
        *("nodes[1].params.to", "nodes[1].params.subject", "nodes[1].params.subjct"),
        *("nodes[2].id", "nodes[2].connection", "nodes[2].params.login", "nodes[2]"),
        *("nodes[3].connection", "nodes[3].params.title", "nodes[3].params.time_zone", "nodes[3]"),
        *("nodes[5].params.action", "nodes[5].params.subject", "nodes[6]"),
        *("edges[1].condition", "edges[2]", "edges[3].from", "edges[4].from", "edges[4].to", "edges[4].frm"),
    }


@pytest.mark.parametrize(
    ("raw", "path", "reason", "suggestion"),
    [
        (
            definition({"id": "a", "type": "identity.create_acount"}),
            "nodes[0].type",
            "there is no node type",
            "identity.create_account",
        ),
        (
            definition(trigger={"events": ["employee.onbord"]}),
            "trigger.events[0]",
            "there is no kind of event",
            "employee.onboard",
        ),
        (
            definition(trigger={"events": ["employee.exit", "employee.exit"]}),
            "trigger.events[1]",
            "there already",
            "",
        ),
        (definition(trigger={"events": []}), "trigger.events", "at least 1 item", ""),
        (
            definition(trigger={"events": ["employee.exit"], "filter": "event.kin == 'x'"}),
            "trigger.filter",
            "no field 'kin'",
            "kind",
        ),
        (
            definition(trigger={"events": ["employee.exit"], "filter": "1"}),
            "trigger.filter",
            "true or false",
            "",
        ),
        (
            definition(trigger={"events": ["employee.exit"], "filter": "run.id == 'x'"}),
            "trigger.filter",
            "'run' is not known",
            "known are",
        ),
        (definition(record("a"), record("a")), "nodes[1].id", "the id of nodes[0]", "unique"),
        (definition(record("undo")), "nodes[0].id", "reserved", "another"),
        (definition(record("edge__a__b")), "nodes[0].id", "reserved", "another"),
        (definition(record("in")), "nodes[0].id", "reserved", "another"),
        (definition(record("A")), "nodes[0].id", "not a valid name", "lower-case"),
        (definition(slug="a--b"), "slug", "not a valid name", "hyphens"),
        (definition(tags=["ok", "\n"]), "tags[1]", "not a valid name", "letters"),
        (
            definition(record("a", retryPolicy={"maxRetrys": 1})),
            "nodes[0].retryPolicy.maxRetrys",
            "no such field",
            "maxRetries",
        ),
        (
            definition(record("a", retryPolicy={"maxRetries": -1})),
            "nodes[0].retryPolicy.maxRetries",
            "greater than or equal to 0",
            "",
        ),
        (definition(record("a", timeoutMs=1)), "nodes[0].timeoutMs", "greater than or equal to 1000", ""),
        (definition(record("a", position={"x": "1", "y": 2})), "nodes[0].position.x", "number", ""),
        (definition(record("a"), record("b"), edges=[edge("a", "bb")]), "edges[0].to", "no node 'bb'", ""),
        (
            definition(record("alpha"), record("b"), edges=[edge("alhpa", "b")]),
            "edges[0].from",
            "no node 'alhpa'",
            "alpha",
        ),
        (
            definition(record("a"), record("b"), edges=[edge("a", "b"), edge("a", "b")]),
            "edges[1]",
            "already: edges[0]",
            "remove one",
        ),
        (
            definition(record("a"), record("b"), edges=[edge("a", "b", "true"), edge("a", "b")]),
            "edges[1]",
            "already",
            "||",
        ),
        (definition(record("a"), edges=[edge("a", "a")]), "edges[0]", "with itself", ""),
        (
            definition(record("a"), record("b"), record("c"), edges=[edge("a", "b")]),
            "nodes[2]",
            "unreachable: no edge",
            "add an edge",
        ),
        (
            definition(record("a"), record("b"), edges=[edge("a", "b", "false")]),
            "nodes[1]",
            "unreachable: no run",
            "",
        ),
        (
            definition({"id": "a", "type": "email.send", "params": {}}),
            "nodes[0].connection",
            "is missing",
            "there are mail",
        ),
        (
            definition(record("a", connection="mail")),
            "nodes[0].connection",
            "uses no connection",
            "leave it out",
        ),
        (definition(record("a", params={"action": "a"})), "nodes[0].params.subject", "is missing", ""),
        (
            definition(record("a", params={"action": 1, "subject": "s"})),
            "nodes[0].params.action",
            "valid string",
            "",
        ),
        (
            definition(record("a", params={"action": "a", "subjet": "s"})),
            "nodes[0].params.subjet",
            "no such parameter",
            "subject",
        ),
        (
            definition(record("a", params={"action": "a\0", "subject": "s"})),
            "nodes[0].params.action",
            "cannot be stored",
            "",
        ),
        (
            definition(record("a", params={"action": "\ud800", "subject": "s"})),
            "nodes[0].params.action",
            "cannot be stored",
            "",
        ),
        (
            definition(record("a", params=json.loads("[" * 40 + "]" * 40))),
            "nodes[0].params" + "[0]" * 30,
            "nested more than 32",
            "",
        ),
        (definition(nodes=[]), "nodes", "at least one", ""),
        (definition(nodes="x"), "nodes", "is a list, not text", ""),
        ({"slug": "x"}, "nodes", "is missing", "at least one"),
        (definition(edges={}), "edges", "", ""),
        ([], "", "is a JSON object, not a list", ""),
        (None, "", "not null", ""),
    ],
)
def test_a_mistake_is_named_with_path_reason_and_suggestion(
    raw: Any, path: str, reason: str, suggestion: str
) -> None:
    if raw == definition(edges={}):
        raw["edges"] = {}
        reason = "is a list, not an object"
    problems = found(raw)
    assert path in problems, list(problems)
    assert reason in problems[path].reason
    assert suggestion in problems[path].suggestion


@pytest.mark.parametrize(
    ("trigger", "told"),
    [
        (None, "trigger: is not an object"),
        ({}, "trigger.events: is missing"),
        ({"events": "employee.exit"}, "trigger.events: input should be a valid list"),
        ({"events": [1]}, "trigger.events[0]: input should be a valid string"),
    ],
)
def test_a_trigger_without_events_is_told_of_once(trigger: object, told: str) -> None:
    assert [str(problem) for problem in validate(definition(record("a"), trigger=trigger))] == [told]


def test_a_definition_without_a_trigger_is_told_of_it_once() -> None:
    raw = definition(record("a"))
    del raw["trigger"]
    assert [str(problem) for problem in validate(raw)] == ["trigger: is missing"]


def test_cycles_are_named_one_by_one() -> None:
    nodes = [record(key) for key in "abcdef"]
    edges = [
        edge("a", "b"),
        edge("b", "c"),
        edge("c", "b"),
        edge("c", "d"),
        edge("d", "e"),
        edge("e", "f"),
        edge("f", "d"),
    ]
    reasons = [problem.reason for problem in validate(definition(*nodes, edges=edges))]
    assert len(reasons) == 2
    assert any(
        reason in {"the edges form a cycle: b → c → b", "the edges form a cycle: c → b → c"}
        for reason in reasons
    )
    assert any("d → e → f" in reason or "e → f → d" in reason or "f → d → e" in reason for reason in reasons)


def test_what_lies_behind_a_cycle_is_unreachable() -> None:
    nodes = [record(key) for key in "abc"]
    problems = found(definition(*nodes, edges=[edge("a", "b"), edge("b", "a"), edge("b", "c")]))
    assert "unreachable" in problems["nodes[2]"].reason


def test_two_edges_whose_tasks_would_have_one_name_are_refused() -> None:
    nodes = [record(key) for key in ("a", "a__b", "b__c", "c")]
    edges = [edge("a", "b__c", "true"), edge("a__b", "c", "true"), edge("a", "c"), edge("a__b", "b__c")]
    assert (
        "its task would be called edge__a__b__c" in found(definition(*nodes, edges=edges))["edges[0]"].reason
    )


@pytest.mark.parametrize("reader", ["condition", "params", "template"])
def test_a_node_can_only_read_what_runs_before_it(reader: str) -> None:
    mail = {
        "id": "m",
        "type": "email.send",
        "connection": "mail",
        "params": {"to": ["a@b.example"], "subject": "s", "text": "t"},
    }
    raw = definition(record("a"), record("b"), mail, edges=[edge("a", "b"), edge("a", "m")])
    assert found(raw) == {}
    if reader == "condition":
        raw["edges"][1]["condition"] = "nodes.b.output.action == 'x'"
        path = "edges[1].condition"
    elif reader == "params":
        mail["params"]["cc"] = ["${{ nodes.b.output.action }}"]  # type: ignore[index]
        path = "nodes[2].params.cc[0]"
    else:
        mail["params"]["text"] = "{{ nodes.b.output.action }}"  # type: ignore[index]
        path = "nodes[2].params.text"
    problem = found(raw)[path]
    assert "reads nodes.b, which does not run before" in problem.reason
    assert "those that do: a" in problem.suggestion


def test_an_edge_may_read_the_node_that_it_comes_from() -> None:
    raw = definition(record("a"), record("b"), edges=[edge("a", "b", "nodes.a.output.changed")])
    assert found(raw) == {}


@pytest.mark.parametrize(
    ("change", "path", "reason"),
    [
        ({"compensatesFor": ["a"]}, "nodes[1].compensationType", "is missing"),
        ({"compensationType": "rollback"}, "nodes[1].compensationType", "but not what"),
        (
            {"compensatesFor": ["zz"], "compensationType": "rollback"},
            "nodes[1].compensatesFor[0]",
            "no node 'zz'",
        ),
        (
            {"compensatesFor": ["b"], "compensationType": "rollback"},
            "nodes[1].compensatesFor[0]",
            "cannot undo itself",
        ),
        (
            {"compensatesFor": ["a"], "compensationType": "explode"},
            "nodes[1].compensationType",
            "'rollback', 'cleanup' or 'notification'",
        ),
    ],
)
def test_what_undoes_is_checked(change: dict[str, Any], path: str, reason: str) -> None:
    assert reason in found(definition(record("a"), record("b", **change)))[path].reason


def test_what_undoes_is_no_part_of_the_flow() -> None:
    undo = record("b", compensatesFor=["a"], compensationType="cleanup")
    undo["params"] = {"action": "${{ nodes.a.output.action }}", "subject": "s"}
    assert found(definition(record("a"), undo)) == {}
    assert (
        "no part of the flow"
        in found(definition(record("a"), undo, edges=[edge("a", "b")]))["edges[0].to"].reason
    )


@pytest.mark.parametrize(
    ("others", "suggestion"),
    [({}, "add one of the family identity"), ({"directory": "scim", "mail": "smtp"}, "there are directory")],
)
def test_a_node_whose_connection_leads_to_a_system_that_cannot_do_it_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, others: dict[str, str], suggestion: str
) -> None:
    nodes = [
        {"id": name, "type": f"identity.{name}", "connection": "staff", "params": {"login": "x"}}
        for name in ("find_account", "suspend_account", "delete_account")
    ]
    raw = definition(
        *nodes, edges=[edge("find_account", "suspend_account"), edge("suspend_account", "delete_account")]
    )
    staff_book.write(tmp_path)
    with staff_book.admitted(tmp_path, monkeypatch):
        problems = validate(raw, lambda: {"staff": "staffbook", **others})
    assert [(problem.path, problem.reason) for problem in problems] == [
        (
            "nodes[1].connection",
            "'staff' (Staff book) cannot suspend accounts, and identity.suspend_account needs that",
        ),
        (
            "nodes[2].connection",
            "'staff' (Staff book) cannot delete accounts, and identity.delete_account needs that",
        ),
    ]
    assert all(problem.suggestion.startswith(suggestion) for problem in problems)


def test_a_node_id_of_other_letters_is_the_only_problem_of_a_node_that_is_sound() -> None:
    node = {
        "id": "日本",
        "type": "audit.record",
        "params": {"action": "x.${{ event.kind }}", "subject": "employee:${{ employee.external_id }}"},
    }
    assert [problem.path for problem in validate(definition(node))] == ["nodes[0].id"]


def test_without_connections_their_existence_is_not_checked() -> None:
    node = {"id": "a", "type": "identity.find_account", "connection": "whatever", "params": {"login": "x"}}
    assert validate(definition(node)) == []
    assert "no connection 'whatever'" in found(definition(node))["nodes[0].connection"].reason
