"""The SMTP connector against a real inbox, and against a mail server that does as it is told."""

from __future__ import annotations

import email
import email.policy
import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from officeflow.connectors.connection import Connection
from officeflow.connectors.families import Family
from officeflow.connectors.families.mail import Attachment, Mail, SentMail
from officeflow.connectors.smtp.client import SmtpSender, message_id
from officeflow.errors import ConnectorError, InvalidInput, Rejected, Transient, Unauthorized
from tests.connectors.contract import KEY, ConnectorContract
from tests.connectors.smtp_faults import Script, certificate, mail_server, raw_mail_server, users
from tests.counterparts.inbox import SmtpInbox
from tests.counterparts.process import free_port

WELCOME = Mail(
    to=("Ana Pérez <ana@acme.example>",),
    subject="¡Bienvenida, Ana!",
    text="Hola\n.\nEl lunes",
    html="<p>Hola</p>",
    cc=("boss@acme.example",),
    bcc=("audit@acme.example",),
    reply_to="hr@acme.example",
    attachments=(Attachment(filename="plan día 1.txt", content=b"09:00", media_type="text/plain"),),
    headers={"Content-Language": "es"},
)


PEOPLE = ("ana@acme.example", "bob@acme.example")


def connection(server: Any, **changes: Any) -> Connection:
    extra = {"security": "none", "sender": "HR <hr@acme.example>"}
    extra.update(
        {
            name: changes[name]
            for name in ("timeout", "delivery_timeout", "security", "sender", "ca_file")
            if name in changes
        }
    )
    return Connection(
        id="acme.smtp",
        provider="smtp",
        host=changes.get("host", "127.0.0.1"),
        port=changes.get("port", getattr(server, "port", None)),
        login=changes.get("login"),
        password=changes.get("password"),
        extra=extra,
    )


