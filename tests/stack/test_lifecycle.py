"""Starting, killing, repairing, stopping and removing a stack of real servers."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result

from officeflow.cli import stack as commands
from officeflow.cli import status as show_status
from officeflow.errors import NotKnown, Unavailable
from officeflow.layout import Layout, read_json
from officeflow.runtime import processes
from officeflow.stack.parts import BACKING
from officeflow.stack.progress import TextProgress
from officeflow.stack.servers import kafka, postgres, valkey
from officeflow.stack.stack import Given, Stack
from officeflow.stack.supervision import control
from officeflow.stack.supervision.service import Service
from officeflow.stack.supervision.supervisor import Supervisor
from officeflow.stack.up import start_stack

pytestmark = pytest.mark.integration

START = """
import sys
from pathlib import Path
from officeflow.layout import Layout
from officeflow.stack.progress import TextProgress
from officeflow.stack.up import start_stack
layout = Layout(home=Path(sys.argv[1]), servers=Path(sys.argv[2]))
start_stack(layout, progress=TextProgress(), parts=frozenset(sys.argv[3:]))
"""


@pytest.fixture(scope="module")
def layout() -> Iterator[Layout]:
    """A home that PostgreSQL's account can enter; whatever a test leaves running in it ends with the
    module.
    """
    home = Path(tempfile.mkdtemp(prefix="officeflow-lifecycle-"))
    home.chmod(0o755)
    made = Layout(home=home, servers=Layout.from_environment().servers)
    yield made
    control.stop(made)
    shutil.rmtree(home)


@pytest.fixture
def start(layout: Layout) -> Callable[..., Stack]:
    def start(*parts: str, given: Given | None = None) -> Stack:
        return start_stack(layout, progress=TextProgress(), parts=frozenset(parts), given=given, tied=True)

    return start


def eventually(condition: Callable[[], object], *, seconds: float = 180) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def marked(stack: Stack, *, leave: bool = False) -> bool:
    """Whether the database has the mark that `leave` left in it."""
    with psycopg.connect(stack.database_url, autocommit=True) as connection:
        if leave:
            connection.execute("CREATE TABLE IF NOT EXISTS mark ()")
        return connection.execute("SELECT to_regclass('mark')").fetchone() != (None,)


@pytest.mark.crash
def test_every_server_comes_back_after_kill_9_with_its_data(
    layout: Layout, start: Callable[..., Stack]
) -> None:
    stack = start(*BACKING)
    marked(stack, leave=True)
    checks: dict[str, Callable[[], bool]] = {
        "postgres": lambda: postgres.answers(stack.database_url),
        "valkey": lambda: valkey.answers(stack.ports["valkey"], stack.secrets["valkey"]),
        "kafka": lambda: kafka.answers(stack.kafka),
    }
    supervisor = Supervisor(layout)

    def runs_again(name: str, before: int) -> bool:
        return supervisor.states()[name]["pid"] not in {0, before}

    for name, answers in checks.items():
        before = supervisor.states()[name]["pid"]
        os.kill(before, signal.SIGKILL)
        assert eventually(partial(runs_again, name, before)), name
        assert eventually(answers), name
    assert marked(stack)


@pytest.mark.crash
def test_nothing_outlives_supervisord_and_the_next_start_repairs(
    layout: Layout, start: Callable[..., Stack]
) -> None:
    stack = start(*BACKING)
    marked(stack, leave=True)
    family = processes.tree(Supervisor(layout).pid())
    assert len(family) > len(BACKING)
    os.kill(family[0], signal.SIGKILL)
    assert eventually(lambda: not any(map(processes.is_alive, family)))
    assert not control.status(layout).running
    again = start(*BACKING)
    assert again.ports == stack.ports
    assert marked(again)


def test_servers_listen_on_loopback_alone(layout: Layout, start: Callable[..., Stack]) -> None:
    stack = start(*BACKING)
    mine = {f"{stack.ports[name]:04X}" for name in ("postgres", "valkey", "kafka", "kafka_controller")}
    listening = [
        line.split()[1]
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{table}").read_text().splitlines()
        if " 0A " in line
    ]
    found = {address.rpartition(":")[0] for address in listening if address.rpartition(":")[2] in mine}
    assert found <= {"0100007F", "0000000000000000FFFF00000100007F"}
    assert found


def test_a_second_start_leaves_alone_what_runs(layout: Layout, start: Callable[..., Stack]) -> None:
    start("postgres", "valkey")
    before = {name: info["pid"] for name, info in Supervisor(layout).states().items()}
    ready = read_json(layout.state_file)["ready"]
    start("postgres", "valkey")
    assert {name: info["pid"] for name, info in Supervisor(layout).states().items()} == before
    assert read_json(layout.state_file)["ready"] == ready, "nothing that failed since is excused by it"


def test_a_given_service_is_used_and_ours_ends(
    layout: Layout, start: Callable[..., Stack], valkey_url: str
) -> None:
    start("postgres", "valkey")
    stack = start("valkey", "postgres", given=Given(redis_url=valkey_url))
    assert set(Supervisor(layout).states()) == {"postgres"}
    assert control.status(layout).given == ("redis_url",)
    assert stack.environment["OFFICEFLOW_REDIS_URL"] == valkey_url
    assert "redis_url" in run(layout, show_status.status).output


def test_given_databases_are_used_and_no_postgres_is_started(
    layout: Layout, start: Callable[..., Stack], database_url: str
) -> None:
    given = Given(
        database_url=database_url,
        airflow_database_url=database_url.replace("postgresql:", "postgresql+psycopg2:"),
    )
    stack = start("postgres", "valkey", given=given)
    assert set(Supervisor(layout).states()) == {"valkey"}
    assert stack.database_url == database_url


@pytest.mark.parametrize("name", ["kafka_bootstrap", "database_url", "airflow_database_url", "redis_url"])
def test_a_given_service_that_is_not_there_is_named_by_its_variable(
    start: Callable[..., Stack], name: str
) -> None:
    addresses = {"kafka_bootstrap": "127.0.0.1:9", "redis_url": "redis://:secret@127.0.0.1:9"}
    given = Given(**{name: addresses.get(name, "postgresql://o:secret@127.0.0.1:9/o")})
    with pytest.raises(Unavailable, match=rf"OFFICEFLOW_{name.upper()} names does not answer") as error:
        start("valkey", given=given)
    assert "secret" not in str(error.value)


def test_each_role_reaches_its_own_database_alone(start: Callable[..., Stack]) -> None:
    stack = start("postgres")
    assert postgres.answers(stack.database_url)
    assert not postgres.answers(stack.postgres_url("airflow", "officeflow"))
    assert not postgres.answers(stack.postgres_url("officeflow", "airflow"))
    assert not postgres.answers(
        f"postgresql://officeflow:wrong@127.0.0.1:{stack.ports['postgres']}/officeflow"
    )


def test_a_service_that_ends_at_once_is_reported_with_the_end_of_its_log(
    layout: Layout, start: Callable[..., Stack]
) -> None:
    from officeflow.stack import up

    stack = start("valkey")
    broken = Service(name="broken", command=("/bin/sh", "-c", "echo the reason; exit 3"), start_seconds=30)
    supervisor = Supervisor(layout)
    supervisor.configure([valkey.service(stack), broken])
    with pytest.raises(Unavailable, match=r"broken ends as soon as it starts[^$]*the reason"):
        up._start(supervisor, [broken], TextProgress())


@pytest.mark.crash
def test_a_start_that_is_killed_at_any_time_is_repaired_by_the_next(tmp_path: Path) -> None:
    home = Path(tempfile.mkdtemp(prefix="officeflow-killed-"))
    home.chmod(0o755)
    layout = Layout(home=home, servers=Layout.from_environment().servers)
    try:
        for seconds in (0.3, 0.8, 1.5, 2.5):
            victim = subprocess.Popen(
                [sys.executable, "-c", START, str(home), str(layout.servers), *BACKING],
                start_new_session=True,
            )
            time.sleep(seconds)
            os.killpg(victim.pid, signal.SIGKILL)
            victim.wait()
        stack = start_stack(layout, progress=TextProgress(), parts=BACKING)
        assert postgres.answers(stack.database_url)
        assert kafka.answers(stack.kafka)
    finally:
        control.stop(layout)
        shutil.rmtree(home)


@pytest.mark.crash
def test_data_folders_that_were_left_half_made_are_made_again(
    layout: Layout, start: Callable[..., Stack]
) -> None:
    control.reset(layout)
    layout.prepare()
    for half in (layout.data / "postgres.new", layout.data / "kafka"):
        half.mkdir()
        (half / "half").write_text("left by a start that was killed")
    stack = start("postgres", "kafka")
    assert postgres.answers(stack.database_url)
    assert kafka.answers(stack.kafka)


def test_where_postgres_account_cannot_enter_the_data_goes_to_the_named_fallback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an ordinary user PostgreSQL runs as that user, and the home will do."""
    fallback = Path(tempfile.mkdtemp(prefix="officeflow-fallback-"))
    fallback.chmod(0o755)
    monkeypatch.setenv("OFFICEFLOW_FALLBACK", str(fallback))
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    layout = Layout(home=closed / "home", servers=Layout.from_environment().servers)
    try:
        stack = start_stack(layout, progress=TextProgress(), parts=frozenset({"postgres"}), tied=True)
        assert postgres.answers(stack.database_url)
        named = control.status(layout).fallback
        assert (named is not None) == (os.geteuid() == 0)
        if named:
            assert Path(named).parent == fallback
            assert not (layout.data / "postgres").exists()
        removed = control.reset(layout)
        assert [path for path in removed if path.is_relative_to(fallback)] == ([Path(named)] if named else [])
        assert not list(fallback.iterdir())
    finally:
        control.stop(layout)
        shutil.rmtree(fallback)


