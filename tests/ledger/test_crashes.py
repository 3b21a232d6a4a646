"""A worker is killed with SIGKILL at the worst moments; what reached the customer's system is counted
there.
"""

from __future__ import annotations

import json
import multiprocessing
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select, text

from officeflow.database.engine import Database
from officeflow.database.tables import AuditRecord, NodeRun, OutboxMessage
from officeflow.runs.acts import RunRef
from tests.counterparts.caldav import CaldavServer
from tests.counterparts.inbox import SmtpInbox
from tests.counterparts.scim import ScimServer
from tests.ledger import worker
from tests.ledger.conftest import CONF, DAG, RUN

pytestmark = [pytest.mark.integration, pytest.mark.crash]

NODES: Mapping[str, Mapping[str, Any]] = {
    "account": {
        "type": "identity.create_account",
        "params": {"login": "ana@acme.example", "external_id": "${{ event.employee }}"},
    },
    "suspend": {"type": "identity.suspend_account", "params": {"login": "ana@acme.example"}},
    "groups": {
        "type": "identity.add_groups",
        "params": {"login": "ana@acme.example", "groups": ["Sales", "Staff"]},
    },
    "strip": {"type": "identity.strip_groups", "params": {"login": "ana@acme.example", "stay": ["Staff"]}},
    "mail": {
        "type": "email.send",
        "params": {"to": "ana@acme.example", "subject": "Welcome {{ event.employee }}", "text": "Hello!"},
    },
    "meeting": {
        "type": "calendar.create_event",
        "params": {"title": "First day", "date": "2026-12-01", "time": "09:00", "time_zone": "Europe/Madrid"},
    },
    "wait": {"type": "flow.delay", "params": {"duration": "PT0S"}},
}


PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.ledger.worker", "officeflow.connectors.providers"])


class Worker:
    """A worker process; `stopped()` waits until it has come to its point."""

    def __init__(self, order: Mapping[str, Any]) -> None:
        self._door, other = PROCESSES.Pipe()
        self._process = PROCESSES.Process(target=worker.main, args=(order, other))
        self._process.start()
        other.close()

    def stopped(self, after: int = 0) -> None:
        """So many nodes were done before."""
        for _ in range(after):
            assert json.loads(self._door.recv())["status"] == "success"
        assert self._door.recv() == "stopped"

    def go_on(self) -> None:
        self._door.send("go on")

    def result(self) -> dict[str, Any]:
        return self.results(1)[0]

    def results(self, nodes: int) -> list[dict[str, Any]]:
        answers: list[dict[str, Any]] = [json.loads(self._door.recv()) for _ in range(nodes)]
        self._process.join(timeout=120)
        assert self._process.exitcode == 0
        return answers

    def kill(self) -> None:
        """SIGKILL."""
        self._process.kill()
        self._process.join(timeout=120)

    def close(self) -> None:
        self.kill()
        self._process.close()
        self._door.close()


Start = Callable[..., Worker]


@dataclass(frozen=True)
class Systems:
    scim: ScimServer
    inbox: SmtpInbox
    caldav: CaldavServer

    def connection(self, node: str) -> dict[str, Any]:
        if node == "mail":
            extra = {"security": "none", "sender": "hr@acme.example"}
            return {"provider": "smtp", "host": self.inbox.host, "port": self.inbox.port, "extra": extra}
        if node == "meeting":
            return {
                "provider": "caldav",
                "host": self.caldav.calendar_url,
                "login": self.caldav.user,
                "password": self.caldav.password,
            }
        return {"provider": "scim", "host": self.scim.url, "password": self.scim.token}

    def effects(self, node: str) -> int:
        """How often the customer's system was asked for the change, by its own log; for mails, how many came
        in.
        """
        if node == "mail":
            return len(self.inbox.messages())
        return len(self.caldav.writes() if node == "meeting" else self.scim.writes())


@pytest.fixture
def systems(scim_server: ScimServer, smtp_inbox: SmtpInbox, caldav_server: CaldavServer) -> Systems:
    return Systems(scim_server, smtp_inbox, caldav_server)


