"""Which workflows have something to undo, where the graph has the tasks for it, and what is wrong with it."""

from __future__ import annotations

from typing import Any

import pytest

from officeflow.workflows import check_undo, render
from officeflow.workflows.graph import build
from officeflow.workflows.models import Definition
from tests.unit.workflows.drawings import definition, edge, found, record

ACCOUNT = {
    "id": "account",
    "type": "identity.create_account",
    "connection": "directory",
    "params": {"login": "ana@acme.example"},
}
MAIL = {
    "id": "mail",
    "type": "email.send",
    "connection": "mail",
    "params": {"to": "ana@acme.example", "subject": "s", "text": "t"},
}


def back(*keys: str, key: str = "back", by: str = "rollback", **fields: Any) -> dict[str, Any]:
    return record(key, compensatesFor=list(keys), compensationType=by, **fields)


def graph_of(*nodes: Any, edges: Any = None, **fields: Any) -> Any:
    return build(Definition.model_validate(definition(*nodes, edges=edges, **fields)))


@pytest.mark.parametrize(
    ("nodes", "has"),
    [
        ([record("a")], False),
        ([ACCOUNT], True),
        ([{**ACCOUNT, "undo": "keep"}], False),
        ([MAIL], False),
        ([record("a"), back("a")], True),
    ],
)
def test_only_a_workflow_with_something_to_undo_has_the_tasks_for_it(nodes: Any, has: bool) -> None:
    assert (graph_of(*nodes).ending is not None) is has


def test_undo_waits_for_the_leaves_and_for_what_leads_to_a_join() -> None:
    """A join ends as soon as one of its sources has failed, while another one runs."""
    ending = graph_of(
        ACCOUNT,
        record("b"),
        record("c"),
        record("d"),
        edges=[edge("account", "c"), edge("b", "c", "true"), edge("b", "d")],
    ).ending
    assert ending.verdict_after == ("c", "d")
    assert set(ending.undo_after) == {"c", "d", "account", "edge__b__c"}


def test_a_way_that_the_type_knows_is_right() -> None:
    assert found(definition({**ACCOUNT, "undo": "suspend"})) == {}
    assert found(definition({**ACCOUNT, "undo": "keep"})) == {}


@pytest.mark.parametrize(
    ("raw", "path", "reason"),
    [
        (definition({**ACCOUNT, "undo": "suspent"}), "nodes[0].undo", "knows no way 'suspent'"),
        (definition(record("a", undo="delete")), "nodes[0].undo", "knows no way to undo"),
        (definition(ACCOUNT, back("account", undo="keep")), "nodes[1].undo", "not undone itself"),
        (definition(record("a"), onFailure="undo"), "onFailure", "nothing to undo"),
        (definition(record("a"), back("b")), "nodes[1].compensatesFor[0]", "there is no node 'b'"),
        (definition(record("a"), back("back")), "nodes[1].compensatesFor[0]", "cannot undo itself"),
        (definition(record("a"), back("a", "a")), "nodes[1].compensatesFor[1]", "is there already"),
        (
            definition(record("a"), back("a"), edges=[edge("a", "back")]),
            "edges[0].to",
            "undoes other nodes and is no part of the flow",
        ),
        (
            definition(
                record("a"),
                {
                    "id": "w",
                    "type": "flow.delay",
                    "params": {"duration": "PT1H"},
                    "compensatesFor": ["a"],
                    "compensationType": "rollback",
                },
            ),
            "nodes[1].type",
            "steers, waits or asks",
        ),
        (definition(record("undo__a")), "nodes[0].id", "reserved"),
    ],
)
def test_what_is_wrong_has_its_place_and_reason(raw: Any, path: str, reason: str) -> None:
    problem = found(raw)[path]
    assert reason in problem.reason


def test_what_cannot_be_undone_is_named_before_and_is_no_problem() -> None:
    raw = definition(ACCOUNT, MAIL)
    assert found(raw) == {}
    [note] = check_undo.notes(Definition.model_validate(raw))
    assert (note.path, "irreversible" in note.reason) == ("nodes[1]", True)


def test_what_has_a_compensating_node_needs_no_note() -> None:
    raw = definition(MAIL, back("mail"))
    assert list(check_undo.notes(Definition.model_validate(raw))) == []


@pytest.mark.parametrize("form", list(render.FORMATS))
def test_a_drawing_shows_undo_and_verdict(form: str) -> None:
    drawn = Definition.model_validate(definition(ACCOUNT, MAIL, edges=[edge("account", "mail")]))
    text = render.FORMATS[form](drawn, build(drawn))
    assert "undo" in text
    if form == "text":
        assert "mail: nothing: it is irreversible" in text
        assert "account: The account that it created is deleted." in text
    else:
        assert "Verdict" in text
