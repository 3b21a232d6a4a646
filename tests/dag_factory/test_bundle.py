"""The bundle over a real PostgreSQL: it follows the newest revision, and any revision can be built again."""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from officeflow.errors import Unavailable

if TYPE_CHECKING:
    from dag_factory.bundle import WorkflowBundle
    from tests.dag_factory.conftest import Published

pytestmark = pytest.mark.integration

NOWHERE = "postgresql://postgres@127.0.0.1:1/none"


def bundle_of(url: str, version: str | None = None) -> WorkflowBundle:
    from dag_factory.bundle import WorkflowBundle

    return WorkflowBundle(name="workflows", database_url=url, version=version)


def tree(root: Path) -> dict[str, tuple[bytes, int]]:
    """Relative path to content and time of change."""
    return {
        str(path.relative_to(root)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in root.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }


def contents(root: Path) -> dict[str, bytes]:
    return {name: content for name, (content, _) in tree(root).items()}


def manifest(root: Path, stub: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((root / f"{stub}.json").read_text())["workflows"]
    return content


@pytest.fixture(autouse=True)
def _storage(storage: Path) -> None:
    """Every test has a folder of its own."""


def small(number: int) -> dict[str, Any]:
    return {"slug": "s", "nodes": [], "number": number}


def test_before_the_first_publish_the_bundle_is_empty_and_at_revision_0(database_url: str) -> None:
    bundle = bundle_of(database_url)
    bundle.initialize()
    version = bundle.get_current_version()
    assert version is not None
    assert version.version == "r0000000"
    assert contents(bundle.path) == {}


def test_the_26th_workflow_of_an_organization_stands_in_the_second_stub(
    database_url: str, published: Published
) -> None:
    for number in range(26):
        published.publish(f"flow-{number}", small(number))
    bundle = bundle_of(database_url)
    bundle.initialize()
    assert len(manifest(bundle.path, "acme/w00")) == 25
    assert list(manifest(bundle.path, "acme/w01")) == ["flow-25"]


def test_a_publish_rewrites_its_own_stub_alone(database_url: str, published: Published) -> None:
    for number in range(26):
        published.publish(f"flow-{number}", small(number))
    bundle = bundle_of(database_url)
    bundle.initialize()
    before = tree(bundle.path)
    published.publish("flow-25", small(100))
    bundle.refresh()
    after = tree(bundle.path)
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed == {"acme/w01.json", "acme/w01.py", "acme/w01_check.py"}
    version = bundle.get_current_version()
    assert version is not None
    assert version.version == "r0000027"


def test_a_refresh_without_a_new_revision_writes_nothing(database_url: str, published: Published) -> None:
    published.publish("hello", small(1))
    bundle = bundle_of(database_url)
    bundle.initialize()
    before = tree(bundle.path)
    bundle.refresh()
    bundle_of(database_url).initialize()
    assert tree(bundle.path) == before


def test_the_time_of_a_changed_stub_lies_ahead(database_url: str, published: Published) -> None:
    published.publish("hello", small(1))
    bundle = bundle_of(database_url)
    bundle.initialize()
    assert (bundle.path / "acme/w00.py").stat().st_mtime > time.time()


def test_the_manifest_names_the_three_newest_versions_the_newest_first(
    database_url: str, published: Published
) -> None:
    for number in range(5):
        published.publish("hello", small(number))
    bundle = bundle_of(database_url)
    bundle.initialize()
    versions = manifest(bundle.path, "acme/w00")["hello"]
    assert [version["version"] for version in versions] == [5, 4, 3]
    newest = json.loads((bundle.objects / versions[0]["object"]).read_text())
    assert newest == small(4)


def test_a_deactivated_workflow_stays_until_it_is_retired_and_comes_back_when_published_again(
    database_url: str, published: Published
) -> None:
    published.publish("hello", small(1))
    bundle = bundle_of(database_url)
    bundle.initialize()
    published.revise("hello", "deactivate")
    bundle.refresh()
    assert "hello" in manifest(bundle.path, "acme/w00")
    published.revise("hello", "retire")
    bundle.refresh()
    assert contents(bundle.path) == {}
    published.publish("hello", small(2))
    bundle.refresh()
    assert "hello" in manifest(bundle.path, "acme/w00")


def test_every_revision_can_be_built_again_as_it_was(database_url: str, published: Published) -> None:
    bundle = bundle_of(database_url)
    seen: dict[str, dict[str, bytes]] = {}
    for number in range(4):
        published.publish(f"flow-{number % 2}", small(number))
        bundle.initialize()
        version = bundle.get_current_version()
        assert version is not None
        seen[version.version] = contents(bundle.path)
    for name, files in seen.items():
        pinned = bundle_of(database_url, name)
        pinned.initialize()
        assert pinned.path == pinned.versions_dir / name
        assert contents(pinned.path) == files


@pytest.mark.parametrize("harm", ["folder", "stub", "manifest", "objects"])
def test_a_pinned_folder_that_was_damaged_is_built_again(
    database_url: str, published: Published, harm: str
) -> None:
    published.publish("hello", small(1))
    pinned = bundle_of(database_url, "r0000001")
    pinned.initialize()
    before = contents(pinned.path)
    match harm:
        case "folder":
            shutil.rmtree(pinned.path)
        case "stub":
            (pinned.path / "acme/w00.py").unlink()
        case "manifest":
            (pinned.path / "acme/w00.json").unlink()
        case "objects":
            shutil.rmtree(pinned.objects)
    bundle_of(database_url, "r0000001").initialize()
    assert contents(pinned.path) == before
    assert len(list(pinned.objects.iterdir())) == 1


def _initialize(url: str, version: str, barrier: Any, results: Any) -> None:
    bundle = bundle_of(url, version)
    barrier.wait()
    bundle.initialize()
    results.put((os.getpid(), sorted(contents(bundle.path)), (bundle.path / ".complete").stat().st_ino))


def test_eight_processes_that_start_at_once_build_a_pinned_folder_once(
    database_url: str, published: Published
) -> None:
    for number in range(30):
        published.publish(f"flow-{number}", small(number))
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["dag_factory.bundle"])
    barrier, results = context.Barrier(8), context.Queue()
    processes = [
        context.Process(target=_initialize, args=(database_url, "r0000030", barrier, results))
        for _ in range(8)
    ]
    for process in processes:
        process.start()
    answers = [results.get(timeout=120) for _ in processes]
    for process in processes:
        process.join(timeout=60)
    assert [process.exitcode for process in processes] == [0] * 8
    assert len({pid for pid, _, _ in answers}) == 8
    assert len({inode for _, _, inode in answers}) == 1
    assert all(files == answers[0][1] and len(files) == 6 for _, files, _ in answers)
    assert not list(bundle_of(database_url, "r0000030").versions_dir.glob(".*"))


def test_what_a_killed_build_left_behind_is_removed_by_the_next(
    database_url: str, published: Published
) -> None:
    published.publish("hello", small(1))
    pinned = bundle_of(database_url, "r0000001")
    left_over = pinned.versions_dir / ".building-x" / "acme"
    left_over.mkdir(parents=True)
    pinned.initialize()
    assert [path.name for path in pinned.versions_dir.iterdir()] == ["r0000001"]


def test_airflows_clean_up_leaves_a_version_that_a_process_has_just_opened(
    database_url: str, published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.dag_processing.bundles import base

    monkeypatch.setattr(
        base,
        "STALE_BUNDLE_TRACKING_FOLDER",
        pinned_tracking := bundle_of(database_url).base_dir.parent / "_tracking",
    )
    monkeypatch.setenv("AIRFLOW__DAG_PROCESSOR__STALE_BUNDLE_CLEANUP_MIN_VERSIONS", "0")
    published.publish("hello", small(1))
    pinned = bundle_of(database_url, "r0000001")
    pinned.initialize()
    (pinned_tracking / "workflows" / "r0000001").write_text("2020-01-01T00:00:00+00:00")
    again = bundle_of(database_url, "r0000001")
    again.initialize()
    base.BundleUsageTrackingManager()._remove_stale_bundle_versions_for_bundle("workflows")
    assert (pinned.path / "acme/w00.py").exists()


def test_while_the_database_is_away_the_bundle_keeps_what_it_has(
    database_url: str, published: Published, caplog: pytest.LogCaptureFixture
) -> None:
    published.publish("hello", small(1))
    bundle_of(database_url).initialize()
    away = bundle_of(NOWHERE)
    with caplog.at_level(logging.WARNING, logger="dag_factory.bundle"):
        away.initialize()
    version = away.get_current_version()
    assert version is not None
    assert version.version == "r0000001"
    assert "hello" in manifest(away.path, "acme/w00")
    assert "stay at revision 1" in caplog.text


def test_without_database_and_without_an_earlier_folder_there_is_an_error_instead_of_no_workflows() -> None:
    with pytest.raises(Unavailable):
        bundle_of(NOWHERE).initialize()


def test_a_pinned_bundle_does_not_refresh(database_url: str) -> None:
    with pytest.raises(RuntimeError, match="pinned to r0000001"):
        bundle_of(database_url, "r0000001").refresh()
