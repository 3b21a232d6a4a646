"""Parts of the warm door on their own: a log that may lose lines, connections that may be away, and why a
process ended.
"""

from __future__ import annotations

import logging
import multiprocessing
import signal
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import structlog
from airflow.sdk.api.client import Client
from airflow.sdk.execution_time.supervisor import process_log_messages_from_subprocess
from airflow.sdk.log import logging_processors
from sqlalchemy import select

from coordinators.connections import ConnectionDesk
from coordinators.lossy import LossyLog, lossy
from coordinators.node_coordinator import _Task
from coordinators.slot import Slot
from officeflow.database.engine import Database
from officeflow.database.tables import NodeRefusal
from officeflow.worker.messages import Given
from officeflow.worker.task_log import TaskLog, take_over
from tests.worker.conftest import Publish, Worker

FOUND = {
    "conn_id": "acme.directory",
    "conn_type": "scim",
    "host": "https://id.example",
    "port": None,
    "login": None,
    "password": "pw",
    "schema": None,
    "extra": None,
}


FULL = Path("/dev/full")
"""Takes no byte, as a disk without room does."""


def written_to(file: Any) -> Any:
    """As Airflow makes a task's logger."""
    return structlog.wrap_logger(
        structlog.WriteLogger(file),
        processors=[structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(0),
    )


def airflows_logger(file: Any) -> Any:
    """As `airflow.sdk.execution_time.supervisor` makes it."""
    processors = logging_processors(json_output=True)
    return structlog.wrap_logger(
        structlog.BytesLogger(file), processors=processors, logger_name="task"
    ).bind()


class TestLog:
    def test_a_full_disk_loses_lines_and_raises_nothing(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(OSError, match="No space left"), FULL.open("w", buffering=1) as full:
            written_to(full).info("the disk is really full")
        full = FULL.open("w", buffering=1)
        log = LossyLog(written_to(full))
        for number in range(3):
            log.info(f"line {number}", key="k")
        with pytest.raises(OSError, match="No space left"):
            full.close()
        assert capsys.readouterr().err.count("a task's log loses lines") == 1

    def test_a_log_that_was_closed_loses_lines_and_raises_nothing(self, tmp_path: Path) -> None:
        with (tmp_path / "task.log").open("w") as file:
            log = LossyLog(written_to(file))
        log.error("late")

    def test_when_there_is_room_again_it_says_how_many_lines_are_lost(self, tmp_path: Path) -> None:
        class Flaky:
            room = False

            def write(self, text: str) -> None:
                if not self.room:
                    raise OSError(28, "No space left on device")
                lines.append(text)

            def flush(self) -> None:
                """Nothing is kept back."""

        lines: list[str] = []
        file = Flaky()
        log = LossyLog(written_to(file))
        log.info("one")
        log.info("two")
        file.room = True
        log.info("three")
        assert "2 lines of this log were lost before this one" in lines[0]
        assert "three" in "".join(lines)

    def test_airflows_own_supervisor_goes_on_with_a_full_disk(self, tmp_path: Path) -> None:
        """The ordinary door: Airflow passes the lines of a task's process on to the log, and a line that
        fails would end the task.
        """
        line = b'{"event": "said", "level": "info", "timestamp": "2026-01-05T09:00:00Z", "logger": "task"}\n'

        def passes_on(logger: Any) -> None:
            lines = process_log_messages_from_subprocess((logger,))
            next(lines)
            lines.send(line)

        with FULL.open("ab", buffering=0) as full:
            with pytest.raises(OSError, match="No space left"):
                passes_on(airflows_logger(full))
            passes_on(lossy(airflows_logger(full)))
        with (tmp_path / "task.log").open("ab") as file:
            passes_on(lossy(airflows_logger(file)))
        assert '"event":"said"' in (tmp_path / "task.log").read_text()

    def test_a_node_goes_on_when_nobody_takes_its_lines(self) -> None:
        ours, theirs = multiprocessing.Pipe()
        theirs.close()
        TaskLog(ours).info("nobody hears this")
        before, root = structlog.get_config(), logging.getLogger()
        handlers, level = root.handlers, root.level
        try:
            take_over(ours)
            logging.getLogger("library").warning("nor this")
            structlog.get_logger("ours").warning("nor this")
        finally:
            structlog.configure(**before)
            root.handlers, root.level = handlers, level


def asked(handler: Callable[[httpx.Request], httpx.Response], monkeypatch: pytest.MonkeyPatch) -> Given:
    """What the desk gives where the api-server answers so; Airflow's client is the real one."""
    monkeypatch.setattr(Client.request.retry, "stop", lambda _: True)
    client = Client(base_url=None, dry_run=True, token="", transport=httpx.MockTransport(handler))
    return ConnectionDesk(5.0).give("acme.directory", client)


def away(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("connection refused", request=request)


class TestConnections:
    def test_a_connection_is_given(self, monkeypatch: pytest.MonkeyPatch) -> None:
        given = asked(lambda _: httpx.Response(200, json=FOUND), monkeypatch)
        assert given.connection is not None
        assert given.connection.host == "https://id.example"

    def test_only_airflows_own_word_is_an_absence(self, monkeypatch: pytest.MonkeyPatch) -> None:
        detail = {"reason": "not_found", "message": "Connection with ID acme.directory not found"}
        assert asked(lambda _: httpx.Response(404, json={"detail": detail}), monkeypatch).not_known

    @pytest.mark.parametrize(
        "handler",
        [
            away,
            lambda _: httpx.Response(404, json={"detail": "Not Found"}),
            lambda _: httpx.Response(404, text="<html>no such host</html>"),
            lambda _: httpx.Response(500, json={"detail": "Internal Server Error"}),
            lambda _: httpx.Response(503, text="starting"),
            lambda _: httpx.Response(403, json={"detail": {"reason": "denied"}}),
            lambda _: httpx.Response(200, text="<html>"),
        ],
        ids=["refused", "no route", "proxy", "500", "503", "403", "no JSON"],
    )
    def test_whatever_else_comes_is_an_outage(
        self, handler: Callable[[httpx.Request], httpx.Response], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        given = asked(handler, monkeypatch)
        assert (given.connection, given.not_known) == (None, False)
        assert given.reason


@pytest.mark.integration
class TestEndOfAProcess:
    @pytest.fixture
    def crashed(
        self, worker: Worker, publish: Publish, monkeypatch: pytest.MonkeyPatch
    ) -> Callable[[signal.Signals], str]:
        """Ends the process that has a node's order, by this signal; gives the task's state as the coordinator
        tells Airflow.
        """
        revision = publish(
            {
                "id": "find",
                "type": "identity.find_account",
                "connection": "directory",
                "params": {"external_id": "E-1"},
            }
        )
        told: list[str] = []

        class Instances:
            def retry(self, *_: Any, **values: Any) -> None:
                told.append(values["retry_reason"])

            def heartbeat(self, *_: Any, **values: Any) -> None:
                """Due where a busy machine takes some seconds to end the process."""

        class Dying:
            """Airflow's side of the execution API, which kills the process when it is asked for a
            connection.
            """

            task_instances = Instances()
            base_url = httpx.URL("http://api/execution/")

            def get(self, path: str) -> Any:
                assert kept.pid is not None
                import os

                os.kill(kept.pid, ending)
                os.waitid(os.P_PID, kept.pid, os.WEXITED | os.WNOWAIT)
                raise httpx.ConnectError(path)

        kept, ending = worker.process, signal.SIGKILL

        def crash(number: signal.Signals) -> str:
            nonlocal ending
            ending = number
            what = SimpleNamespace(
                dag_id="acme__joiner",
                run_id="manual__1",
                task_id="find",
                map_index=-1,
                try_number=1,
                context_carrier={},
                id="ti",
            )
            context = SimpleNamespace(
                dag_run=SimpleNamespace(conf={}, triggering_user_name=None),
                max_tries=1,
                should_retry=True,
                next_method=None,
                xcom_keys_to_clear=[],
            )
            log = LossyLog(SimpleNamespace(log=lambda *_, **__: None, warning=lambda *_, **__: None))
            slot = Slot(Dying(), 1, may_go_on=lambda: False)  # type: ignore[arg-type]
            parts = {"logger": log, "connections": ConnectionDesk(5.0)}
            task = _Task(what, context, Dying(), slot, **parts)  # type: ignore[arg-type]
            assert task.run(kept, f"r{revision}", 3.0) == "up_for_retry"
            return told[-1]

        return crash

    @pytest.mark.parametrize(
        ("number", "code", "said"),
        [
            (signal.SIGKILL, "crashed", "killed by SIGKILL"),
            (signal.SIGSEGV, "crashed", "killed by SIGSEGV"),
            (signal.SIGALRM, "timed_out", "longer than its timeoutMs"),
        ],
    )
    def test_why_it_ended_is_kept_with_the_run(
        self,
        crashed: Callable[[signal.Signals], str],
        database: Database,
        number: signal.Signals,
        code: str,
        said: str,
    ) -> None:
        assert said in crashed(number)
        with database.service() as session:
            [refusal] = session.scalars(select(NodeRefusal))
        assert (refusal.node_key, refusal.node_type, refusal.error_details["code"]) == (
            "find",
            "identity.find_account",
            code,
        )
        assert said in refusal.error_details["message"]
