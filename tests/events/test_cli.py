"""`officeflow event` and `officeflow inbox`."""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from officeflow.cli.main import run
from officeflow.database.engine import Database
from officeflow.database.tables import AuditRecord, DeadLetter, InboxEvent, Organization
from officeflow.events import inbox
from officeflow.events.message import Message
from officeflow.kafka_access import KafkaAccess
from tests.messages import received

CLOUD: Mapping[str, Any] = {
    "specversion": "1.0",
    "id": "1",
    "source": "hr",
    "type": "employee.onboard",
    "subject": "E1",
    "time": "2026-01-05T09:00:00Z",
    "data": {"title": "Controller", "personal_email": "ana@home.example"},
}


class Cli:
    """Runs commands as a shell would."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        """Exit status, standard output, standard error."""
        with pytest.raises(SystemExit) as ended:
            run(arguments)
        out, err = self._capsys.readouterr()
        return int(ended.value.code or 0), out, err

    def json(self, *arguments: str) -> Any:
        status, out, err = self(*arguments, "--json")
        assert status == 0, err
        return json.loads(out)


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, database_url: str) -> Cli:
    monkeypatch.setenv("OFFICEFLOW_DATABASE_URL", database_url)
    monkeypatch.setenv("LOGNAME", "ana")
    return Cli(capsys)


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., str]:
    def write(body: Any, name: str = "event.json") -> str:
        path = tmp_path / name
        path.write_bytes(body if isinstance(body, bytes) else json.dumps(body).encode())
        return str(path)

    return write


@pytest.fixture
def tenant(tenant: Organization, kafka_access: KafkaAccess, monkeypatch: pytest.MonkeyPatch) -> Organization:
    """Whose Kafka the settings name."""
    for name, value in kafka_access.environment.items():
        monkeypatch.setenv(name, value)
    return tenant


def quarantine_one(
    database: Database, body: Any, *, topic: str = "employee.onboard.acme", offset: int = 0
) -> DeadLetter:
    value = body if isinstance(body, bytes) else json.dumps(body).encode()
    with database.service() as session:
        inbox.store(
            session, [Message(topic=topic, partition=0, offset=offset, value=value)], own_source="officeflow"
        )
        return session.scalars(
            select(DeadLetter).order_by(DeadLetter.created_at.desc())
        ).first() or pytest.fail("it was taken")


def accept_one(database: Database, body: Any) -> InboxEvent:
    with database.service() as session:
        inbox.store(
            session,
            [Message(topic="employee.onboard.acme", partition=0, offset=0, value=json.dumps(body).encode())],
            own_source="officeflow",
        )
        return session.scalars(select(InboxEvent)).one()


def actions(database: Database) -> list[tuple[str, str]]:
    with database.service() as session:
        return [
            (record.action, record.details["why"])
            for record in session.scalars(select(AuditRecord).order_by(AuditRecord.position))
        ]


def test_a_cloud_event_is_sent_whole_under_the_organizations_key(
    cli: Cli, file: Callable[..., str], tenant: Organization, kafka_access: KafkaAccess
) -> None:
    told = cli.json("event", "send", file(CLOUD), "--org", tenant.slug)
    assert told == {
        "topic": f"employee.onboard.{tenant.slug}",
        "event_id": "1",
        "source": "hr",
        "correlation_id": "1",
    }
    ((key, value, headers),) = received(kafka_access, told["topic"])
    assert key == str(tenant.org_id).encode()
    assert json.loads(value or b"") == CLOUD
    assert headers == {"content-type": "application/cloudevents+json"}


@pytest.mark.parametrize("envelope", ["structured", "binary", "bare"])
def test_an_event_can_be_sent_in_another_envelope(
    cli: Cli, file: Callable[..., str], tenant: Organization, kafka_access: KafkaAccess, envelope: str
) -> None:
    told = cli.json("event", "send", file({**CLOUD, "organizationid": tenant.slug}), f"--{envelope}")
    ((_, value, headers),) = received(kafka_access, told["topic"])
    body = json.loads(value or b"")
    match envelope:
        case "structured":
            assert (body["id"], body["data"], body["organizationid"]) == ("1", CLOUD["data"], tenant.slug)
        case "binary":
            assert (headers["ce_id"], headers["ce_subject"], body) == ("1", "E1", CLOUD["data"])
        case _:
            assert (body["employeeId"], body["payload"], body["organizationId"], headers) == (
                "E1",
                CLOUD["data"],
                tenant.slug,
                {},
            )


def test_an_event_is_read_from_standard_input(
    cli: Cli, tenant: Organization, kafka_access: KafkaAccess, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = {
        "type": "employee.exit",
        "organizationId": tenant.slug,
        "employeeId": "E1",
        "payload": {},
        "timestamp": CLOUD["time"],
    }
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(json.dumps(bare).encode())))
    told = cli.json("event", "send", "-")
    assert received(kafka_access, told["topic"])[0][1:] == (json.dumps(bare).encode(), {})


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"{", "not JSON"),
        ({**CLOUD, "data": {"start_date": "2026-02-30", "groups": 1}}, "payload.groups"),
        ({**CLOUD, "type": "employee.promote"}, "its type is not one of"),
        ({**CLOUD, "organizationid": "nobody"}, "there is no organization 'nobody'"),
        ({**CLOUD, "subject": None}, "no person"),
        (CLOUD, "give --org"),
    ],
)
def test_an_event_that_is_none_is_refused_before_it_is_sent(
    cli: Cli, file: Callable[..., str], org: Organization, body: Any, says: str
) -> None:
    named = (
        body
        if isinstance(body, bytes) or body is CLOUD or "organizationid" in body
        else {**body, "organizationid": "acme"}
    )
    status, _, err = cli("event", "send", file(named))
    assert status == 2
    assert says in err


def test_an_event_for_another_organization_than_the_given_one_is_refused(
    cli: Cli, file: Callable[..., str], org: Organization
) -> None:
    status, _, err = cli("event", "send", file({**CLOUD, "organizationid": "other"}), "--org", "acme")
    assert (status, "not for 'acme'" in err) == (2, True)


def test_a_file_that_is_not_there_is_told_in_a_line(cli: Cli) -> None:
    status, _, err = cli("event", "send", "/nonexistent.json")
    assert (status, err.count("\n")) == (2, 1)
    assert "/nonexistent.json" in err


def test_force_sends_what_is_no_event(
    cli: Cli, file: Callable[..., str], tenant: Organization, kafka_access: KafkaAccess
) -> None:
    told = cli.json("event", "send", file(b"{"), "--force", "--org", tenant.slug, "--kind", "employee.update")
    assert received(kafka_access, told["topic"])[0][1] == b"{"
    status, _, err = cli("event", "send", file(b"{"), "--force")
    assert (status, "give --org and --kind" in err) == (2, True)


def test_without_kafka_sending_fails_with_a_hint(
    cli: Cli, file: Callable[..., str], org: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("officeflow.events.producer.EventProducer.__init__.__kwdefaults__", {"timeout": 1.0})
    monkeypatch.setenv("OFFICEFLOW_KAFKA_BOOTSTRAP", "127.0.0.1:1")
    status, _, err = cli("event", "send", file(CLOUD), "--org", "acme")
    assert status == 1
    assert "127.0.0.1:1" in err


def test_wait_shows_what_came_of_the_event(
    cli: Cli, file: Callable[..., str], tenant: Organization, database: Database
) -> None:
    """The listener's part is done beforehand here: an event that is known already is found too."""
    body = json.dumps(CLOUD).encode()
    with database.service() as session:
        inbox.store(
            session,
            [Message(topic=f"employee.onboard.{tenant.slug}", partition=0, offset=0, value=body)],
            own_source="officeflow",
        )
        session.execute(update(InboxEvent).values(status="IGNORED"))
    told = cli.json("event", "send", file(CLOUD), "--org", tenant.slug, "--wait")
    assert (told["status"], told["runs"]) == ("IGNORED", [])