def run(layout: Layout, command: object, *arguments: str) -> Result:
    environment = {"OFFICEFLOW_HOME": str(layout.home), "OFFICEFLOW_SERVERS": str(layout.servers)}
    return CliRunner().invoke(command, arguments, env=environment)  # type: ignore[arg-type]


def test_status_names_processes_ports_and_memory(layout: Layout, start: Callable[..., Stack]) -> None:
    stack = start(*BACKING)
    told = json.loads(run(layout, show_status.status, "--json").output)
    services = {service["name"]: service for service in told["services"]}
    assert told["healthy"]
    assert set(services) == BACKING
    assert services["kafka"]["ports"] == {
        "kafka": stack.ports["kafka"],
        "kafka_controller": stack.ports["kafka_controller"],
    }
    assert all(processes.is_alive(service["pid"]) for service in services.values())
    assert sum(service["memory_bytes"] for service in services.values()) <= told["memory_bytes"] < 2**32
    text = run(layout, show_status.status)
    assert text.exit_code == 0
    assert "GiB" in text.output
    assert stack.secrets["postgres_postgres"] not in text.output


def test_logs_show_one_process_or_all_and_know_no_other(layout: Layout, start: Callable[..., Stack]) -> None:
    start(*BACKING)
    assert "ready" in run(layout, commands.logs, "valkey", "-n", "500").output.lower()
    assert "postgres: " in run(layout, commands.logs).output
    error = run(layout, commands.logs, "kafak").exception
    assert isinstance(error, NotKnown)
    assert "kafka" in error.hint


