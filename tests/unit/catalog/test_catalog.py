"""The catalog finds node types by their place, and its documents are current."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner

from officeflow.catalog import documents, registry
from officeflow.catalog.schemas import catalog
from officeflow.cli.nodes import node
from officeflow.errors import InvalidInput, NotKnown, NotUndoable
from officeflow.nodes.flow.delay import Delay
from officeflow.sdk import Node

PAGES = Path(__file__).parents[3] / "docs" / "nodes"


def test_a_type_is_found_by_its_name() -> None:
    assert registry.node_type("flow.delay") is Delay
    assert registry.node_types()["flow.delay"] is Delay


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("identity.create_acount", "identity.create_account"),
        ("mail.send", "email.send"),
        ("calender.create", "calendar."),
    ],
)
def test_a_name_that_is_nearly_right_gets_a_suggestion(wrong: str, right: str) -> None:
    with pytest.raises(NotKnown) as caught:
        registry.node_type(wrong)
    assert right in caught.value.hint
    assert not registry.is_known(wrong)


def test_a_name_that_is_like_none_is_told_where_the_list_is() -> None:
    assert "node list" in registry.suggestion("zzzzzz")


def test_a_file_that_declares_another_type_than_its_place_says_is_refused() -> None:
    module = ModuleType("officeflow.nodes.flow.other")
    with pytest.raises(registry.BrokenNodeType, match="declares: none"):
        registry._declared_in(module, "flow.other")


def declared(**more: Any) -> type[Node[Any, Any, Any]]:
    """What the registry finds in a file that declares `flow.other`; `more` is in the class besides."""
    module = ModuleType("acme_nodes.flow.other")
    spec = dataclasses.replace(Delay.spec, type="flow.other", **more.pop("spec", {}))
    module.Other = type("Other", (Delay,), {"spec": spec, "__module__": module.__name__, **more})  # type: ignore[attr-defined]
    return registry._declared_in(module, "flow.other")


def take_back(self: object, params: object, output: object, provider: object, act: object) -> None:
    """Nothing is left to do."""


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"spec": {"undo": "The badge is blocked."}}, "says how it undoes, and has no method"),
        ({"undo": take_back}, "its spec does not say how"),
        ({"spec": {"undo": "Blocked.", "irreversible": True}, "undo": take_back}, "that it is irreversible"),
    ],
)
def test_a_type_that_says_something_else_about_undoing_than_it_does_is_refused(
    more: dict[str, Any], why: str
) -> None:
    with pytest.raises(registry.BrokenNodeType, match=why):
        declared(**more)


def test_a_type_that_can_undo_says_so_in_its_page() -> None:
    made = declared(spec={"undo": "The badge is blocked.", "inverse": "flow.delay"}, undo=take_back)
    entry = {**catalog()["flow.delay"], "undo": made.spec.undo, "inverse": made.spec.inverse}
    [row] = [line for line in documents.page(entry).splitlines() if line.startswith("| undone by |")]
    assert (
        "| itself: The badge is blocked. A workflow may use [`flow.delay`](flow.delay.md) instead. |" in row
    )
    assert catalog()["flow.delay"]["undo"] == ""


def test_a_type_without_undo_says_that_nothing_was_taken_back() -> None:
    with pytest.raises(NotUndoable, match=r"flow\.delay does not know how to undo"):
        Delay().undo(None, None, None, None)  # type: ignore[arg-type]


def test_listing_the_names_imports_no_node() -> None:
    program = (
        "import sys; from officeflow.catalog.registry import type_names; type_names();"
        " print('officeflow.nodes.email.send' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_reference_is_current() -> None:
    """`officeflow node docs docs/nodes` makes it so."""
    assert documents.stale(PAGES) == []


@pytest.mark.parametrize("name", registry.type_names())
def test_the_example_of_a_page_has_all_that_is_required(name: str) -> None:
    entry = catalog()[name]
    example = documents.example(entry)
    assert set(entry["params"].get("required", [])) <= set(example["params"])
    plain = {key: "2026-12-01" if key == "date" else value for key, value in example["params"].items()}
    assert registry.node_type(name).validate(plain).problems == ()


def test_writing_the_reference_touches_what_differs_and_removes_what_is_gone(tmp_path: Path) -> None:
    documents.write(tmp_path)
    assert documents.write(tmp_path) == []
    (tmp_path / "flow.gone.md").write_text("old")
    (tmp_path / "flow.delay.md").write_text("changed")
    assert {path.name for path in documents.write(tmp_path)} == {"flow.gone.md", "flow.delay.md"}
    assert documents.stale(tmp_path) == []


def call(*arguments: str) -> str:
    result = CliRunner().invoke(node, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


class TestCommand:
    def test_list_has_every_type(self) -> None:
        assert [line.split()[0] for line in call("list").splitlines()] == list(registry.type_names())
        assert set(json.loads(call("list", "--json"))) == set(registry.type_names())

    def test_show_is_the_page_or_the_schemas(self) -> None:
        assert "## Parameters" in call("show", "email.send")
        assert json.loads(call("show", "email.send", "--json"))["effect"] == "at_most_once"

    def test_docs_writes_and_checks(self, tmp_path: Path) -> None:
        with pytest.raises(InvalidInput, match="not current"):
            call("docs", str(tmp_path), "--check")
        assert "wrote" in call("docs", str(tmp_path))
        assert call("docs", str(tmp_path), "--check") == ""