def test_waiting_ends_and_says_how_far_it_came(
    cli: Cli, file: Callable[..., str], tenant: Organization
) -> None:
    status, _, err = cli("event", "send", file(CLOUD), "--org", tenant.slug, "--wait", "--timeout", "0.5")
    assert (status, "not in the inbox" in err) == (1, True)


def test_the_inbox_is_listed_and_shown_without_sensitive_values(
    cli: Cli, database: Database, org: Organization
) -> None:
    stored = accept_one(database, CLOUD)
    (listed,) = cli.json("inbox", "list", "--org", "acme")
    assert (listed["id"], listed["status"], listed["employee"]) == (str(stored.inbox_id), "RECEIVED", "E1")
    shown = cli.json("inbox", "show", str(stored.inbox_id)[:8])
    assert (shown["payload"], shown["sensitive_fields"]) == ({"title": "Controller"}, ["personal_email"])
    assert "ana@home" not in json.dumps(shown)
    assert cli.json("inbox", "list", "--failed") == []
    assert "no event waits" in cli("inbox", "list", "--failed")[1]
    assert cli("inbox", "show", str(stored.inbox_id), "--body")[0] == 2


def test_the_quarantine_is_listed_and_shown(cli: Cli, database: Database, org: Organization) -> None:
    letter = quarantine_one(database, b"{hello")
    (listed,) = cli.json("inbox", "list", "--quarantined", "--org", "acme")
    assert (listed["reason"], listed["topic"], listed["partition"], listed["offset"]) == (
        "not_json",
        "employee.onboard.acme",
        0,
        0,
    )
    shown = cli.json("inbox", "show", str(letter.dead_letter_id))
    assert (shown["bytes"], shown["resolution"]) == (6, None)


