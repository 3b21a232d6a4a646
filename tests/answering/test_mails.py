"""Mails to those who are asked, in a real inbox; time is the test's."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from email import message_from_string, policy
from email.message import EmailMessage
from typing import Any

import pytest

from listeners.steward.asking import Asking
from listeners.steward.deadlines import Deadlines
from officeflow.errors import InvalidInput, Transient
from officeflow.people import delegations
from officeflow.people.mailing import Mailer
from officeflow.settings import load_settings
from officeflow.statuses import RequestState
from tests.answering.asked import Asked
from tests.counterparts.inbox import SmtpInbox

pytestmark = pytest.mark.integration

NOW = dt.datetime(2026, 6, 1, 9, tzinfo=dt.UTC)
LINK = re.compile(r"https://of\.example/answer/([\w.-]+)")


class Clock:
    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> dt.datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


def mailer(inbox: SmtpInbox, **settings: Any) -> Mailer:
    known = {
        "mail_host": inbox.host,
        "mail_port": inbox.port,
        "mail_security": "none",
        "mail_sender": "OfficeFlow <officeflow@of.example>",
        **settings,
    }
    made = Mailer.from_settings(load_settings(**known))
    assert made is not None
    return made


@pytest.fixture
def asking(asked: Asked, smtp_inbox: SmtpInbox, clock: Clock) -> Asking:
    return Asking(asked.database, mailer(smtp_inbox), clock, url="https://of.example/", link_hours=24)


def mails(inbox: SmtpInbox) -> list[EmailMessage]:
    numbers = sorted(each["id"] for each in inbox.messages())
    return [message_from_string(inbox.source(number), policy=policy.default) for number in numbers]


def body(mail: EmailMessage, kind: str = "plain") -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def test_everybody_who_is_asked_gets_one_mail_with_a_link_of_their_own(
    asked: Asked, asking: Asking, smtp_inbox: SmtpInbox
) -> None:
    request_id = asked.ask("bea", "cyd", now=NOW, timeout=dt.timedelta(days=2))
    assert [asking.ask(), asking.ask()] == [2, 0]
    sent = mails(smtp_inbox)
    assert sorted(str(mail["To"]) for mail in sent) == ["bea@acme.example", "cyd@acme.example"]
    found = [LINK.search(body(mail)) for mail in sent]
    tokens = [each[1] for each in found if each]
    assert len(set(tokens)) == 2
    for mail, token in zip(sent, tokens, strict=True):
        assert str(mail["Subject"]) == "May Ana have access to <payroll>?"
        assert "Please answer before Wednesday, 3 June 2026, 09:00 UTC" in body(mail)
        assert "Monday" not in mail.as_string(), "details are on the page alone"
        assert "&lt;payroll&gt;" in body(mail, "html")
        assert token in body(mail, "html")
        assert asked.link_row(token).expires_at == NOW + dt.timedelta(hours=24)
    assert {seat.mailed_at for seat in asked.seats(request_id)} == {NOW}


def test_a_link_never_outlives_the_deadline(asked: Asked, asking: Asking, smtp_inbox: SmtpInbox) -> None:
    asked.ask("bea", now=NOW, timeout=dt.timedelta(hours=3))
    asking.ask()
    found = LINK.search(body(mails(smtp_inbox)[0]))
    assert found is not None
    assert asked.link_row(found[1]).expires_at == NOW + dt.timedelta(hours=3)


def test_who_was_killed_after_sending_sends_the_same_mail_again(
    asked: Asked, asking: Asking, smtp_inbox: SmtpInbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked.ask("bea", now=NOW)
    with monkeypatch.context() as patched:
        patched.setattr(asking, "_noted", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            asking.ask()
    assert asking.ask() == 1
    first, second = mails(smtp_inbox)
    assert first["Message-ID"] == second["Message-ID"]


def test_the_one_who_stands_in_is_written_to(asked: Asked, asking: Asking, smtp_inbox: SmtpInbox) -> None:
    asked.ask("bea", now=NOW)
    asked.user("cyd")
    with asked.database.tenant(asked.org.org_id) as session:
        delegations.make(
            session, asked.org.org_id, from_email="bea@acme.example", to_email="cyd@acme.example",
            starts_on=NOW.date(), ends_on=NOW.date(), by="airflow:bea", now=NOW,
        )  # fmt: skip
    assert asking.ask() == 1
    (mail,) = mails(smtp_inbox)
    assert mail["To"] == "cyd@acme.example"
    assert "cyd@acme.example stands in for bea@acme.example" in body(mail).replace("\n", " ")


def stands_in(
    asked: Asked, giver: str, taker: str, *, day: dt.date, last: dt.date | None = None
) -> uuid.UUID:
    asked.user(taker)
    with asked.database.tenant(asked.org.org_id) as session:
        made = delegations.make(
            session, asked.org.org_id, from_email=f"{giver}@acme.example", to_email=f"{taker}@acme.example",
            starts_on=day, ends_on=last or day, by=f"airflow:{giver}", now=NOW,
        )  # fmt: skip
        return made.delegation_id


def recipients(inbox: SmtpInbox) -> list[str]:
    return [str(mail["To"]).partition("@")[0] for mail in mails(inbox)]


def test_who_begins_to_stand_in_is_written_to_once_of_what_was_asked_before(
    asked: Asked, asking: Asking, smtp_inbox: SmtpInbox, clock: Clock
) -> None:
    request_id = asked.ask("bea", now=NOW)
    asked.ask("eve", node="another", now=NOW)
    assert (asking.ask(), asking.stand_ins()) == (2, 0)
    tomorrow = NOW + dt.timedelta(days=1)
    stands_in(asked, "bea", "cyd", day=tomorrow.date())
    assert asking.stand_ins() == 0, "it has not begun"
    clock.at = tomorrow
    assert [asking.stand_ins(), asking.stand_ins(), asking.ask()] == [1, 0, 0]
    assert recipients(smtp_inbox)[2:] == ["cyd"]
    text = body(mails(smtp_inbox)[-1])
    assert "cyd@acme.example stands in for bea@acme.example" in text.replace("\n", " ")
    found = LINK.search(text)
    assert found is not None
    assert asked.link_row(found[1]).user_id == asked.user("cyd").user_id
    clock.at = tomorrow + dt.timedelta(days=1)
    assert [asking.stand_ins(), asking.ask()] == [0, 0], "it is over"
    assert asked.is_open(request_id)


def test_at_the_end_of_a_chain_the_last_one_is_written_to_and_nobody_twice(
    asked: Asked, asking: Asking, smtp_inbox: SmtpInbox
) -> None:
    asked.ask("bea", now=NOW)
    asking.ask()
    first = stands_in(asked, "bea", "cyd", day=NOW.date())
    assert asking.stand_ins() == 1
    stands_in(asked, "cyd", "dan", day=NOW.date())
    assert [asking.stand_ins(), asking.stand_ins()] == [1, 0]
    assert recipients(smtp_inbox) == ["bea", "cyd", "dan"]
    with asked.database.tenant(asked.org.org_id) as session:
        delegations.end(session, asked.org.org_id, first, by="airflow:bea", now=NOW)
    assert asking.stand_ins() == 0
    stands_in(asked, "bea", "cyd", day=NOW.date())
    assert asking.stand_ins() == 0


def test_a_stand_in_is_not_written_to_of_what_is_answered_and_after_a_kill_with_the_same_message_id(
    asked: Asked, asking: Asking, smtp_inbox: SmtpInbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    from officeflow.people import answers

    request_id = asked.ask("bea", now=NOW)
    asked.ask("bea", node="another", now=NOW)
    asking.ask()
    with asked.database.tenant(asked.org.org_id) as session:
        answers.answer(session, request_id, choice="Approve", door="command", now=NOW, login="bea")
    stands_in(asked, "bea", "cyd", day=NOW.date())
    with monkeypatch.context() as patched:
        patched.setattr(asking, "_noted", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            asking.stand_ins()
    assert [asking.stand_ins(), asking.stand_ins()] == [1, 0]
    first, second = mails(smtp_inbox)[2:]
    assert first["Message-ID"] == second["Message-ID"]


def test_every_page_of_stand_ins_is_seen_to(
    asked: Asked, asking: Asking, smtp_inbox: SmtpInbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("listeners.steward.asking.AT_ONCE", 2)
    for number in range(5):
        asked.ask("bea", node=f"node_{number}", now=NOW)
    while asking.ask():
        pass
    stands_in(asked, "bea", "cyd", day=NOW.date())
    assert [asking.stand_ins(), asking.stand_ins()] == [5, 0]
    assert recipients(smtp_inbox) == ["bea"] * 5 + ["cyd"] * 5


def test_they_are_reminded_once_before_the_time_is_over(
    asked: Asked, asking: Asking, smtp_inbox: SmtpInbox, clock: Clock
) -> None:
    request_id = asked.ask("bea", now=NOW, timeout=dt.timedelta(days=2), remind_before=dt.timedelta(days=1))
    asking.ask()
    assert asking.remind() == 0
    clock.at = NOW + dt.timedelta(days=1)
    assert [asking.remind(), asking.remind()] == [1, 0]
    first, second = mails(smtp_inbox)
    assert str(second["Subject"]) == "Reminder: May Ana have access to <payroll>?"
    assert first["Message-ID"] != second["Message-ID"]
    found = LINK.search(body(second))
    assert found is not None
    assert asked.link_row(found[1]).expires_at == NOW + dt.timedelta(days=2)
    assert asked.request(request_id).remind_at is None


def test_who_has_answered_is_not_reminded(
    asked: Asked, asking: Asking, smtp_inbox: SmtpInbox, clock: Clock
) -> None:
    from officeflow.people import answers

    request_id = asked.ask("bea", now=NOW, timeout=dt.timedelta(days=2), remind_before=dt.timedelta(days=1))
    asking.ask()
    with asked.database.tenant(asked.org.org_id) as session:
        answers.answer(session, request_id, choice="Approve", door="command", now=NOW, login="bea")
    clock.at = NOW + dt.timedelta(days=1)
    assert asking.remind() == 0
    assert len(mails(smtp_inbox)) == 1


def test_it_is_given_to_others_after_a_time_who_get_their_mail_then(
    asked: Asked, asking: Asking, smtp_inbox: SmtpInbox, clock: Clock
) -> None:
    asked.user("boss")
    asked.ask(
        "bea", now=NOW, escalate_after=dt.timedelta(days=1), escalate_to=({"user": "boss@acme.example"},)
    )
    deadlines = Deadlines(asked.database, clock)
    asking.ask()
    assert (deadlines.escalate(), asking.ask()) == (0, 0)
    clock.at = NOW + dt.timedelta(days=1)
    assert (deadlines.escalate(), asking.ask(), deadlines.escalate()) == (1, 1, 0)
    assert mails(smtp_inbox)[-1]["To"] == "boss@acme.example"


def test_after_the_deadline_the_default_is_the_decision(asked: Asked, clock: Clock) -> None:
    request_id = asked.ask("bea", now=NOW, timeout=dt.timedelta(days=1), default="Reject")
    deadlines = Deadlines(asked.database, clock)
    assert deadlines.expire() == 0
    clock.at = NOW + dt.timedelta(days=1)
    assert [deadlines.expire(), deadlines.expire()] == [1, 0]
    assert (asked.request(request_id).state, asked.request(request_id).decision) == (
        RequestState.EXPIRED,
        "Reject",
    )


def test_after_an_hour_without_a_steward_each_request_is_where_it_would_be_and_nobody_is_written_to_in_vain(
    asked: Asked, asking: Asking, smtp_inbox: SmtpInbox, clock: Clock
) -> None:
    for person in ("boss", "cai"):
        asked.user(person)
    quarter = dt.timedelta(minutes=15)
    to_boss = ({"user": "boss@acme.example"},)
    over = asked.ask(
        "bea",
        now=NOW,
        escalate_after=quarter,
        escalate_to=to_boss,
        timeout=3 * quarter,
        remind_before=quarter,
        default="Reject",
    )
    given_on = asked.ask(
        "bea",
        node="later",
        now=NOW,
        escalate_after=quarter,
        escalate_to=({"user": "cai@acme.example"},),
        timeout=8 * quarter,
    )
    deadlines = Deadlines(asked.database, clock)
    clock.at = NOW + dt.timedelta(hours=1)
    assert (asking.ask(), asking.remind(), deadlines.escalate(), deadlines.expire()) == (1, 0, 1, 1)
    assert (asking.ask(), asking.remind(), deadlines.escalate(), deadlines.expire()) == (1, 0, 0, 0)
    assert [mail["To"] for mail in mails(smtp_inbox)] == ["bea@acme.example", "cai@acme.example"]
    assert (asked.request(over).state, asked.request(over).decision) == (RequestState.EXPIRED, "Reject")
    assert asked.request(given_on).state == RequestState.OPEN


def test_a_server_that_is_away_loses_nothing(
    asked: Asked, asking: Asking, smtp_inbox: SmtpInbox, clock: Clock
) -> None:
    asked.ask("bea", now=NOW)
    away = Asking(
        asked.database, mailer(smtp_inbox, mail_port=1), clock, url="https://of.example", link_hours=1
    )
    with pytest.raises(Transient, match="connecting to the mail server"):
        away.ask()
    assert asking.ask() == 1


def test_without_a_mail_server_nothing_is_sent(monkeypatch: pytest.MonkeyPatch, asked: Asked) -> None:
    assert Asking.from_settings(load_settings(mail_host=""), asked.database, Clock()) is None
    with pytest.raises(InvalidInput, match="OFFICEFLOW_MAIL_SENDER is not"):
        Mailer.from_settings(load_settings(mail_host="mail.example"))


@pytest.mark.parametrize("sender", ["people", "a@b <c@d>", "x\n@y", "a@b, c@d"])
def test_a_sender_that_is_none_is_refused_with_the_settings(sender: str) -> None:
    with pytest.raises(InvalidInput, match="settings"):
        load_settings(mail_sender=sender)
