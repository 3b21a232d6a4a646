"""A mail sender that speaks SMTP."""

from __future__ import annotations

import smtplib
from collections.abc import Container, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from email.utils import formatdate

from officeflow.connectors.client import Client
from officeflow.connectors.connection import Connection, timeout_of
from officeflow.connectors.families.mail import Mail, SendsMail, SentMail
from officeflow.connectors.networks import limits_of
from officeflow.connectors.smtp.connecting import Smtp, SmtpTls
from officeflow.connectors.smtp.errors import UNAUTHORIZED, all_refused, refusal, translated
from officeflow.connectors.smtp.replies import NoReply, Reply, ask, check_silent, read
from officeflow.connectors.smtp.types import Letter, letter, mailboxes
from officeflow.connectors.tls import Spoken, tls_context
from officeflow.errors import InvalidInput, Rejected

PORTS = {"starttls": 587, "tls": 465, "none": 25}

# Replies that say nothing about the recipient they are given to: the server is going away, or wants
# credentials.
ABOUT_THE_SESSION = UNAUTHORIZED | {421}


class SmtpSender(Client, SendsMail):
    """Mails over SMTP: one session with the server per mail.

    The steps of a delivery are taken one by one, so that a silence before the mail was handed over (not done)
    can be told from one after it (nobody knows).
    """

    provider = "smtp"
    checks_addresses = True

    def __init__(self, connection: Connection, *, correlation_id: str) -> None:
        super().__init__(connection, correlation_id=correlation_id)
        self._security = str(connection.extra.get("security") or "starttls")
        if self._security not in PORTS:
            raise InvalidInput(
                f"connection {connection.id}: no security {self._security!r}",
                hint=f"one of {', '.join(PORTS)}",
            )
        self._connection = connection
        self._limits = limits_of(connection.id)
        self._host = connection.host or ""
        self._port = connection.port or PORTS[self._security]
        self._timeout = timeout_of(connection)
        self._delivery_timeout = timeout_of(connection, "delivery_timeout", 120.0)
        self._sender = str(connection.extra.get("sender") or "")
        self.address = f"smtp://{self._host}:{self._port}"

    def close(self) -> None:
        """Nothing is kept open between two mails."""

    def check(self) -> str:
        """Greets the server and logs in."""
        with self._session() as smtp:
            with translated("asking the mail server"):
                ask(smtp, "NOOP")
            _leave(smtp)
        return "a mail server, which took the login" if self._connection.login else "a mail server"

    def send(self, mail: Mail, *, key: str, leave_out: Container[str] = ()) -> SentMail:
        sender = mail.sender or self._sender
        if not sender:
            raise Rejected("there is no sender", operation="send", hint="set the connection's extra sender")
        if not (mail.to or mail.cc or mail.bcc):
            raise Rejected("there is no recipient", operation="send")
        post = letter(
            mail,
            sender=sender,
            message_id=message_id(key, sender),
            date=formatdate(),
            correlation_id=self.correlation_id,
        )
        recipients = [recipient for recipient in post.recipients if recipient not in leave_out]
        if not recipients:
            return SentMail(message_id=post.message_id, accepted=())
        with self._session() as smtp:
            replies = _envelope(smtp, post.sender, recipients)
            accepted = tuple(recipient for recipient, reply in replies.items() if reply.taken)
            if accepted:
                self._deliver(smtp, post)
            _leave(smtp)
        if len(replies) == len(post.recipients) and all(reply.for_good for reply in replies.values()):
            raise all_refused(replies)
        return SentMail(
            message_id=post.message_id,
            accepted=accepted,
            refused={recipient: str(reply) for recipient, reply in replies.items() if reply.for_good},
            put_off={recipient: str(reply) for recipient, reply in replies.items() if reply.for_now},
        )

    @contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        with translated("connecting to the mail server"):
            smtp = self._connect()
        with closing(smtp):
            with translated("greeting the mail server"):
                self._introduce(smtp)
            yield smtp

    def _connect(self) -> smtplib.SMTP:
        if self._security == "tls":
            return SmtpTls(
                self._host,
                self._port,
                self._limits,
                self._timeout,
                tls_context(self._connection, Spoken.SMTP),
            )
        return Smtp(self._host, self._port, self._limits, self._timeout)

    def _introduce(self, smtp: smtplib.SMTP) -> None:
        smtp.ehlo_or_helo_if_needed()
        if self._security == "starttls":
            smtp.starttls(context=tls_context(self._connection, Spoken.SMTP))
            smtp.ehlo_or_helo_if_needed()
        if self._connection.login:
            smtp.login(self._connection.login, self._connection.password or "")

    def _deliver(self, smtp: smtplib.SMTP, post: Letter) -> None:
        """Returns where the server took the mail.

        Once the last line is sent, only a whole yes or no says what became of it.
        """
        with translated("handing over the mail"):
            reply = ask(smtp, "DATA")
            if reply.code != 354:
                raise refusal(reply, during="handing over the mail")
            check_silent(smtp)
            smtp.send(post.data + b".\r\n")
        with translated("waiting for the mail server's word", maybe_done=True):
            if smtp.sock is not None:
                smtp.sock.settimeout(self._delivery_timeout)
            reply = read(smtp)
            if not (reply.taken or reply.no):
                raise NoReply(f"{reply} is neither yes nor no")
        if reply.no:
            raise refusal(reply, during="taking the mail")


def _envelope(smtp: smtplib.SMTP, sender: str, recipients: Sequence[str]) -> dict[str, Reply]:
    """Tells the server who writes to whom.

    Gives its yes or no to each recipient; raises where it says something else.
    """
    replies: dict[str, Reply] = {}
    with translated("naming sender and recipients"):
        reply = ask(smtp, f"MAIL FROM:<{sender}>")
        if not reply.taken:
            raise refusal(reply, during=f"the sender {sender}")
        for recipient in recipients:
            reply = ask(smtp, f"RCPT TO:<{recipient}>")
            if reply.code in ABOUT_THE_SESSION or not (reply.taken or reply.no):
                raise refusal(reply, during=f"the recipient {recipient}")
            replies[recipient] = reply
    return replies


def _leave(smtp: smtplib.SMTP) -> None:
    """Says goodbye. The mail is delivered by then, so how the server takes it does not matter."""
    with suppress(smtplib.SMTPException, OSError):
        smtp.quit()


def message_id(key: str, sender: str) -> str:
    """The same for every attempt of an act, so that a mailbox or a person can tell a second copy."""
    (writer,) = mailboxes("sender", (sender,))
    return f"<officeflow.{key}@{writer.domain}>"