def test_down_stops_all_and_says_when_there_is_nothing_to_stop(
    layout: Layout, start: Callable[..., Stack]
) -> None:
    start("valkey")
    stopped = run(layout, commands.down)
    assert stopped.stdout == "Stopped.\n"
    assert "✓ Stopping valkey" in stopped.stderr
    assert "does not run" in run(layout, commands.down).output
    status = run(layout, show_status.status)
    assert status.exit_code == 1
    assert "does not run" in status.output


def test_reset_asks_first_and_removes_all_but_the_environments(
    layout: Layout, start: Callable[..., Stack]
) -> None:
    stack = start("postgres")
    secret = stack.secrets["postgres_postgres"]
    marked(stack, leave=True)
    (layout.home / "env").mkdir()
    refused = run(layout, commands.reset)
    assert isinstance(refused.exception, Unavailable)
    assert marked(stack)
    assert run(layout, commands.reset, "--yes").exit_code == 0
    assert {path.name for path in layout.home.iterdir()} <= {"env", "up.lock"}
    again = start("postgres")
    assert again.secrets["postgres_postgres"] != secret
    assert not marked(again)


def test_what_listens_on_a_default_port_is_left_alone(tmp_path: Path) -> None:
    layout = Layout(home=tmp_path / "home", servers=Layout.from_environment().servers)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        layout.prepare()
        (layout.home / "ports.json").write_text(json.dumps({"valkey": other.getsockname()[1]}))
        stack = start_stack(layout, progress=TextProgress(), parts=frozenset({"valkey"}), tied=True)
        try:
            assert stack.ports["valkey"] != other.getsockname()[1]
            assert read_json(layout.home / "ports.json")["valkey"] == stack.ports["valkey"]
        finally:
            control.stop(layout)
