"""The process in which tenants' expressions and templates run: what it may, what ends it, and that nobody
else notices.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from officeflow.errors import EvaluatorStuck, InvalidExpression, TooCostly, Unavailable
from officeflow.expressions import cel, params, templates
from officeflow.expressions.cel import compile_expression
from officeflow.expressions.evaluator import process, wire
from officeflow.expressions.evaluator.pool import Pool, computing_seconds
from officeflow.expressions.evaluator.process import Evaluator
from officeflow.runner import resolve

LONG = "event.list.map(i, i + 1).size()"
LONG_VALUES = json.dumps({"event": {"list": list(range(2500))}}).encode()
TWICE_AS_MUCH = "{% set a = [a, a] %}{% set b = [b, b] %}"
ENDLESS = "{% set a = [1, 1] %}{% set b = [1, 1] %}" + 40 * TWICE_AS_MUCH + "{{ a == b }}"
BOUNDLESS = "{% set a = [1, 1] %}{% set b = 1 %}" + 40 * TWICE_AS_MUCH + "{{ a }}"


@pytest.fixture
def pool() -> Iterator[Pool]:
    """Of two evaluators, for limits of its own."""
    made = Pool(most=2, memory_mib=64, expression_seconds=0.02, template_seconds=0.2)
    yield made
    made.close()


def in_a_process(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_an_expression_that_computes_for_too_long_is_ended_and_named(pool: Pool) -> None:
    (answer,) = pool.ask([["value", LONG]], values=LONG_VALUES)
    assert isinstance(answer, TooCostly)
    assert answer.limit == "it takes more than 0.02 s of computing"
    assert LONG in str(answer)


def test_a_template_whose_work_cannot_be_counted_is_ended_and_named(pool: Pool) -> None:
    (answer,) = pool.ask([["render", ENDLESS, "text"]])
    assert isinstance(answer, TooCostly)
    assert answer.limit == "it takes more than 0.2 s of computing"


def test_what_takes_too_much_memory_is_ended_and_named() -> None:
    pool = Pool(most=1, memory_mib=64, expression_seconds=1, template_seconds=60)
    (answer,) = pool.ask([["render", BOUNDLESS, "text"]])
    pool.close()
    assert isinstance(answer, TooCostly)
    assert answer.limit.startswith("it takes more than 64 MiB of memory")


def test_the_others_of_a_batch_are_answered(pool: Pool) -> None:
    jobs = [["value", "1 + 1"], ["value", LONG], ["value", "event.nope"], ["value", "'a' + 'b'"]]
    first, second, third, fourth = pool.ask(jobs, values=LONG_VALUES)
    assert (first, fourth) == (2, "ab")
    assert isinstance(second, TooCostly)
    assert isinstance(third, InvalidExpression)
    assert not isinstance(third, TooCostly)


def test_what_was_computed_is_counted_for_the_thread_that_asked(pool: Pool) -> None:
    before = computing_seconds()
    pool.ask([["value", LONG]], values=LONG_VALUES)
    assert computing_seconds() - before == pytest.approx(0.02)


def test_one_that_hangs_keeps_no_other_thread_waiting() -> None:
    pool = Pool(most=2, memory_mib=64, expression_seconds=1, template_seconds=60)
    hanging = threading.Thread(target=lambda: pool.ask([["render", ENDLESS, "text"]]))
    hanging.start()
    assert [pool.ask([["value", f"{number} + 1"]]) for number in range(20)] == [
        [number + 1] for number in range(20)
    ]
    assert hanging.is_alive(), "it hung all the time"
    for pid in pool.pids():
        os.kill(pid, signal.SIGKILL)
    while hanging.is_alive():
        for pid in pool.pids():
            os.kill(pid, signal.SIGKILL)
        hanging.join(0.2)
    pool.close()


def test_after_a_kill_the_next_call_has_a_new_evaluator(pool: Pool) -> None:
    for _ in range(3):
        assert pool.ask([["value", "1 + 1"]]) == [2]
        (pid,) = pool.pids()
        os.kill(pid, signal.SIGKILL)
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert pool.ask([["value", "1 + 1"]]) == [2]


def test_one_that_neither_answers_nor_computes_is_given_up() -> None:
    pool = Pool(most=1, memory_mib=64, expression_seconds=0.01, template_seconds=0.01, patience=0.5)
    assert pool.ask([["value", "1 + 1"]]) == [2]
    (pid,) = pool.pids()
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(EvaluatorStuck):
        pool.ask([["value", "1 + 1"]])
    assert pool.ask([["value", "1 + 1"]]) == [2]
    pool.close()


def test_one_that_does_not_start_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "BOOT", "import sys; sys.exit(3)")
    with pytest.raises(Unavailable, match="does not start: it ended with status 3"):
        Pool(most=1, memory_mib=64, expression_seconds=1, template_seconds=1).ask([["value", "1"]])


def test_an_evaluator_can_open_nothing_start_nothing_and_knows_no_secret() -> None:
    """What it gives up, tried by itself: reading a file, a socket, a process, memory, becoming root, its
    environment.
    """
    told = in_a_process("""
        import os, resource, socket
        from officeflow.expressions.evaluator import confine
        os.environ.clear()
        confine.prepare()
        confine.give_up_rights(64 * 2**20, os.getppid())
        done = []
        def attempt(name, act):
            try:
                act()
            except (OSError, MemoryError, ValueError):
                return
            done.append(name)
        attempt("read", lambda: os.open("/etc/passwd", os.O_RDONLY))
        attempt("environ", lambda: os.open(f"/proc/{os.getppid()}/environ", os.O_RDONLY))
        attempt("socket", socket.socket)
        attempt("fork", os.fork)
        attempt("memory", lambda: bytearray(256 * 2**20))
        attempt("root", lambda: os.setuid(0) if os.getuid() else None)
        attempt("more files", lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (10, 10)))
        os.write(1, repr(done).encode())
    """)
    assert told.stdout == "[]", told.stderr


def test_an_evaluator_has_no_environment_and_nobodys_rights(pool: Pool) -> None:
    pool.ask([["value", "1"]])
    (pid,) = pool.pids()
    status = dict(
        line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line
    )
    assert status["NoNewPrivs"] == "1"
    if os.geteuid() == 0:
        assert status["Uid"].split() == ["65534"] * 4
        assert int(status["CapEff"], 16) == 0
        assert Path(f"/proc/{pid}/environ").read_bytes() == b""
        assert sorted(os.listdir(f"/proc/{pid}/fd")) == ["0", "1", "2"]  # noqa: PTH208 - of the kernel


def test_no_evaluator_outlives_its_process() -> None:
    """However it ends: here by SIGKILL, while another process that it forked lives on."""
    code = """
        import os, signal, sys, time
        from officeflow.expressions.cel import compile_expression
        from officeflow.expressions.evaluator.pool import pool
        compile_expression("1 + 1")
        print(pool().pids()[0], flush=True)
        if os.fork() == 0:
            sys.stdout.close()
            time.sleep(600)
        print(os.getpid(), flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as left:
        assert left.stdout is not None
        evaluator = int(left.stdout.readline())
        left.wait(60)
        try:
            wait_for_end(evaluator)
        finally:
            os.killpg(left.pid, signal.SIGKILL)


def wait_for_end(pid: int) -> None:
    """Fails where the process is still there after ten seconds."""
    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return
        if state == "Z":
            return
        threading.Event().wait(0.1)
    pytest.fail(f"evaluator {pid} lives on")


def test_a_forked_process_has_evaluators_of_its_own() -> None:
    told = in_a_process("""
        import os
        from officeflow.expressions.cel import compile_expression
        from officeflow.expressions.evaluator.pool import pool
        assert compile_expression("1 + 1").evaluate({}) == 2
        mine = pool().pids()
        child = os.fork()
        for number in range(50):
            assert compile_expression("event.n").evaluate({"event": {"n": number}}) == number
        assert (pool().pids() == mine) == bool(child)
        if child:
            assert os.waitpid(child, 0)[1] == 0
            assert compile_expression("1 + 2").evaluate({}) == 3
            print("both")
        else:
            os._exit(0)
    """)
    assert told.stdout == "both\n", told.stderr


def test_importing_what_nodes_need_starts_none() -> None:
    """Airflow imports as much when it parses DAGs."""
    told = in_a_process("""
        import sys
        from officeflow.worker.preload import preload
        from officeflow.expressions.evaluator import pool
        import dag_factory.bundle
        preload()
        loaded = [name in sys.modules for name in ("cel_expr_python", "officeflow.expressions.jinja")]
        print(pool._pool.cache_info().currsize, *loaded)
    """)
    assert told.stdout == "0 False False\n", told.stderr


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What evaluators are asked."""
    asked: list[Any] = []
    ask = Evaluator.ask

    def noted(self: Evaluator, request: bytes, *, seconds: float) -> tuple[list[Any], float]:
        asked.append(json.loads(request)["jobs"])
        return ask(self, request, seconds=seconds)

    monkeypatch.setattr(Evaluator, "ask", noted)
    return asked


def test_a_nodes_parameters_cost_one_round_trip_once_they_were_seen(requests: list[Any]) -> None:
    schema = {"properties": {"subject": {"x-template": "text"}, "url": {"x-template": "url"}}}
    given = {
        "to": ["${{ event.a }}", "${{ event.b }}"],
        "subject": "Hello {{ event.a }}",
        "url": "/x/{{ event.b | urlencode }}",
        "n": "${{ 1 + event.n }}",
    }
    for expected in (3, 1):
        requests.clear()
        assert resolve.names_read(given, {"next": "event.n > 1"}, schema) == {"event"}
        assert resolve.resolve(given, {"event": {"a": "A", "b": "B", "n": 1}}, schema) == {
            "to": ["A", "B"],
            "subject": "Hello A",
            "url": "/x/B",
            "n": 2,
        }
        assert len(requests) == expected, requests


def test_conditions_are_told_together(requests: list[Any]) -> None:
    conditions = ["event.kind == 'together'", "event.n > 1"]
    cel.truths(conditions, {"event": {"kind": "x", "n": 2}})
    requests.clear()
    assert cel.truths(conditions, {"event": {"kind": "x", "n": 2}}) == [False, True]
    assert len(requests) == 1


def test_values_that_nobody_reads_are_not_sent() -> None:
    assert compile_expression("event.n").evaluate({"event": {"n": 1}, "employee": {"photo": object()}}) == 1


def test_values_that_no_frame_can_hold_are_refused(pool: Pool) -> None:
    (answer,) = pool.ask([["value", "event.n"]], values=b'{"event": {"n": "' + b"x" * wire.MAX_FRAME + b'"}}')
    assert "larger than 64 MiB" in str(answer)


CEL_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.datetimes(timezones=st.just(dt.UTC))
    | st.timedeltas(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=5) | st.integers() | st.booleans(), inner, max_size=4)
    ),
    max_leaves=10,
)


@given(CEL_VALUES)
def test_every_value_comes_out_of_an_evaluator_as_it_was(value: Any) -> None:
    assert wire.unpack(json.loads(json.dumps(wire.pack(value)))) == value


def test_errors_and_facts_are_those_of_one_that_was_asked_alone() -> None:
    bad = compile_all_one("nope.x")
    assert isinstance(bad, InvalidExpression)
    assert bad.problems[0].path == "1:5"
    assert params.resolve_all(["a ${{ 1 }}", "${{ 1 + }}", "plain"], {})[::2] == ["a 1", "plain"]
    assert templates.check_all(["{{ event.a }}", "{% macro x() %}{% endmacro %}"])[0] == templates.Facts(
        names=frozenset({"event"}), nodes=frozenset()
    )


def compile_all_one(source: str) -> cel.Expression | InvalidExpression:
    (found,) = cel.compile_all([source])
    return found


def test_a_kept_evaluator_is_nothing_that_a_node_left_behind() -> None:
    told = in_a_process("""
        import subprocess
        from officeflow.expressions.cel import compile_expression
        from officeflow.worker.cleanliness import Cleanliness
        clean = Cleanliness.now()
        assert compile_expression("1 + 1").evaluate({}) == 2
        print(repr(clean.restore()))
        left = subprocess.Popen(["sleep", "60"])
        print(repr(clean.restore()))
        left.kill()
        left.wait()
    """)
    assert told.stdout == "''\n'processes were left running'\n", told.stderr
