"""The inbox, the quarantine and the outbox, by the API."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from officeflow.api.context import Context
from officeflow.database.engine import Database
from officeflow.database.tables import AuditRecord, DeadLetter, InboxEvent, Organization, OutboxMessage
from officeflow.errors import Unavailable
from officeflow.events import outbox
from officeflow.events.message import Message
from officeflow.rights.permissions import Role
from tests.events.arriving import event, message, put

pytestmark = pytest.mark.integration
Header = dict[str, str]
Ask = Callable[..., Any]


@pytest.fixture
def ask(anybody: TestClient, as_role: Callable[[Role], Header], org: Organization) -> Ask:
    people: dict[Role, Header] = {}

    def asked(method: str, path: str, by: Role = Role.OPERATOR, *, slug: str = org.slug, **more: Any) -> Any:
        if by not in people:
            people[by] = as_role(by)
        return anybody.request(method, f"/organizations/{slug}{path}", headers=people[by], **more)

    return asked


def letters(database: Database, number: int = 1, *, topic: str = "employee.onboard.acme") -> list[str]:
    """Ids of messages that could not be taken."""
    bodies = [event(each, start_date="soon", personal_email="ana@home.example") for each in range(number)]
    put(database, *(message(body, offset, topic=topic) for offset, body in enumerate(bodies)))
    with database.service() as session:
        found = session.scalars(
            select(DeadLetter).where(DeadLetter.topic == topic).order_by(DeadLetter.offset)
        )
        return [str(each.dead_letter_id) for each in found]


class TestInbox:
    def test_listed_by_what_is_asked_and_shown(self, ask: Ask, database: Database) -> None:
        put(
            database,
            message(event(1, employee="E1", personal_email="ana@home.example", title="Clerk"), 1),
            message(event(2, employee="E2"), 2),
        )
        first = ask("GET", "/inbox?limit=1").json()
        assert [each["employee"] for each in first["items"]] == ["E2"]
        second = ask("GET", f"/inbox?limit=1&cursor={first['next']}").json()
        assert [each["employee"] for each in second["items"]] == ["E1"]
        assert second["next"] is None
        assert ask("GET", "/inbox?employee=E1&status=RECEIVED&kind=employee.onboard").json()["items"]
        assert ask("GET", "/inbox?status=DISPATCHED").json()["items"] == []
        assert ask("GET", "/inbox?until=2020-01-01T00:00:00Z").json()["items"] == []
        whole = ask("GET", f"/inbox/{second['items'][0]['inbox_id']}")
        assert "ana@home.example" not in whole.text
        assert (whole.json()["payload"], whole.json()["sensitive_fields"]) == (
            {"title": "Clerk"},
            ["personal_email"],
        )
        told = ask("GET", "/inbox/outcome?event_id=1&source=hr").json()
        assert told == {"status": "RECEIVED", "runs": [], "problem": None}
        assert ask("GET", "/inbox/outcome?event_id=9&source=hr").json() is None

    def test_of_others_and_who_may_not(self, ask: Ask, database: Database, other: Organization) -> None:
        body = event(1, org="globex")
        put(database, message(body, 1, topic="employee.onboard.globex"))
        with database.service() as session:
            inbox_id = session.scalars(select(InboxEvent.inbox_id)).one()
        assert ask("GET", "/inbox").json()["items"] == []
        assert ask("GET", f"/inbox/{inbox_id}").status_code == 404
        assert ask("POST", f"/inbox/{inbox_id}/replay", json={"why": "x"}).status_code == 404
        assert ask("GET", "/inbox", Role.VIEWER).status_code == 403
        assert ask("GET", "/inbox", slug=other.slug).status_code == 404

    def test_dispatched_once_more(self, ask: Ask, database: Database) -> None:
        put(database, message(event(1), 1))
        with database.service() as session:
            found = session.scalars(select(InboxEvent)).one()
            found.status = type(found.status).DISPATCHED
        assert ask("POST", f"/inbox/{found.inbox_id}/replay", json={"why": "mended"}).status_code == 202
        assert ask("GET", f"/inbox/{found.inbox_id}").json()["status"] == "RECEIVED"


class TestQuarantine:
    def test_shown_with_its_reason_and_its_body_only_to_who_corrects(
        self, ask: Ask, database: Database
    ) -> None:
        (letter,) = letters(database)
        (line,) = ask("GET", "/quarantine?status=OPEN&reason=invalid_payload", Role.EDITOR).json()["items"]
        assert line["dead_letter_id"] == letter
        whole = ask("GET", f"/quarantine/{letter}", Role.EDITOR)
        assert whole.json()["means"].startswith("A field of the payload")
        assert "ana@home.example" not in whole.text
        assert ask("GET", f"/quarantine/{letter}/body", Role.EDITOR).status_code == 403
        body = ask("GET", f"/quarantine/{letter}/body").json()
        assert json.loads(body["text"])["data"]["start_date"] == "soon"
        assert base64.b64decode(body["base64"]).decode() == body["text"]
        with database.service() as session:
            assert session.scalars(select(AuditRecord.action)).all() == ["quarantine.read"]

    def test_replayed_as_it_is_and_corrected(self, ask: Ask, database: Database) -> None:
        (letter,) = letters(database)
        still = ask("POST", f"/quarantine/{letter}/replay", json={"why": "try"})
        assert (still.status_code, still.json()["code"]) == (422, "invalid_event")
        mended = {"why": "the date was missing", "event": event(0, start_date="2026-02-01")}
        done = ask("POST", f"/quarantine/{letter}/replay", json=mended)
        assert (done.status_code, done.json()["event_id"]) == (200, "0")
        assert ask("GET", f"/quarantine/{letter}").json()["status"] == "REPLAYED"
        assert [each["event_id"] for each in ask("GET", "/inbox").json()["items"]] == ["0"]
        assert ask("POST", f"/quarantine/{letter}/discard", json={"why": "x"}).status_code == 422

    def test_many_at_once_as_many_as_were_counted(self, ask: Ask, database: Database) -> None:
        letters(database, 3)
        matching = {"reason": "invalid_payload"}
        assert ask("POST", "/quarantine/count", json=matching).json() == {"count": 3}
        asked = {"action": "discard", "matching": matching, "expect": 2, "why": "a test of theirs"}
        assert ask("POST", "/quarantine/bulk", json=asked).status_code == 412
        replay = asked | {"action": "replay", "expect": 3}
        told = ask("POST", "/quarantine/bulk", json=replay).json()
        assert (told["done"], told["left"], len(told["failed"])) == (0, 3, 3)
        assert ask("POST", "/quarantine/bulk", Role.EDITOR, json=asked).status_code == 403
        done = ask("POST", "/quarantine/bulk", json=asked | {"expect": 3}).json()
        assert done == {"done": 3, "left": 0, "failed": []}

    def test_of_others(self, ask: Ask, database: Database, other: Organization) -> None:
        (letter,) = letters(database, topic="employee.onboard.globex")
        for path in ("", "/body"):
            assert ask("GET", f"/quarantine/{letter}{path}").status_code == 404
        for act in ("replay", "discard"):
            assert ask("POST", f"/quarantine/{letter}/{act}", json={"why": "x"}).status_code == 404
        assert ask("POST", "/quarantine/count", json={}).json() == {"count": 0}

    def test_dead_letters_of_no_organization(
        self, ask: Ask, anybody: TestClient, platform_admin: Header, database: Database
    ) -> None:
        (letter,) = letters(database, topic="employee.onboard.nobody")
        (line,) = anybody.get("/dead-letters", headers=platform_admin).json()["items"]
        assert line["dead_letter_id"] == letter
        assert ask("GET", f"/quarantine/{letter}", Role.ADMIN).status_code == 404
        url = f"/dead-letters/{letter}/discard"
        assert anybody.post(url, json={"why": "a typing error"}, headers=platform_admin).status_code == 200
        told = anybody.get(f"/dead-letters/{letter}", headers=platform_admin).json()
        assert told["resolution"]["why"] == "a typing error"


class TestOutbox:
    def test_listed_tried_again_and_discarded(self, ask: Ask, database: Database, org: Organization) -> None:
        with database.service() as session:
            for _ in range(2):
                outbox.add(
                    session,
                    org_id=org.org_id,
                    topic="audit.events",
                    key=str(org.org_id),
                    type=outbox.MessageType.AUDIT_RECORD,
                    payload={},
                    correlation_id="c",
                )
        with database.service() as session:
            first, second = session.scalars(select(OutboxMessage).order_by(OutboxMessage.position))
            outbox.set_aside(session, first.message_id, why="too large")
        assert [each["state"] for each in ask("GET", "/outbox").json()["items"]] == ["SET_ASIDE", "WAITS"]
        (aside,) = ask("GET", "/outbox?state=SET_ASIDE").json()["items"]
        assert (aside["message_id"], aside["why"]) == (str(first.message_id), "too large")
        why = {"why": "the topic takes more now"}
        assert ask("POST", f"/outbox/{second.message_id}/retry", json=why).status_code == 404
        assert ask("POST", f"/outbox/{first.message_id}/retry", Role.EDITOR, json=why).status_code == 403
        assert ask("POST", f"/outbox/{first.message_id}/retry", json=why).status_code == 202
        assert ask("POST", f"/outbox/{first.message_id}/discard", json=why).status_code == 404

    def test_of_others(self, ask: Ask, other: Organization) -> None:
        path = f"/outbox/{uuid.uuid4()}/discard"
        assert ask("POST", path, json={"why": "x"}).status_code == 404
        assert ask("GET", "/outbox", slug=other.slug).status_code == 404


class Recorder:
    """Takes messages as a producer does."""

    def __init__(self) -> None:
        self.sent: list[Message] = []

    def send(self, messages: list[Message]) -> None:
        self.sent += messages


class TestSending:
    @pytest.fixture
    def recorder(self, context: Context) -> Recorder:
        """What Kafka itself takes, `tests/events` shows; here is what the route makes of a request."""
        made = Recorder()
        vars(context)["producer"] = made
        return made

    def test_it_is_checked_audited_and_sent(self, ask: Ask, recorder: Recorder, database: Database) -> None:
        answer = ask("POST", "/events", json=event(7, title="Clerk"))
        assert (answer.status_code, answer.json()["event_id"]) == (202, "7")
        assert answer.headers["location"].endswith("/inbox/outcome?event_id=7&source=hr")
        (sent,) = recorder.sent
        assert sent.topic == answer.json()["topic"] == "employee.onboard.acme"
        put(database, sent)
        (line,) = ask("GET", "/inbox").json()["items"]
        assert line["correlation_id"] == answer.json()["correlation_id"] == answer.headers["x-request-id"]
        with database.service() as session:
            record = session.scalars(select(AuditRecord)).one()
        assert (record.action, record.details["event_id"]) == ("event.sent", "7")

    @pytest.mark.parametrize("name", ["日本2", "uni-🎉", "a&source=x#%41+b c"])
    def test_where_it_is_told_is_an_address_whatever_its_id(
        self, ask: Ask, recorder: Recorder, database: Database, name: str
    ) -> None:
        sent = {**event(7), "id": name}
        answer = ask("POST", "/events", json=sent)
        assert (answer.status_code, answer.json()["event_id"]) == (202, name)
        put(database, recorder.sent[0])
        where = answer.headers["location"].partition("/organizations/acme")[2]
        assert ask("GET", where).json() == {"status": "RECEIVED", "runs": [], "problem": None}

    def test_what_is_wrong_is_told_and_nothing_is_sent(self, ask: Ask, recorder: Recorder) -> None:
        wrong = ask("POST", "/events", json=event(1, start_date="soon"))
        assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid_event")
        assert wrong.json()["problems"]
        assert ask("POST", "/events", json=event(1, org="globex")).status_code == 422
        assert ask("POST", "/events", Role.EDITOR, json=event(1)).status_code == 403
        assert recorder.sent == []

    def test_nothing_is_audited_that_kafka_did_not_take(
        self, ask: Ask, context: Context, database: Database
    ) -> None:
        class Away:
            def send(self, messages: list[Message]) -> None:
                raise Unavailable("Kafka is away")

        vars(context)["producer"] = Away()
        assert ask("POST", "/events", json=event(1)).status_code == 503
        with database.service() as session:
            assert session.scalars(select(AuditRecord)).all() == []
