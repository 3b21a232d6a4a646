"""The broker's jars."""

from __future__ import annotations

from pathlib import Path

import pytest

from officeflow.stack.servers import fetch_jars, kafka


def test_the_lock_file_pins_every_jar_by_its_digest() -> None:
    pinned = fetch_jars.read_lock(kafka.LOCK)
    assert len(pinned) > 40
    assert all(len(digest) == 64 and coordinate.count(":") == 2 for coordinate, digest in pinned)
    assert fetch_jars.jar_name("org.apache.kafka:kafka_2.13:4.1.1") == "kafka_2.13-4.1.1.jar"


def test_jars_that_are_there_need_no_network_and_one_that_fails_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Our environment has no `jgo`: whatever has to be fetched fails here."""
    lock = tmp_path / "lock"
    lock.write_text("# comment\n\ng:there:1 aa\n")
    (tmp_path / "jars").mkdir()
    (tmp_path / "jars" / "there-1.jar").touch()
    assert fetch_jars.main(lock, tmp_path / "jars") == 0
    lock.write_text("g:there:1 aa\ng:absent:1 bb\n")
    assert fetch_jars.main(lock, tmp_path / "jars") == 1
    assert capsys.readouterr().out.startswith("g:absent:1 failed")
    assert [path.name for path in (tmp_path / "jars").iterdir()] == ["there-1.jar"]
