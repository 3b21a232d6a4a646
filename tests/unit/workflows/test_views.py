"""Definitions as people see them: drawings and differences."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from officeflow.demo.setup import load_definition
from officeflow.workflows import graph, render
from officeflow.workflows.diff import Change, diff
from officeflow.workflows.models import Definition, to_json


def _drawn(form: str, **changes: Any) -> str:
    definition = Definition.model_validate(load_definition("preboarding.json") | changes)
    return render.FORMATS[form](definition, graph.build(definition))


HOSTILE: dict[str, Any] = {
    "nodes": [
        {"id": "end", "type": "audit.record", "name": 'say "hi"\n<b>#1 & \\'},
        {"id": "b", "type": "audit.record"},
        {"id": "c", "type": "audit.record"},
        {"id": "u", "type": "audit.record", "compensatesFor": ["b"], "compensationType": "cleanup"},
    ],
    "edges": [
        {"from": "end", "to": "b", "condition": 'x == "|"', "label": "a|b"},
        {"from": "b", "to": "c"},
        {"from": "end", "to": "c", "condition": "y"},
    ],
}


def test_text_tells_what_follows_what() -> None:
    text = _drawn("text")
    assert "starts on employee.onboard\n  where has(event.payload.work_email)" in text
    assert (
        "find_account  Look for an account  [identity.find_account]\n  → create_account  if no account yet:"
        " !nodes." in text
    )
    assert "u  audit.record  [audit.record]\n  undoes (cleanup): b\n" in _drawn("text", **HOSTILE)


def test_a_branch_is_drawn_with_its_cases() -> None:
    changes: dict[str, Any] = {
        "nodes": [
            {
                "id": "pick",
                "type": "flow.branch",
                "params": {"cases": [{"when": "event.payload.x == 1", "to": "a"}], "default": ["b"]},
            },
            *({"id": key, "type": "audit.record"} for key in "ab"),
        ],
        "edges": [{"from": "pick", "to": "a"}, {"from": "pick", "to": "b", "label": "all others"}],
    }
    text, dot, mermaid = (_drawn(form, **changes) for form in ("text", "dot", "mermaid"))
    assert "  → a  if event.payload.x == 1\n  → b  if all others\n" in text
    assert '"pick" -> "a" [label="event.payload.x == 1"];' in dot
    assert '-->|"all others"|' in mermaid
    assert "output.taken" not in text + dot + mermaid


def test_dot_quotes_whatever_names_hold() -> None:
    text = _drawn("dot", **HOSTILE)
    assert '"end" [label="say \\"hi\\" <b>#1 & \\\\ (audit.record)"];' in text
    assert '"end" -> "b" [label="a|b"];' in text
    assert '"edge__end__c" [label="y", shape=diamond, style=solid];' in text
    assert '"u" -> "b" [style=dashed, label=undoes];' in text
    assert text.count("{") == text.count("}") == 1


def test_mermaid_escapes_whatever_names_hold() -> None:
    lines = _drawn("mermaid", **HOSTILE).splitlines()
    assert lines[0] == "flowchart LR"
    assert '  n0["say #quot;hi#quot; #lt;b#gt;#35;1 #amp; \\"]' in lines
    assert '  n0 -->|"a|b"| n1' in lines
    assert "  n4 -. undoes .-> n1" in lines


@pytest.mark.parametrize("form", render.FORMATS)
def test_every_node_is_drawn(form: str) -> None:
    names = [node["name"] for node in load_definition("preboarding.json")["nodes"]]
    assert all(name in _drawn(form) for name in names)


def test_a_difference_names_nodes_and_edges() -> None:
    before = to_json(Definition.model_validate(load_definition("preboarding.json")))
    after = copy.deepcopy(before)
    after["name"] = "Other"
    del after["nodes"][6]
    after["nodes"][0]["params"]["required"] = True
    after["nodes"][0]["retryPolicy"]["maxRetries"] = 5
    after["edges"][0]["condition"] = None
    after["edges"].append({"from": "a", "to": "b"})
    changes = {(change.kind, change.path) for change in diff(before, after)}
    assert changes == {
        ("changed", "name"),
        ("removed", "nodes.record"),
        ("added", "nodes.find_account.params.required"),
        ("changed", "nodes.find_account.retryPolicy.maxRetries"),
        ("changed", "edges.find_account → create_account.condition"),
        ("added", "edges.a → b"),
    }


def test_another_order_is_no_difference() -> None:
    before = load_definition("exit.json")
    after = copy.deepcopy(before)
    after["nodes"].reverse()
    after["edges"].reverse()
    assert diff(before, after) == []


def test_a_difference_has_both_values() -> None:
    before = load_definition("exit.json")
    assert diff(before, before | {"owner": "HR"}) == [Change("changed", "owner", "IT operations", "HR")]
