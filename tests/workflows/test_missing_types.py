"""Published workflows whose node types nobody knows, since the processes were started without their
package.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from officeflow.catalog import registry
from officeflow.cli.stack import _tell_types_that_nobody_knows
from officeflow.database.engine import Database
from officeflow.database.tables import Organization
from officeflow.doctor import airflow
from officeflow.doctor.examination import subject_of
from officeflow.doctor.finding import Outcome
from officeflow.layout import Layout
from officeflow.stack.stack import Given, Stack
from officeflow.workflows import store
from officeflow.workflows.publish import Publisher
from tests.workflows.conftest import definition

pytestmark = pytest.mark.integration


@pytest.fixture
def used(publisher: Publisher, org: Organization) -> list[str]:
    """The node types of the one active workflow of two; one of them is `audit.record`."""
    found = definition("badge")
    for slug in ("badge", "off"):
        publisher.publish(org.slug, definition(slug), by="x")
    publisher.deactivate(org.slug, "off", by="x")
    return sorted({node["type"] for node in found["nodes"]})


@pytest.fixture
def forgotten(used: list[str], monkeypatch: pytest.MonkeyPatch) -> str:
    """One of its types is in no package any more."""
    monkeypatch.setattr(registry, "type_names", lambda: tuple(used[1:]))
    return used[0]


def test_active_workflows_with_types_that_nobody_knows_are_found(database: Database, used: list[str]) -> None:
    with database.service() as session:
        assert store.with_other_types(session, used, most=9) == []
        assert store.with_other_types(session, used[1:], most=9) == [("acme", "badge", used[:1])]
        assert store.with_other_types(session, [], most=9) == [("acme", "badge", used)]


def test_up_warns_of_them_and_names_the_variable(
    database_url: str,
    used: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    stack = Stack(Layout(home=tmp_path, servers=tmp_path), {}, Given(database_url=database_url))
    _tell_types_that_nobody_knows(stack)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(registry, "type_names", lambda: tuple(used[1:]))
    _tell_types_that_nobody_knows(stack)
    said = capsys.readouterr().err
    assert f"workflow badge of acme: there is no node type {used[0]}" in said
    assert "OFFICEFLOW_NODE_PACKAGES" in said


def test_doctor_names_their_organization_and_workflow_and_the_variable(
    database_url: str, forgotten: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OFFICEFLOW_DATABASE_URL", database_url)
    [found] = airflow.node_types(subject_of(Layout(home=tmp_path, servers=tmp_path)))
    assert found.outcome is Outcome.PROBLEM
    assert f"workflow badge of acme): there is no node type {forgotten}" in found.says
    assert "OFFICEFLOW_NODE_PACKAGES" in found.do
