"""The process that is kept for checks, as publishers ask it, and what they do without it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from dag_factory import checker
from officeflow.errors import Unavailable
from officeflow.expressions.evaluator import wire
from officeflow.settings import load_settings
from officeflow.workflows import airflow_check, check_code
from officeflow.workflows.airflow_check import Kept
from tests.dag_factory.conftest import definition

START_SECONDS = 120.0
LIMIT_SECONDS = 3.0
"""In which a caller's process has said its first word, also on a busy machine."""

AT_THE_FIRST_USE = {
    "crash": "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
    "hang": "import time\ntime.sleep(600)",
    "memory": "taken = bytearray(64 * 2**30)",
}
"""Node types of somebody's own, by what their files do when they are imported."""


@dataclass(frozen=True)
class KeptProcess:
    process: subprocess.Popen[bytes]
    path: Path
    news: socket.socket
    packages: Path

    def await_ready(self) -> None:
        end = time.monotonic() + START_SECONDS
        while airflow_check.kept_process(load_settings()) is not Kept.READY:
            assert self.process.poll() is None
            assert time.monotonic() < end
            time.sleep(0.05)

    def await_nothing_to_do(self) -> None:
        end = time.monotonic() + START_SECONDS
        while psutil.Process(self.process.pid).children():
            assert time.monotonic() < end
            time.sleep(0.05)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("checks")
        package = folder / "packages" / "troubles" / "trouble"
        package.mkdir(parents=True)
        for place in (package.parent, package):
            (place / "__init__.py").touch()
        for name, text in AT_THE_FIRST_USE.items():
            (package / f"{name}.py").write_text(text)
        patch.syspath_prepend(str(folder / "packages"))
        patch.setenv("PYTHONPATH", str(folder / "packages"))
        patch.setenv("AIRFLOW_HOME", str(folder / "airflow"))
        patch.setenv("OFFICEFLOW_HOME", str(folder))
        patch.setenv("OFFICEFLOW_NODE_PACKAGES", "troubles")
        patch.setenv("OFFICEFLOW_CHECK_SOCKET", str(folder / "checks.sock"))
        yield patch


@pytest.fixture(scope="module")
def started(environment: pytest.MonkeyPatch) -> Iterator[KeptProcess]:
    path = Path(os.environ["OFFICEFLOW_CHECK_SOCKET"])
    here, there = socket.socketpair()
    command = [sys.executable, "-m", "dag_factory.process", "checker", str(path), str(there.fileno())]
    process = subprocess.Popen(command, pass_fds=[there.fileno()])
    there.close()
    yield KeptProcess(process, path, here, path.parent / "packages")
    process.kill()
    process.wait()
    here.close()


@pytest.fixture
def kept(started: KeptProcess) -> KeptProcess:
    started.await_ready()
    return started


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new process for a check would fail: who gets an answer has it from the kept one."""
    monkeypatch.setattr(sys, "executable", "/bin/false")


def request(slug: str, *types: str) -> dict[str, Any]:
    nodes = [{"id": f"n{number}", "type": name} for number, name in enumerate(types)]
    changes = {"nodes": nodes, "edges": []} if types else {}
    return {"org": "acme", "slug": slug, "version": 1, "definition": definition(slug, **changes)}


REQUESTS = [
    request("good"),
    request("bad", "audit.recrod"),
    request("other"),
    request("greedy", "trouble.memory"),
]


def test_both_ways_come_to_the_same_verdict(kept: KeptProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", "/bin/false")
        asked = airflow_check.airflow_check(REQUESTS)
    monkeypatch.setenv("OFFICEFLOW_CHECK_SOCKET", "")
    assert airflow_check.airflow_check(REQUESTS) == asked
    assert [answer["ok"] for answer in asked] == [True, False, True, False]
    assert "audit.recrod" in asked[1]["error"]
    assert "MemoryError" in asked[3]["error"]


def test_a_check_that_crashes_is_told_as_by_a_new_process_and_hurts_nobody_else(
    kept: KeptProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Unavailable, match="ended with status -9"):
        airflow_check.airflow_check([request("crash", "trouble.crash")])
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert airflow_check.airflow_check([request("good")])[0]["ok"]


@pytest.mark.usefixtures("alone")
def test_a_check_that_hangs_ends_with_its_time_and_others_are_answered_meanwhile(
    kept: KeptProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[BaseException] = []
    settings_read, hanging = load_settings, threading.Event()

    def hang() -> None:
        try:
            airflow_check.airflow_check([request("hang", "trouble.hang")])
        except BaseException as error:  # noqa: BLE001 - told by the test's own thread
            told.append(error)

    def settings() -> Any:
        hanging.set()
        return settings_read()

    with monkeypatch.context() as patch:
        patch.setattr(airflow_check, "CHECK_SECONDS", 3.0)
        patch.setattr(airflow_check, "load_settings", settings)
        thread = threading.Thread(target=hang)
        thread.start()
        assert hanging.wait(30)
        assert airflow_check.airflow_check([request("good")])[0]["ok"]
        thread.join()
    assert isinstance(told[0], Unavailable)
    assert "took longer than 3 s" in told[0].message


@pytest.mark.usefixtures("alone")
def test_callers_who_say_nothing_keep_nobody_out_for_long(
    kept: KeptProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where all processes are taken, a caller does not wait for one of them: it would start its own."""
    kept.await_nothing_to_do()
    silent = [socket.socket(socket.AF_UNIX) for _ in range(checker.MOST_AT_ONCE)]
    try:
        for link in silent:
            link.connect(str(kept.path))
            wire.receive(link)
        with monkeypatch.context() as patch:
            patch.setattr(airflow_check, "HELLO_SECONDS", 0.5)
            assert airflow_check.kept_process(load_settings()) is Kept.ABSENT
    finally:
        for link in silent:
            link.close()
    kept.await_ready()


