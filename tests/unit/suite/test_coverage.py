"""The coverage of all sections together."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from coverage import CoverageData

from tests import suite
from tests.suite import drop_unwritten


@pytest.mark.parametrize(
    ("argument", "long", "measured"), [("", False, False), ("coverage", False, True), ("all", True, True)]
)
def test_what_the_command_measures(
    monkeypatch: pytest.MonkeyPatch, argument: str, *, long: bool, measured: bool
) -> None:
    asked: list[dict[str, bool]] = []
    monkeypatch.setattr(suite, "run_all", lambda _, **options: asked.append(options))
    assert suite.main([argument] if argument else []) == 0
    assert [(each.get("long", False), each.get("measured", False)) for each in asked] == [(long, measured)]


def test_what_killed_processes_left_unwritten_is_dropped_and_nothing_else_is(tmp_path: Path) -> None:
    whole = tmp_path / ".coverage.doors.vm.pid1.Xwhole"
    data = CoverageData(str(whole))
    data.add_lines({"/a.py": [1]})
    data.close()
    begun = tmp_path / ".coverage.doors.vm.pid2.Xbegun"
    sqlite3.connect(begun).execute("CREATE TABLE other (x)").connection.close()
    (tmp_path / ".coverage.doors.vm.pid3.Xempty").touch()
    (tmp_path / ".coverage.doors.vm.pid4.Xtorn").write_bytes(whole.read_bytes()[:5000])
    broken_section = tmp_path / ".coverage.doors"
    broken_section.write_bytes(b"no database")
    drop_unwritten(tmp_path)
    assert {*tmp_path.iterdir()} == {whole, broken_section}
    kept = CoverageData(str(whole))
    kept.read()
    assert kept.lines("/a.py") == [1]