@pytest.mark.integration
class TestSmtp(ConnectorContract):
    provider = "smtp"
    family = Family.MAIL

    @pytest.fixture
    def server(self, smtp_inbox: SmtpInbox) -> SmtpInbox:
        return smtp_inbox

    def connection(self, server: SmtpInbox, **changes: Any) -> Connection:
        return connection(server, **changes)

    def write(self, client: SmtpSender) -> SentMail:
        return client.send(WELCOME, key=KEY)

    def correlation_ids(self, server: SmtpInbox) -> set[str | None]:
        return {request.get("correlation_id") for request in server.requests()}

    @pytest.fixture(autouse=True)
    def _guarded(self, tmp_path: Path) -> Iterator[None]:
        """Beside the inbox, which knows no users, a server that does."""
        trusted, context = certificate(tmp_path)
        port = free_port()
        self.guarded = {"port": port, "security": "starttls", "ca_file": str(trusted)}
        with mail_server(Script(), port, tls_context=context, **users("officeflow", "right")):
            yield

    def wrong_credentials(self, server: SmtpInbox) -> Connection:
        return connection(server, login="officeflow", password="wrong", **self.guarded)

    def test_a_mail_arrives_with_everything_it_should_have(
        self, server: SmtpInbox, client: SmtpSender
    ) -> None:
        sent = self.write(client)
        summary = server.messages()[0]
        mail = email.message_from_string(server.source(summary["id"]), policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        assert mail["Message-ID"] == sent.message_id == message_id(KEY, "hr@acme.example")
        assert (mail["Subject"], mail["From"], mail["To"]) == (
            WELCOME.subject,
            "HR <hr@acme.example>",
            "Ana Pérez <ana@acme.example>",
        )
        assert (mail["Reply-To"], mail["Content-Language"], mail["Auto-Submitted"]) == (
            "hr@acme.example",
            "es",
            "auto-generated",
        )
        text, html = mail.get_body(("plain",)), mail.get_body(("html",))
        assert text is not None
        assert html is not None
        assert (text.get_content().splitlines(), html.get_content().strip()) == (
            ["Hola", ".", "El lunes"],
            "<p>Hola</p>",
        )
        assert [(a.get_filename(), a.get_content()) for a in mail.iter_attachments()] == [
            ("plan día 1.txt", "09:00")
        ]

    def test_a_blind_copy_is_in_the_envelope_alone(self, server: SmtpInbox, client: SmtpSender) -> None:
        sent = self.write(client)
        assert "audit@acme.example" in sent.accepted
        assert "audit@acme.example" not in server.source(server.messages()[0]["id"])

    def test_the_same_key_gives_the_same_message_id(self, client: SmtpSender) -> None:
        assert self.write(client).message_id == self.write(client).message_id
        assert client.send(WELCOME, key="b2" * 32).message_id != self.write(client).message_id


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def servers() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.mark.integration
class TestWhatAServerMayAnswer:
    def send(
        self, servers: ExitStack, port: int, script: Script, mail: Mail = WELCOME, **changes: Any
    ) -> SentMail:
        servers.enter_context(mail_server(script, port))
        settings = {"timeout": 20, "delivery_timeout": 20, **changes}
        return SmtpSender(connection(None, port=port, **settings), correlation_id="c").send(mail, key=KEY)

    @pytest.mark.parametrize(
        ("script", "kind", "status"),
        [
            (Script(mail="451 come again"), Transient, 451),
            (Script(mail="553 not from you"), Rejected, 553),
            (Script(mail="530 sign in first"), Unauthorized, 530),
            (Script(data="452 disk full"), Transient, 452),
            (Script(data="554 looks like spam"), Rejected, 554),
            (Script(recipients={"ana@acme.example": "421 shutting down"}), Transient, 421),
        ],
    )
    def test_a_refusal_is_by_its_digit_final_or_not_and_nothing_was_sent(
        self, servers: ExitStack, port: int, script: Script, kind: type[ConnectorError], status: int
    ) -> None:
        with pytest.raises(kind) as caught:
            self.send(servers, port, script)
        assert (caught.value.status, caught.value.maybe_done, caught.value.retryable) == (
            status,
            False,
            kind is Transient,
        )
        assert script.taken == []

    def test_where_all_recipients_are_refused_for_good_the_mail_is(
        self, servers: ExitStack, port: int
    ) -> None:
        script = Script(recipients=dict.fromkeys(PEOPLE, "550 no"))
        with pytest.raises(Rejected, match="550"):
            self.send(servers, port, script, Mail(to=PEOPLE, subject="s", text="t"))
        assert script.taken == []

    def test_each_recipient_has_an_end_of_its_own(self, servers: ExitStack, port: int) -> None:
        people = (*PEOPLE, "carl@acme.example")
        script = Script(recipients={PEOPLE[0]: "450 later", PEOPLE[1]: "550 no"})
        sent = self.send(servers, port, script, Mail(to=people, subject="s", text="t"))
        assert (sent.accepted, sent.refused, sent.put_off) == (
            people[2:],
            {PEOPLE[1]: "550 no"},
            {PEOPLE[0]: "450 later"},
        )
        assert [taken[1] for taken in script.taken] == [["carl@acme.example"]]

    def test_where_nobody_is_taken_now_and_somebody_may_be_later_nothing_is_sent(
        self, servers: ExitStack, port: int
    ) -> None:
        script = Script(recipients={PEOPLE[0]: "550 no", PEOPLE[1]: "452 too many recipients"})
        sent = self.send(servers, port, script, Mail(to=PEOPLE, subject="s", text="t"))
        assert (sent.accepted, sent.put_off, script.taken) == ((), {PEOPLE[1]: "452 too many recipients"}, [])

    def test_those_who_have_an_end_stand_in_the_mail_and_do_not_get_it_again(
        self, servers: ExitStack, port: int
    ) -> None:
        script = Script()
        servers.enter_context(mail_server(script, port))
        sender = SmtpSender(connection(None, port=port), correlation_id="c")
        sent = sender.send(Mail(to=PEOPLE, subject="s", text="t"), key=KEY, leave_out={PEOPLE[0]})
        assert (sent.accepted, script.taken[0][1]) == (PEOPLE[1:], [PEOPLE[1]])
        assert email.message_from_bytes(script.taken[0][2])["To"] == "ana@acme.example,\r\n bob@acme.example"
        assert sender.send(Mail(to=PEOPLE, subject="s", text="t"), key=KEY, leave_out=PEOPLE).accepted == ()
        assert len(script.taken) == 1

    def test_where_some_recipients_are_refused_the_others_get_it_and_the_result_says_so(
        self, servers: ExitStack, port: int
    ) -> None:
        script = Script(recipients={"boss@acme.example": "550 no such user"})
        sent = self.send(servers, port, script)
        assert sent.refused == {"boss@acme.example": "550 no such user"}
        assert sent.accepted == ("ana@acme.example", "audit@acme.example")
        assert script.taken[0][1] == list(sent.accepted)

    def test_silence_before_the_mail_was_handed_over_is_not_done(self, servers: ExitStack, port: int) -> None:
        with pytest.raises(Transient) as caught:
            self.send(servers, port, Script(silent_at_mail=True), timeout=1)
        assert not caught.value.maybe_done

    def test_silence_after_the_mail_was_handed_over_may_be_done(self, servers: ExitStack, port: int) -> None:
        script = Script(silent_after_data=True)
        with pytest.raises(Transient) as caught:
            self.send(servers, port, script, delivery_timeout=1)
        assert caught.value.maybe_done
        assert len(script.taken) == 1

    def test_a_server_without_starttls_is_not_spoken_to_in_plain_text(
        self, servers: ExitStack, port: int
    ) -> None:
        script = Script()
        with pytest.raises(Rejected) as caught:
            self.send(servers, port, script, security="starttls")
        assert "security" in caught.value.hint
        assert script.taken == []


@pytest.mark.integration
class TestEncryption:
    @pytest.fixture
    def certified(self, tmp_path: Path) -> tuple[Path, ssl.SSLContext]:
        return certificate(tmp_path)

    @pytest.mark.parametrize("security", ["starttls", "tls"])
    def test_a_mail_goes_encrypted_where_the_certificate_is_trusted(
        self, servers: ExitStack, port: int, certified: tuple[Path, ssl.SSLContext], security: str
    ) -> None:
        script = Script()
        trusted, context = certified
        options = (
            {"ssl_context": context}
            if security == "tls"
            else {"tls_context": context, "require_starttls": True}
        )
        servers.enter_context(mail_server(script, port, **options))
        SmtpSender(
            connection(None, port=port, security=security, ca_file=str(trusted)), correlation_id="c"
        ).send(WELCOME, key=KEY)
        assert len(script.taken) == 1

    def test_a_certificate_that_is_not_trusted_is_rejected_and_nothing_is_sent(
        self, servers: ExitStack, port: int, certified: tuple[Path, ssl.SSLContext]
    ) -> None:
        script = Script()
        servers.enter_context(mail_server(script, port, tls_context=certified[1], require_starttls=True))
        with pytest.raises(Rejected) as caught:
            SmtpSender(connection(None, port=port, security="starttls"), correlation_id="c").send(
                WELCOME, key=KEY
            )
        assert "ca_file" in caught.value.hint
        assert script.taken == []

    def test_a_user_signs_in(
        self, servers: ExitStack, port: int, certified: tuple[Path, ssl.SSLContext]
    ) -> None:
        script = Script()
        trusted, context = certified
        servers.enter_context(mail_server(script, port, tls_context=context, **users("officeflow", "right")))
        account = {
            "login": "officeflow",
            "password": "right",
            "security": "starttls",
            "ca_file": str(trusted),
        }
        SmtpSender(connection(None, port=port, **account), correlation_id="c").send(WELCOME, key=KEY)
        assert len(script.taken) == 1

    def test_an_authority_file_that_is_none_is_named(self, port: int, tmp_path: Path) -> None:
        sender = SmtpSender(
            connection(None, port=port, security="tls", ca_file=str(tmp_path / "none")), correlation_id="c"
        )
        with pytest.raises(InvalidInput, match="ca_file"):
            sender.send(WELCOME, key=KEY)


NO_REPLY = [
    b"",
    b"25",
    b"250",
    b"250 tak",
    b"25\r\n",
    b"2_50 ok\r\n",
    b"+250 ok\r\n",
    b"hello\r\n",
    b"\x00\xff\r\n",
    b"250-one\r\n",
    b"250-one\r\n550 two\r\n",
]
NO_REPLY += [
    b"550-one\r\n250 two\r\n",
    b"354 more\r\n",
    b"100 wait\r\n",
    b"299x\r\n",
    b"650 no\r\n",
    b"550",
    b"45",
    b"250 " + b"x" * 9000 + b"\r\n",
]


@pytest.mark.integration
class TestTheWordAfterTheMail:
    """What a server says once the mail is handed over decides whether it is ever sent again."""

    def send(self, servers: ExitStack, port: int, word: bytes) -> SentMail:
        self.talk = servers.enter_context(raw_mail_server(port, word))
        return SmtpSender(
            connection(None, port=port, timeout=20, delivery_timeout=20), correlation_id="c"
        ).send(WELCOME, key=KEY)

    @pytest.mark.parametrize("word", NO_REPLY)
    def test_what_is_no_whole_yes_or_no_leaves_it_open(
        self, servers: ExitStack, port: int, word: bytes
    ) -> None:
        with pytest.raises(Transient) as caught:
            self.send(servers, port, word)
        assert caught.value.maybe_done
        assert len(self.talk.mails) == 1

    @pytest.mark.parametrize(
        "word", [b"250 ok\r\n", b"250\r\n", b"250-queued\r\n250 as 7\r\n", b"252 will try\r\n", b"200 ok\n"]
    )
    def test_a_whole_yes_is_a_yes(self, servers: ExitStack, port: int, word: bytes) -> None:
        assert len(self.send(servers, port, word).accepted) == 3

    @pytest.mark.parametrize(
        ("word", "kind"),
        [
            (b"452 full\r\n", Transient),
            (b"421 going\r\n", Transient),
            (b"554-spam\r\n554 really\r\n", Rejected),
            (b"550\r\n", Rejected),
        ],
    )
    def test_a_whole_no_is_a_no(
        self, servers: ExitStack, port: int, word: bytes, kind: type[ConnectorError]
    ) -> None:
        with pytest.raises(kind) as caught:
            self.send(servers, port, word)
        assert not caught.value.maybe_done

    @pytest.mark.parametrize("word", NO_REPLY)
    @pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
    def test_before_the_mail_is_handed_over_it_is_tried_again(
        self, servers: ExitStack, port: int, word: bytes, command: str
    ) -> None:
        if command == "DATA" and word.startswith(b"354 "):
            return
        replies: dict[str, Any] = {command: word}
        talk = servers.enter_context(raw_mail_server(port, b"250 ok\r\n", **replies))
        with pytest.raises(Transient) as caught:
            SmtpSender(connection(None, port=port, timeout=20), correlation_id="c").send(WELCOME, key=KEY)
        assert (caught.value.maybe_done, talk.mails) == (False, [])

    @pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
    def test_a_reply_that_was_there_before_the_question_answers_nothing(
        self, servers: ExitStack, port: int, command: str
    ) -> None:
        early = b"354 go on\r\n250 ok\r\n" if command == "DATA" else b"250 ok\r\n250 ok\r\n"
        talk = servers.enter_context(raw_mail_server(port, b"250 ok\r\n", hang_up=False, **{command: early}))
        with pytest.raises(Transient, match="before it was asked") as caught:
            SmtpSender(connection(None, port=port, timeout=20), correlation_id="c").send(WELCOME, key=KEY)
        assert (caught.value.maybe_done, talk.mails) == (False, [])