@pytest.mark.usefixtures("alone")
def test_a_hanging_check_goes_away_with_its_caller(
    kept: KeptProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(airflow_check, "CHECK_SECONDS", 0.2)
    for _ in range(checker.MOST_AT_ONCE):
        kept.await_ready()
        with pytest.raises(Unavailable, match="took longer"):
            airflow_check.airflow_check([request("hang", "trouble.hang")])
    kept.await_ready()


@pytest.mark.usefixtures("alone")
def test_what_is_published_is_told_to_the_dag_processor(kept: KeptProcess) -> None:
    airflow_check.wake_dag_processor()
    kept.news.settimeout(30)
    assert kept.news.recv(10) == b"\0"


def test_a_process_with_other_code_is_not_asked_and_takes_up_what_is_on_disk(kept: KeptProcess) -> None:
    kept.await_nothing_to_do()  # who was greeted and asked nothing has the code looked at
    changed = kept.packages / "troubles" / "trouble" / "hang.py"
    before = check_code.fingerprint()
    changed.write_text(AT_THE_FIRST_USE["hang"] + "\n# changed\n")
    assert check_code.fingerprint() != before
    assert airflow_check.kept_process(load_settings()) is Kept.OTHER
    assert airflow_check.airflow_check([request("good")])[0]["ok"]
    kept.await_ready()
    airflow_check.wake_dag_processor()
    kept.news.settimeout(30)
    assert kept.news.recv(10) == b"\0"


@pytest.mark.usefixtures("alone")
def test_who_has_other_settings_of_node_types_does_not_ask(
    kept: KeptProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OFFICEFLOW_NODE_PACKAGES", "")
    assert airflow_check.kept_process(load_settings()) is Kept.OTHER
    with pytest.raises(Unavailable):
        airflow_check.airflow_check([request("good")])
    monkeypatch.undo()
    kept.await_ready()


def test_the_socket_is_for_its_own_account(kept: KeptProcess) -> None:
    assert kept.path.stat().st_mode & 0o777 == 0o600


ASK = "import socket, sys; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); print(s.recv(100))"
LISTEN = """
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
s.listen()
print("listens", flush=True)
s.accept()
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may be somebody else")
def test_another_account_gets_no_word_even_where_it_reaches_the_socket(
    kept: KeptProcess,
) -> None:
    shown = Path("/tmp") / f"checks-{os.getpid()}.sock"
    os.link(kept.path, shown)
    shown.chmod(0o666)
    try:
        command = ["/usr/bin/env", "python3", "-I", "-S", "-c", ASK, str(shown)]
        done = subprocess.run(command, user="daemon", cwd="/", capture_output=True, text=True, check=False)
    finally:
        shown.unlink()
        kept.path.chmod(0o600)
    assert done.stdout == "b''\n", done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may be somebody else")
def test_another_accounts_process_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    path = f"{tempfile.gettempdir()}/checks-of-{os.getpid()}.sock"
    command = ["/usr/bin/env", "python3", "-I", "-S", "-c", LISTEN, path]
    with subprocess.Popen(command, user="daemon", cwd="/", stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"listens\n"
            monkeypatch.setenv("OFFICEFLOW_CHECK_SOCKET", path)
            assert airflow_check.kept_process(load_settings()) is Kept.ABSENT
        finally:
            process.kill()
            Path(path).unlink()


def test_a_callers_process_is_killed_after_its_time_and_those_after_it_are_served(tmp_path: Path) -> None:
    path = tmp_path / "checks.sock"
    here, there = socket.socketpair()
    pid = os.fork()
    if not pid:
        try:
            checker.Checker(str(path), "any", there, limit_seconds=LIMIT_SECONDS).serve()
        finally:
            os._exit(1)
    try:
        while not path.exists():
            time.sleep(0.01)
        for _ in range(2):
            with socket.socket(socket.AF_UNIX) as link:
                link.settimeout(30)
                link.connect(str(path))
                wire.receive(link)
                with pytest.raises(wire.Closed):
                    wire.receive(link)
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        here.close()
        there.close()


def test_the_kept_process_ends_with_the_one_it_was_forked_from(
    environment: pytest.MonkeyPatch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of an Airflow's command that ends at once."""
    monkeypatch.setenv("OFFICEFLOW_CHECK_SOCKET", str(tmp_path / "checks.sock"))
    here, there = socket.socketpair()
    command = [sys.executable, "-m", "dag_factory.process", "version"]
    with here, there:
        done = subprocess.run(command, capture_output=True, text=True, check=False, pass_fds=[there.fileno()])
        there.close()
        here.settimeout(30)
        assert here.recv(1) == b""  # nobody holds the other end any more
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "checks.sock").exists()
    assert airflow_check.kept_process(load_settings()) is Kept.ABSENT


def test_limits_of_a_check_hold_beside_what_the_process_has() -> None:
    code = (
        "from dag_factory import check\n"
        "check.confine(seconds=1)\n"
        "try:\n    bytearray(check.MEMORY + 2**20)\n"
        "except MemoryError:\n    print('too much', flush=True)\n"
        "kept = bytearray(2**20)\n"
        "while True: pass"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "too much\n"
    assert done.returncode == -signal.SIGXCPU
