"""Stopping: in the opposite order of the start, each as it wants to be told; and the logs of those who run
long.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import xmlrpc.client
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from officeflow.errors import Unavailable
from officeflow.layout import Layout
from officeflow.runtime import processes
from officeflow.stack.supervision import control
from officeflow.stack.supervision.service import Service
from officeflow.stack.supervision.supervisor import NOT_RUNNING, Supervisor
from tests.stack.test_lifecycle import eventually

pytestmark = pytest.mark.integration

PYTHON = (sys.executable, "-I", "-S", "-c")
"""Starts at once, and is not measured."""

TELLS = """
import os, signal, sys, time
name, file, children, *others = sys.argv[1:]

def tell(word):
    with open(file, "a") as out:
        out.write(f"{name} {word}\\n")

def end(*_):
    tell("told")
    time.sleep(0.3)
    while not {f"{other} told" for other in others} <= set(open(file).read().splitlines()):
        time.sleep(0.05)
    tell("ended")
    sys.exit()

signal.signal(signal.SIGTERM, end)
if children == "with-child" and os.fork() == 0:
    name += "-child"
    time.sleep(3)
    tell("finished")
    os._exit(0)
if children == "with-child":
    signal.signal(signal.SIGTERM, lambda *_: (tell("told"), os.wait(), tell("ended"), sys.exit()))
tell("runs")
while True:
    signal.pause()
"""

PRINTS = """
import time
line = "x" * 1023
for _ in range(45 * 1024):
    print(line)
