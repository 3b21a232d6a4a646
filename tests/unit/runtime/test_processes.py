"""What Linux tells of processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from officeflow.runtime import processes


@pytest.fixture
def stubborn(tmp_path: Path) -> Callable[[], subprocess.Popen[bytes]]:
    def start() -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            ["/bin/sh", "-c", 'trap "" TERM; echo; while :; do sleep 1; done'],
            process_group=0,
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        return process

    return start


def test_what_an_earlier_start_left_is_ended(
    tmp_path: Path, stubborn: Callable[[], subprocess.Popen[bytes]]
) -> None:
    process = stubborn()
    (tmp_path / "stubborn.pid").write_text(str(process.pid))
    (tmp_path / "gone.pid").write_text("999999999")
    (tmp_path / "broken.pid").write_text("")
    assert processes.end_leftovers(tmp_path, seconds=0.2) == ["stubborn"]
    assert process.wait() == -signal.SIGKILL
    assert not list(tmp_path.glob("[sg]*.pid"))


def test_a_stranger_who_has_the_pid_by_now_is_left_alone(
    tmp_path: Path, stubborn: Callable[[], subprocess.Popen[bytes]]
) -> None:
    process = stubborn()
    try:
        file = tmp_path / "ours.pid"
        file.write_text(str(process.pid))
        os.utime(file, (time.time() - 3600, time.time() - 3600))
        assert processes.end_leftovers(tmp_path, seconds=0.2) == []
        assert process.poll() is None
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_memory_counts_a_whole_family_and_nothing_of_the_dead() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        assert {os.getpid(), process.pid} <= set(processes.tree(os.getpid()))
        assert 2**20 < processes.memory([process.pid]).size < 2**30
    assert processes.memory([process.pid]) == processes.Memory()
    assert processes.tree(process.pid) == []
    assert not processes.is_alive(process.pid)


def test_memory_counts_shared_pages_once_and_says_where_it_cannot_tell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "PROC", tmp_path)
    for pid in (1, 2):
        (tmp_path / str(pid)).mkdir()
        (tmp_path / str(pid) / "statm").write_text("900 500 400 1 0 90 0\n")
    (tmp_path / "1" / "smaps_rollup").write_text(
        "5-7 ---p 0 0 0 [rollup]\nRss:  2000 kB\nPss:  300 kB\nPss_Anon: 100 kB\n"
    )
    assert processes.memory([1]) == processes.Memory(300 * 1024, is_exact=True)
    assert processes.memory([1, 2]) == processes.Memory(300 * 1024 + 500 * processes.PAGE, is_exact=False)
    assert processes.memory([1, 3]) == processes.Memory(300 * 1024, is_exact=True)  # the third has ended
