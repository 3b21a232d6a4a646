"""`officeflow outbox`."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from officeflow.database.engine import Database
from officeflow.database.tables import AuditRecord, Organization, OutboxMessage
from officeflow.events import outbox, topics
from tests.events.test_cli import Cli


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, database_url: str) -> Cli:
    monkeypatch.setenv("OFFICEFLOW_DATABASE_URL", database_url)
    return Cli(capsys)


@pytest.fixture
def aside(database: Database, org: Organization) -> str:
    """The id of a message that was set aside; another one waits."""
    with database.service() as session:
        for node in ("a", "b"):
            outbox.add(
                session,
                org_id=org.org_id,
                topic=topics.NODE_EXECUTE_RESULT,
                key=topics.person_key(org.org_id, "E1"),
                type=outbox.MessageType.NODE_RESULT,
                payload={"node": node},
                correlation_id="c",
            )
    with database.service() as session:
        message_id = outbox.waiting(session, limit=1, most_bytes=1)[0].message_id
        outbox.set_aside(session, message_id, why="too large")
    return str(message_id)


def audited(database: Database) -> list[tuple[str, str]]:
    with database.service() as session:
        return [(record.action, record.details["why"]) for record in session.scalars(select(AuditRecord))]


def test_the_list_shows_what_was_set_aside_and_why_before_what_waits(cli: Cli, aside: str) -> None:
    first, second = cli.json("outbox", "list", "--org", "acme")
    assert (first["id"], first["state"], first["why"]) == (aside, "SET ASIDE", "too large")
    assert (second["state"], second["why"]) == ("WAITS", None)


def test_an_empty_outbox_says_so(cli: Cli, database: Database) -> None:
    assert cli("outbox", "list")[1] == "everything is in Kafka\n"


def test_a_message_that_is_retried_waits_again_in_its_place(cli: Cli, database: Database, aside: str) -> None:
    status, out, _ = cli("outbox", "retry", aside[:8], "--why", "limit raised")
    assert (status, out) == (0, f"message {aside} will be sent again\n")
    with database.service() as session:
        first, _ = outbox.waiting(session, limit=10, most_bytes=1000)
        assert str(first.message_id) == aside
        assert outbox.lag(session).set_aside == 0
    assert audited(database) == [("outbox.retried", "limit raised")]


def test_a_message_that_is_discarded_is_gone_and_on_record(cli: Cli, database: Database, aside: str) -> None:
    assert cli("outbox", "discard", aside, "--why", "a test")[0] == 0
    with database.service() as session:
        assert aside not in {str(each) for each in session.scalars(select(OutboxMessage.message_id))}
    assert audited(database) == [("outbox.discarded", "a test")]


def test_a_message_that_waits_is_neither_retried_nor_discarded(
    cli: Cli, database: Database, aside: str
) -> None:
    with database.service() as session:
        waits = outbox.waiting(session, limit=1, most_bytes=1)[0].message_id
    for command in ("retry", "discard"):
        status, _, err = cli("outbox", command, str(waits), "--why", "x")
        assert status == 2
        assert "was set aside" in err