print("done", flush=True)
time.sleep(600)
"""


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    layout = Layout(home=tmp_path, servers=Layout.from_environment().servers)
    layout.prepare()
    made = Supervisor(layout, tied=True)
    yield made
    if made.is_running():
        made.shutdown()


def told(supervisor: Supervisor) -> list[str]:
    path = supervisor.layout.home / "told"
    return path.read_text().splitlines() if path.exists() else []


def service(
    supervisor: Supervisor, name: str, priority: int, *, child: bool = False, after: Sequence[str] = ()
) -> Service:
    """`after` are those that are told to end before it ends."""
    arguments = (name, str(supervisor.layout.home / "told"), "with-child" if child else "", *after)
    return Service(
        name=name,
        command=(*PYTHON, TELLS, *arguments),
        priority=priority,
        stop_seconds=60,
        stops_its_own=child,
    )


def start(supervisor: Supervisor, *services: Service) -> None:
    supervisor.configure(services)
    supervisor.start([each.name for each in services])
    assert eventually(lambda: {f"{each.name} runs" for each in services} <= set(told(supervisor)))


def by_us(supervisor: Supervisor) -> None:
    supervisor.shutdown()


def by_signal(supervisor: Supervisor) -> None:
    """As a container or an init system does it."""
    pid = supervisor.pid()
    os.kill(pid, signal.SIGTERM)
    assert eventually(lambda: not processes.is_alive(pid))


@pytest.mark.parametrize("stop", [by_us, by_signal])
def test_who_started_last_has_ended_before_the_one_before_is_told(
    supervisor: Supervisor, stop: object
) -> None:
    start(
        supervisor,
        *(
            service(supervisor, name, priority)
            for name, priority in (("database", 10), ("api", 40), ("listener", 50))
        ),
    )
    stop(supervisor)  # type: ignore[operator]
    words = [line for line in told(supervisor) if not line.endswith("runs")]
    assert words == [
        f"{name} {word}" for name in ("listener", "api", "database") for word in ("told", "ended")
    ]


def test_services_that_changed_stop_in_the_same_order(supervisor: Supervisor) -> None:
    names = {"api": 40, "database": 10, "listener": 50}
    start(supervisor, *(service(supervisor, name, priority) for name, priority in names.items()))
    changed = (service(supervisor, name, priority) for name, priority in names.items())
    supervisor.configure([replace(each, environment={"CHANGED": "yes"}) for each in changed])
    words = [line for line in told(supervisor) if line.endswith("told")]
    assert words == ["listener told", "api told", "database told"]


def test_services_that_changed_and_started_together_are_told_together(supervisor: Supervisor) -> None:
    """Each ends when the other was told too."""
    api = service(supervisor, "api", 40)
    others = [
        service(supervisor, "scheduler", 41, after=["triggerer"]),
        service(supervisor, "triggerer", 41, after=["scheduler"]),
    ]
    start(supervisor, api, *others)
    supervisor.configure([replace(each, environment={"CHANGED": "yes"}) for each in (api, *others)])
    words = [line for line in told(supervisor) if line.endswith("ended")]
    assert {*words[:2]} == {"scheduler ended", "triggerer ended"}
    assert words[2:] == ["api ended"]


def test_a_process_that_sees_to_its_own_lets_them_finish(supervisor: Supervisor) -> None:
    start(supervisor, service(supervisor, "scheduler", 40, child=True))
    supervisor.shutdown()
    assert told(supervisor) == [
        "scheduler runs",
        "scheduler told",
        "scheduler-child finished",
        "scheduler ended",
    ]


class Interrupted(Supervisor):
    """Ends, as by Ctrl-C or `kill -9`, before it makes this call."""

    before = ""

    def _call(self, method: str, *arguments: Any) -> Any:
        if method == self.before:
            raise KeyboardInterrupt
        return super()._call(method, *arguments)


@pytest.mark.parametrize("before", ["reloadConfig", "stopProcess", "removeProcessGroup", "addProcessGroup"])
def test_a_start_that_was_interrupted_anywhere_can_be_stopped_seen_and_repeated(
    supervisor: Supervisor, before: str
) -> None:
    layout = supervisor.layout
    start(supervisor, service(supervisor, "database", 10), service(supervisor, "listener", 50))
    changed = replace(service(supervisor, "listener", 50), environment={"CHANGED": "yes"})
    wanted = [service(supervisor, "database", 10), changed, service(supervisor, "steward", 60)]
    interrupted = Interrupted(layout, tied=True)
    interrupted.before = before
    with pytest.raises(KeyboardInterrupt):
        interrupted.configure(wanted)
    services = [{"name": each.name, "priority": each.priority, "ports": {}, "urls": {}} for each in wanted]
    layout.state_file.write_text(json.dumps({"services": services}))
    assert [each.state for each in control.status(layout).services if each.name == "steward"] == ["STOPPED"]
    supervisor.stop(["listener", "steward"])
    if before == "addProcessGroup":
        assert "listener" not in supervisor.states(), "it was taken away and not added again"
        supervisor.start(["listener"])
        assert supervisor.states()["listener"]["statename"] in {"STARTING", "RUNNING"}
    assert control.stop(layout)
    assert not supervisor.is_running()
    start(supervisor, *wanted)


def test_a_service_that_stands_in_no_configuration_is_not_started_and_told(supervisor: Supervisor) -> None:
    start(supervisor, service(supervisor, "database", 10))
    with pytest.raises(Unavailable, match="knows no service listener"):
        supervisor.start(["listener"])


def test_a_supervisord_that_is_ending_is_one_that_does_not_run(supervisor: Supervisor) -> None:
    start(supervisor, service(supervisor, "database", 10))
    pid = supervisor.pid()
    os.kill(pid, signal.SIGTERM)
    assert eventually(lambda: not supervisor.is_running())
    assert eventually(lambda: not processes.is_alive(pid))


def test_a_stack_of_which_nothing_was_noted_yet_is_not_healthy(supervisor: Supervisor) -> None:
    supervisor.configure([service(supervisor, "database", 10)])
    found = control.status(supervisor.layout)
    assert found.running
    assert not found.healthy


class JustKilled(Supervisor):
    """Its service dies while supervisord reads the first request to stop it: there is nothing to stop, it
    answers, and starts it again.
    """

    has_died = False

    def _call(self, method: str, *arguments: Any) -> Any:
        if method == "stopProcess" and not self.has_died:
            self.has_died = True
            os.kill(self.states()[arguments[0]]["pid"], signal.SIGKILL)
            raise xmlrpc.client.Fault(NOT_RUNNING, f"NOT_RUNNING: {arguments[0]}")
        return super()._call(method, *arguments)


def test_who_was_just_killed_and_is_told_to_stop_does_not_come_back(supervisor: Supervisor) -> None:
    start(supervisor, service(supervisor, "broker", 10))
    assert eventually(lambda: supervisor.states()["broker"]["statename"] == "RUNNING")
    JustKilled(supervisor.layout, tied=True).stop(["broker"])
    for _ in range(20):  # supervisord starts what ended within a second
        assert supervisor.states()["broker"]["statename"] == "STOPPED"
        time.sleep(0.1)


def test_a_log_is_rotated_at_ten_megabytes_and_three_old_ones_are_kept(supervisor: Supervisor) -> None:
    supervisor.configure([Service(name="talker", command=(*PYTHON, PRINTS))])
    supervisor.start(["talker"])
    log = supervisor.layout.log_file("talker")
    assert eventually(lambda: log.exists() and log.read_bytes()[-5:] == b"done\n")
    files = sorted(log.parent.glob("talker.log*"))
    assert [path.name for path in files] == ["talker.log", "talker.log.1", "talker.log.2", "talker.log.3"]
    assert all(path.stat().st_size < 11 * 2**20 for path in files)