def test_a_quarantined_message_is_written_out_to_be_corrected(
    database: Database,
    database_url: str,
    org: Organization,
    capfdbinary: pytest.CaptureFixture[bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Byte for byte."""
    monkeypatch.setenv("OFFICEFLOW_DATABASE_URL", database_url)
    letter = quarantine_one(database, b"{\xff\r\n")
    with pytest.raises(SystemExit):
        run(["inbox", "show", str(letter.dead_letter_id), "--body"])
    assert capfdbinary.readouterr().out == b"{\xff\r\n"


def test_a_corrected_message_is_replayed_once_and_audited(
    cli: Cli, database: Database, org: Organization, file: Callable[..., str]
) -> None:
    letter = quarantine_one(database, {**CLOUD, "data": {"start_date": "2026-02-30"}})
    name = str(letter.dead_letter_id)
    assert cli("inbox", "replay", name, "--why", "again")[0] == 2, "as it is, it is as wrong as before"
    corrected = file({**CLOUD, "data": {"start_date": "2026-02-28"}})
    status, out, _ = cli("inbox", "replay", name, "--file", corrected, "--why", "typing error")
    assert (status, "is in the inbox as event 1" in out) == (0, True)
    with database.service() as session:
        assert session.scalars(select(InboxEvent)).one().payload == {"start_date": "2026-02-28"}
        resolved = session.scalars(select(DeadLetter)).one()
        assert resolved.status == "REPLAYED"
        assert (resolved.resolution or {})["by"] == "cli:ana"
    assert actions(database) == [("quarantine.replayed", "typing error")]
    status, _, err = cli("inbox", "replay", name, "--file", corrected, "--why", "twice")
    assert (status, "replayed already" in err) == (2, True)
    assert cli.json("inbox", "list", "--quarantined") == []
    assert len(cli.json("inbox", "list", "--quarantined", "--resolved")) == 1


def test_a_message_of_an_organization_that_came_later_is_replayed_as_it_is(
    cli: Cli, database: Database
) -> None:
    letter = quarantine_one(database, CLOUD, topic="employee.onboard.acme")
    assert letter.org_id is None
    with database.service() as session:
        session.add(
            Organization(
                org_id=uuid.uuid4(), slug="acme", name="Acme", domain="acme.example", plan="standard"
            )
        )
    assert cli("inbox", "replay", str(letter.dead_letter_id), "--why", "they are here now")[0] == 0
    assert actions(database) == [("quarantine.replayed", "they are here now")]


def test_a_discarded_message_stays_and_cannot_be_replayed(
    cli: Cli, database: Database, org: Organization
) -> None:
    letter = quarantine_one(database, b"{")
    assert cli("inbox", "discard", str(letter.dead_letter_id), "--why", "a test")[0] == 0
    assert actions(database) == [("quarantine.discarded", "a test")]
    assert cli("inbox", "discard", str(letter.dead_letter_id), "--why", "twice")[0] == 2
    with database.service() as session:
        assert session.scalars(select(DeadLetter)).one().status == "DISCARDED"


def test_a_message_of_no_organization_can_be_discarded(cli: Cli, database: Database) -> None:
    letter = quarantine_one(database, b"{")
    assert cli("inbox", "discard", str(letter.dead_letter_id), "--why", "nobody's")[0] == 0
    assert actions(database) == []


def test_an_event_is_dispatched_again_and_audited(
    cli: Cli, database: Database, org: Organization, file: Callable[..., str]
) -> None:
    stored = accept_one(database, CLOUD)
    with database.service() as session:
        session.execute(update(InboxEvent).values(status="IGNORED"))
    name = str(stored.inbox_id)
    assert cli("inbox", "replay", name, "--why", "the workflow was published late")[0] == 0
    with database.service() as session:
        assert session.scalars(select(InboxEvent)).one().status == "RECEIVED"
    assert actions(database) == [("event.redispatched", "the workflow was published late")]
    assert cli("inbox", "replay", name, "--file", file(CLOUD), "--why", "x")[0] == 2
    assert cli("inbox", "discard", name, "--why", "x")[0] == 2


@pytest.mark.parametrize(
    "arguments", [("show", "abcdef"), ("replay", "abcdef", "--why", "x"), ("list", "--org", "nobody")]
)
def test_what_does_not_exist_is_told_with_what_to_do(cli: Cli, arguments: tuple[str, ...]) -> None:
    status, _, err = cli("inbox", *arguments)
    assert status == 2
    assert "`./officeflow inbox list" in err or "`./officeflow org list" in err


def test_the_documents_are_written_and_checked(cli: Cli, tmp_path: Path) -> None:
    assert cli("event", "schemas", str(tmp_path))[:2] == (0, "11 written\n")
    assert cli("event", "schemas", str(tmp_path), "--check")[0] == 0
    (tmp_path / "asyncapi.yaml").write_text("old")
    status, _, err = cli("event", "schemas", str(tmp_path), "--check")
    assert (status, "asyncapi.yaml" in err) == (2, True)


def test_an_event_dated_ahead_is_not_sent(cli: Cli, file: Callable[..., str], tenant: Organization) -> None:
    status, _, err = cli(
        "event", "send", file({**CLOUD, "time": "2199-01-05T09:00:00Z"}), "--org", tenant.slug
    )
    assert status == 2
    assert "the latest that is taken now" in err