@pytest.fixture
def start(database_url: str, run: RunRef, systems: Systems) -> Iterator[Start]:
    workers: list[Worker] = []

    def begin(node: str, *, stop: str = "", params: Mapping[str, Any] | None = None, **order: Any) -> Worker:
        given = {
            **NODES[node],
            "node": node,
            "org": run.org,
            "dag_id": DAG,
            "dag_run_id": RUN,
            "context": CONF,
            "connection": None if node == "wait" else "system",
        }
        if params is not None:
            given["params"] = params
        workers.append(
            Worker(
                {
                    "database": database_url,
                    "node": given,
                    "connection": systems.connection(node),
                    "stop": stop,
                    **order,
                }
            )
        )
        return workers[-1]

    yield begin
    for process in workers:
        process.close()


def rows(database: Database, run: RunRef) -> list[NodeRun]:
    with database.tenant(run.org_id) as session:
        return list(session.scalars(select(NodeRun).order_by(NodeRun.generation)))


def killed(start: Start, node: str, point: str, **order: Any) -> None:
    process = start(node, stop=point, **order)
    process.stopped()
    process.kill()


@pytest.mark.parametrize("node", ["account", "meeting", "wait"])
def test_killed_between_act_and_record_is_found_and_not_done_again(
    node: str, start: Start, systems: Systems, database: Database, run: RunRef
) -> None:
    killed(start, node, "after act")
    assert [row.status for row in rows(database, run)] == ["STARTED"]
    done = systems.effects(node)
    result = start(node).result()
    assert (result["status"], result["replayed"]) == ("success", False)
    assert systems.effects(node) == done
    (row,) = rows(database, run)
    assert (row.status, row.attempt) == ("SUCCEEDED", 2)


def test_killed_between_an_idempotent_act_and_its_record_does_it_again_without_harm(
    start: Start, systems: Systems
) -> None:
    assert start("account").result()["status"] == "success"
    killed(start, "suspend", "after act")
    assert start("suspend").result()["status"] == "success"
    user = systems.scim.user("ana@acme.example")
    assert user is not None
    assert user["active"] is False


def test_killed_between_taking_groups_and_its_record_it_knows_the_groups_that_it_took(
    start: Start, systems: Systems
) -> None:
    for node in ("account", "groups"):
        assert start(node).result()["status"] == "success"
    killed(start, "strip", "after act")
    assert systems.scim.groups_of("ana@acme.example") == {"Staff"}
    writes = systems.effects("strip")
    output = start("strip").result()["output"]
    assert (output["snapshot"], output["removed"]) == (["Sales", "Staff"], ["Sales"])
    assert systems.effects("strip") == writes


def test_killed_between_sending_a_mail_and_its_record_asks_and_never_sends_twice(
    start: Start, systems: Systems, database: Database, run: RunRef
) -> None:
    killed(start, "mail", "after act")
    for _ in range(2):
        result = start("mail").result()
        assert (result["status"], result["error"]["code"]) == ("failed", "outcome_unknown")
        assert f"officeflow ledger resolve {DAG}/{RUN} mail --done" in result["error"]["hint"]
    assert systems.effects("mail") == 1
    assert [row.status for row in rows(database, run)] == ["ASKED"]


@pytest.mark.parametrize("node", ["mail", "meeting"])
def test_without_the_ledger_the_same_crash_does_it_twice(node: str, start: Start, systems: Systems) -> None:
    """The counting above proves something only because it sees this."""
    killed(start, node, "after act", ledger=False)
    assert start(node, ledger=False).result()["status"] == "success"
    assert systems.effects(node) == 2


@pytest.mark.parametrize("node", ["account", "meeting"])
def test_killed_before_the_act_does_it_once(node: str, start: Start, systems: Systems) -> None:
    killed(start, node, "before act")
    assert systems.effects(node) == 0
    assert start(node).result()["status"] == "success"
    assert systems.effects(node) == 1


@pytest.mark.parametrize("node", ["account", "mail", "meeting"])
def test_killed_after_the_record_returns_the_recorded_result(
    node: str, start: Start, systems: Systems
) -> None:
    killed(start, node, "after record")
    done = systems.effects(node)
    result = start(node).result()
    assert (result["status"], result["replayed"]) == ("success", True)
    assert (systems.effects(node), done) == (1, 1)


