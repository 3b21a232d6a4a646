"""Logs that have had their time."""

from __future__ import annotations

import json
import os
import threading
import time
from pathlib import Path

import pytest

from counterparts.journal import Journal
from listeners.steward.duties import tidying
from officeflow.runtime.old_files import remove_older
from officeflow.settings import load_settings

DAY = 86_400.0
NOW = time.time()


def write(path: Path, *, days: float) -> Path:
    """A file that was written so many days ago, in a folder as old."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")
    for each in (path, path.parent):
        os.utime(each, (NOW - days * DAY, NOW - days * DAY))
    return path


def test_what_nobody_has_written_to_for_so_long_goes_and_the_rest_stays(tmp_path: Path) -> None:
    old = write(tmp_path / "dag_id=a" / "run_id=1" / "attempt=1.log", days=31)
    young = write(tmp_path / "dag_id=a" / "run_id=2" / "attempt=1.log", days=29)
    assert remove_older(tmp_path, 30 * DAY, now=NOW) == 1
    assert not old.exists()
    assert young.exists()
    assert remove_older(tmp_path, 30 * DAY, now=NOW) == 0


def test_folders_go_when_they_have_been_empty_for_a_day(tmp_path: Path) -> None:
    log = write(tmp_path / "dag_id=a" / "run_id=1" / "attempt=1.log", days=31)
    assert remove_older(tmp_path, 30 * DAY, now=NOW) == 1
    assert log.parent.exists(), "somebody may be about to write there"
    assert remove_older(tmp_path, 30 * DAY, now=NOW + 2 * DAY) == 0
    assert not log.parent.exists()
    assert tmp_path.exists()


def test_nothing_behind_a_link_is_touched_and_links_to_nothing_go(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside" / "precious", days=99)
    logs = tmp_path / "logs"
    write(logs / "dag_processor" / "2026-01-01" / "x.log", days=99)
    (logs / "dag_processor" / "latest").symlink_to(logs / "dag_processor" / "gone")
    (logs / "elsewhere").symlink_to(outside.parent)
    assert remove_older(logs, 30 * DAY, now=NOW) == 1
    assert outside.exists()
    assert (logs / "elsewhere").is_symlink()
    assert not (logs / "dag_processor" / "latest").is_symlink()


def test_a_folder_that_is_not_there_is_nothing_to_do(tmp_path: Path) -> None:
    assert remove_older(tmp_path / "none", 1.0) == 0


def test_the_steward_tidies_logs_by_the_setting_and_what_killed_processes_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OFFICEFLOW_HOME", str(tmp_path))
    monkeypatch.setenv("OFFICEFLOW_AIRFLOW_LOGS", str(tmp_path / "logs"))
    monkeypatch.setenv("OFFICEFLOW_TASK_LOG_DAYS", "7")
    aged = {"logs/week.log": 8, "logs/today.log": 0, "health/tmpabc": 1, "health/listener.json": 1}
    for name, days in aged.items():
        path = write(tmp_path / name, days=0)
        os.utime(path, (time.time() - days * DAY, time.time() - days * DAY))
    (duty,) = tidying(load_settings())
    assert duty.act() == 2
    assert {name for name in aged if (tmp_path / name).exists()} == {"logs/today.log", "health/listener.json"}
    monkeypatch.delenv("OFFICEFLOW_AIRFLOW_LOGS")
    (duty,) = tidying(load_settings())
    assert duty.act() == 0


def test_a_counterparts_journal_stays_small_and_loses_no_line_of_the_last_two_files(tmp_path: Path) -> None:
    path = tmp_path / "requests.jsonl"
    journal = Journal(path, most_bytes=4000)

    def fill(thread: int) -> None:
        for number in range(15):
            journal.write(thread=thread, number=number)

    threads = [threading.Thread(target=fill, args=(each,)) for each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = [
        json.loads(line)
        for each in (path, tmp_path / "requests.jsonl.1")
        for line in each.read_text().splitlines()
    ]
    assert {(line["thread"], line["number"]) for line in lines} == {
        (thread, number) for thread in range(4) for number in range(15)
    }
    assert path.stat().st_size <= 4000
    Journal(path, most_bytes=10).write(more=True)
    assert len(path.read_text().splitlines()) == 1
