"""`officeflow ledger` without Airflow: what it shows, and what it says of what does not exist."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from officeflow.database.engine import Database
from officeflow.database.tables import AuditRecord
from officeflow.errors import Transient
from officeflow.runs.acts import Attempt, Done, RunRef
from officeflow.runs.ledger import Ledger
from officeflow.sdk import Effect
from tests.command import Command, officeflow
from tests.ledger.conftest import DAG, RUN, Ask
from tests.listeners.airflow_api import LOGIN, AirflowServer

__all__ = ["officeflow"]

pytestmark = pytest.mark.integration


def done(attempt: Attempt) -> Done:
    attempt.story.append({"step": "read_back", "text": "account ana is there"})
    return Done(output={"changed": True})


def lost(attempt: Attempt) -> Done:
    raise Transient("no answer", maybe_done=True)


@pytest.fixture
def acted(ledger: Ledger, ask: Ask) -> None:
    ledger.once(ask(), done)
    with pytest.raises(Exception, match="nobody can tell"):
        ledger.once(ask(Effect.AT_MOST_ONCE, node="welcome", type="email.send", map_index=0), lost)


@pytest.mark.usefixtures("acted")
def test_show_tells_what_each_node_did(officeflow: Command, run: RunRef) -> None:
    shown = officeflow("ledger", "show", RUN[:10])
    assert shown.status == 0
    for text in (
        f"{DAG}/{RUN}  PENDING",
        "create_account",
        "SUCCEEDED",
        "welcome[0]",
        "ASKED",
        "read back: account ana is there",
        "welcome  transient: no answer",
        f"welcome  was it done? `./officeflow ledger resolve {DAG}/{RUN} welcome --map-index 0 --done",
    ):
        assert text in shown.out, text
    assert '"login"' not in shown.out


@pytest.mark.usefixtures("acted")
def test_show_gives_programs_json_and_parameters_only_when_asked(officeflow: Command, run: RunRef) -> None:
    shown = officeflow("ledger", "show", str(run.run_id), "--json").json
    assert (shown["run"], shown["correlation_id"]) == (f"{DAG}/{RUN}", "c-1")
    assert [(act["node"], act["status"], act["generation"]) for act in shown["acts"]] == [
        ("create_account", "SUCCEEDED", 1),
        ("welcome", "ASKED", 1),
    ]
    assert "input" not in shown["acts"][0]
    assert officeflow("ledger", "show", RUN, "--json", "--inputs").json["acts"][0]["input"]["params"] == {
        "login": "ana"
    }
    assert 'input: {"login": "ana"}' in officeflow("ledger", "show", RUN, "--inputs").out


def test_a_run_without_acts_is_shown_as_such(officeflow: Command, run: RunRef) -> None:
    assert "no node of it has begun yet" in officeflow("ledger", "show", RUN).out


WHO = ("--login", "ana", "--password-stdin")
WHY = ("--why", "because", *WHO)


@pytest.mark.usefixtures("acted")
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("show", "nothing"), "there is no run 'nothing'"),
        (("redo", "nothing", "create_account", *WHY), "there is no run 'nothing'"),
        (("redo", RUN, "create_acount", *WHY), "did you mean create_account?"),
        (
            ("redo", RUN, "create_account", "--map-index", "3", *WHY),
            "the ledger has no act create_account[3]",
        ),
        (("resolve", RUN, "welcome", "--done", *WHY), "the ledger has no act welcome"),
        (("resolve", RUN, "create_account", *WHY), "say --done or --not-done"),
        (("resolve", RUN, "create_account", "--done", "--output", "{", *WHY), "--output is not JSON"),
        (
            ("resolve", RUN, "create_account", "--done", "--output", "[]", *WHY),
            "--output is not a JSON object",
        ),
        (("redo", RUN, "create_account", *WHO), "officeflow: --why is missing"),
    ],
)
def test_what_does_not_exist_or_is_not_said_ends_with_status_2(
    officeflow: Command, arguments: tuple[str, ...], told: str
) -> None:
    ended = officeflow("ledger", *arguments, stdin="secret\n")
    assert ended.status == 2
    assert told in ended.err


@pytest.fixture
def airflow() -> Iterator[AirflowServer]:
    server = AirflowServer()
    server.dags.add(DAG)
    server.trigger(DAG, {"dag_run_id": RUN, "conf": {}, "logical_date": None})
    yield server
    server.stop()


@pytest.mark.usefixtures("acted")
def test_a_program_redoes_by_its_token_where_its_account_may(
    officeflow: Command, database: Database, airflow: AirflowServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    redo = ("ledger", "redo", RUN, "create_account", "--why", "because")
    monkeypatch.setenv("OFFICEFLOW_AIRFLOW_URL", airflow.url)
    monkeypatch.setenv("OFFICEFLOW_AIRFLOW_PASSWORD", LOGIN["password"])
    tokens = {}
    for role in ("operator", "admin"):
        assert officeflow("service-account", "create", "acme", role, "--role", role).status == 0
        tokens[role] = officeflow("token", "create", "acme", role, "--json").json["token"]
    monkeypatch.setenv("OFFICEFLOW_TOKEN", tokens["operator"])
    refused = officeflow(*redo)
    assert (refused.status, "ledger.correct" in refused.err) == (77, True)
    monkeypatch.setenv("OFFICEFLOW_TOKEN", tokens["admin"])
    done = officeflow(*redo)
    assert (done.status, "generation 2" in done.out) == (0, True), done.err
    with database.service() as session:
        query = select(AuditRecord.actor).where(AuditRecord.actor.startswith("token:acme/admin"))
        assert session.scalars(query).all() == ["token:acme/admin"]
