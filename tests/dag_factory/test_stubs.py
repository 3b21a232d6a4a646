"""Stub files: a broken newest version neither hides its neighbours nor its own last good version, and a task
builds one DAG alone.
"""

from __future__ import annotations

import logging
import runpy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from officeflow.errors import InvalidDefinition
from tests.dag_factory.conftest import definition

if TYPE_CHECKING:
    from tests.dag_factory.conftest import Published

pytestmark = pytest.mark.integration

BROKEN: dict[str, Any] = {"nodes": [{"id": "a", "type": "nope.nothing"}], "edges": []}


@pytest.fixture
def folder(database_url: str, published: Published, storage: Path) -> Path:
    """Revision: `good` at version 1, `mended` at version 2 of which the second does not build, `hopeless`
    that never did.
    """
    from dag_factory.bundle import WorkflowBundle

    published.publish("good", definition("good"))
    published.publish("mended", definition("mended"))
    published.publish("mended", definition("mended", **BROKEN))
    published.publish("hopeless", definition("hopeless", **BROKEN))
    bundle = WorkflowBundle(name="workflows", database_url=database_url)
    bundle.initialize()
    return bundle.path / "acme"


def dags_of(stub: Path) -> dict[str, Any]:
    """What Airflow finds when it runs the file."""
    from airflow.sdk import DAG

    return {name: value for name, value in runpy.run_path(str(stub)).items() if isinstance(value, DAG)}


def test_a_broken_newest_version_falls_back_to_the_last_good_one(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="dag_factory.stubs"):
        dags = dags_of(folder / "w00.py")
    assert set(dags) == {"acme__good", "acme__mended"}
    assert dags["acme__mended"].get_task("a").version == 1
    assert "nope.nothing" in caplog.text


def test_the_check_file_has_no_dag_and_names_every_broken_workflow(folder: Path) -> None:
    with pytest.raises(InvalidDefinition) as raised:
        runpy.run_path(str(folder / "w00_check.py"))
    text = str(raised.value)
    assert "acme__mended: version 2 does not build" in text
    assert "acme__hopeless: version 1 does not build" in text
    assert "acme__good" not in text


def test_airflow_finds_each_dag_in_its_stub_alone(
    database_url: str, published: Published, storage: Path
) -> None:
    """A DAG that Airflow also saw in the check file would be looked for there by its tasks, who find none."""
    from airflow.dag_processing.dagbag import DagBag

    from dag_factory.bundle import WorkflowBundle

    published.publish("good", definition("good"))
    bundle = WorkflowBundle(name="workflows", database_url=database_url)
    bundle.initialize()
    found = {
        file: set(
            DagBag(
                dag_folder=bundle.path / "acme" / file, bundle_path=bundle.path, bundle_name="workflows"
            ).dags
        )
        for file in ("w00.py", "w00_check.py")
    }
    assert found == {"w00.py": {"acme__good"}, "w00_check.py": set()}


def test_inside_a_task_only_its_own_dag_is_built(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dag_factory import stubs
    from dag_factory.airflow_dag import build

    built: list[int] = []

    def counting(*args: Any, **kwargs: Any) -> Any:
        built.append(kwargs["version"])
        return build(*args, **kwargs)

    monkeypatch.setattr(stubs, "build", counting)
    monkeypatch.setenv("_AIRFLOW_PARSING_CONTEXT_DAG_ID", "acme__good")
    monkeypatch.setenv("_AIRFLOW_PARSING_CONTEXT_TASK_ID", "a")
    assert set(dags_of(folder / "w00.py")) == {"acme__good"}
    assert built == [1]


def test_inside_a_task_nothing_is_checked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_AIRFLOW_PARSING_CONTEXT_DAG_ID", "acme__good")
    monkeypatch.setenv("_AIRFLOW_PARSING_CONTEXT_TASK_ID", "a")
    assert not dags_of(folder / "w00_check.py")


def test_a_definition_that_is_not_there_is_an_error_and_no_older_one_stands_in(folder: Path) -> None:
    objects = folder.parent.parent / "objects"
    for path in objects.iterdir():
        path.unlink()
    with pytest.raises(FileNotFoundError):
        runpy.run_path(str(folder / "w00.py"))


def test_airflow_finds_the_stubs_in_its_safe_mode_too(folder: Path) -> None:
    for path in folder.glob("*.py"):
        text = path.read_text().lower()
        assert "dag" in text
        assert "airflow" in text


def test_the_database_is_not_needed_to_parse(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFICEFLOW_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    assert dags_of(folder / "w00.py")