def test_killed_after_the_act_with_other_parameters_now_is_refused(start: Start, systems: Systems) -> None:
    killed(start, "account", "after act")
    result = start("account", params={"login": "eve@acme.example"}).result()
    assert (result["status"], result["error"]["code"]) == ("failed", "parameters_changed")
    assert systems.effects("account") == 1


def test_killed_while_redoing_what_was_undone_does_the_new_generation_once(
    start: Start, systems: Systems, database: Database, run: RunRef
) -> None:
    assert start("meeting").result()["status"] == "success"
    with database.tenant(run.org_id) as session:
        session.execute(text("UPDATE node_runs SET status = 'COMPENSATED'"))
    killed(start, "meeting", "after act")
    assert start("meeting").result()["status"] == "success"
    assert [(row.generation, row.status) for row in rows(database, run)] == [
        (1, "COMPENSATED"),
        (2, "SUCCEEDED"),
    ]
    assert systems.effects("meeting") == 2


def test_killed_after_a_failure_acts_again(
    start: Start, systems: Systems, database: Database, run: RunRef
) -> None:
    systems.scim.kill()
    result = start("account").result()
    assert (result["status"], result["error"]["code"]) == ("retry", "transient")
    assert [row.status for row in rows(database, run)] == ["FAILED"]
    systems.scim.start()
    killed(start, "account", "before act")
    assert start("account").result()["status"] == "success"
    assert systems.effects("account") == 1


@pytest.mark.rounds(10)
def test_two_workers_at_once_do_it_once(start: Start, systems: Systems) -> None:
    first = start("mail", stop="after act")
    first.stopped()
    impatient = start("mail", lock_wait=0.1).result()
    assert (impatient["status"], impatient["error"]["code"]) == ("retry", "act_in_progress")
    assert impatient["reschedule_at"] is not None
    patient = start("mail", lock_wait=30.0)
    first.go_on()
    assert first.result()["replayed"] is False
    assert patient.result()["replayed"] is True
    assert systems.effects("mail") == 1


def test_the_lock_is_free_when_its_worker_is_dead(start: Start) -> None:
    killed(start, "wait", "before act")
    deadline = time.monotonic() + 120
    while (result := start("wait", lock_wait=0.05).result())[
        "status"
    ] == "retry" and time.monotonic() < deadline:
        continue
    assert result["status"] == "success"


def test_a_worker_whose_connection_dies_while_it_acts_still_records_once(
    start: Start, systems: Systems, database: Database, run: RunRef, postgres_url: str
) -> None:
    process = start("mail", stop="after act")
    process.stopped()
    with database.engine.connect() as connection:
        victims = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND"
            " pid <> pg_backend_pid()"
        )
        assert len(connection.execute(text(victims)).all()) >= 1
    database.dispose()  # the test's own were among them
    process.go_on()
    assert process.result()["status"] == "success"
    assert [row.status for row in rows(database, run)] == ["SUCCEEDED"]
    assert systems.effects("mail") == 1
    with database.tenant(run.org_id) as session:
        assert list(session.scalars(select(AuditRecord.action))) == ["act.done"]
        results = session.scalars(
            select(OutboxMessage.topic).where(OutboxMessage.topic.like("%.result"))
        ).all()
    assert sorted(results) == ["email.send.result", "node.execute.result"]


def test_a_worker_that_finds_its_act_asked_meanwhile_knows_the_answer(
    start: Start, systems: Systems, database: Database, run: RunRef
) -> None:
    process = start("mail", stop="after act")
    process.stopped()
    with database.engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid()"
            )
        )
    database.dispose()  # the test's own were among them
    assert start("mail").result()["error"]["code"] == "outcome_unknown"
    process.go_on()
    assert process.result()["status"] == "success"
    assert [row.status for row in rows(database, run)] == ["SUCCEEDED"]
    assert start("mail").result()["replayed"] is True
    assert systems.effects("mail") == 1
