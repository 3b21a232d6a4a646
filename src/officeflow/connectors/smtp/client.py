"""A mail sender that speaks SMTP."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from email.utils import formatdate

from officeflow.connectors.connection import Connection, timeout_of, tls_context
from officeflow.connectors.families import Mail, SentMail
from officeflow.connectors.smtp.errors import all_refused, refusal, translated
from officeflow.connectors.smtp.types import Letter, domain_of, letter
from officeflow.errors import InvalidInput, Rejected

PORTS = {"starttls": 587, "tls": 465, "none": 25}


class SmtpSender:
    """`officeflow.connectors.families.MailSender` over SMTP: one session with the server per mail.

    The steps of a delivery are taken one by one, so that a silence before the mail was handed over (not done) can be told from one after it
    (nobody knows).
    """

    def __init__(self, connection: Connection, *, correlation_id: str) -> None:
        self._security = str(connection.extra.get("security") or "starttls")
        if self._security not in PORTS:
            raise InvalidInput(f"connection {connection.id}: no security {self._security!r}", hint=f"one of {', '.join(PORTS)}")
        self._connection = connection
        self._host = connection.host or ""
        self._port = connection.port or PORTS[self._security]
        self._timeout = timeout_of(connection)
        self._delivery_timeout = timeout_of(connection, "delivery_timeout", 120.0)
        self._sender = str(connection.extra.get("sender") or "")
        self._correlation_id = correlation_id
        self.address = f"smtp://{self._host}:{self._port}"

    def close(self) -> None:
        """Nothing is kept open between two mails."""

    def send(self, mail: Mail, *, key: str) -> SentMail:
        sender = mail.sender or self._sender
        if not sender:
            raise Rejected("there is no sender", provider="smtp", operation="send", hint="set the connection's extra sender")
        if not (mail.to or mail.cc or mail.bcc):
            raise Rejected("there is no recipient", provider="smtp", operation="send")
        post = letter(mail, sender=sender, message_id=message_id(key, sender), date=formatdate(), correlation_id=self._correlation_id)
        with self._session() as smtp:
            refused = _envelope(smtp, post)
            self._deliver(smtp, post)
            _leave(smtp)
        accepted = tuple(recipient for recipient in post.recipients if recipient not in refused)
        return SentMail(message_id=post.message_id, accepted=accepted, refused=refused)

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
            return smtplib.SMTP_SSL(self._host, self._port, timeout=self._timeout, context=tls_context(self._connection))
        return smtplib.SMTP(self._host, self._port, timeout=self._timeout)

    def _introduce(self, smtp: smtplib.SMTP) -> None:
        smtp.ehlo_or_helo_if_needed()
        if self._security == "starttls":
            smtp.starttls(context=tls_context(self._connection))
            smtp.ehlo_or_helo_if_needed()
        if self._connection.login:
            smtp.login(self._connection.login, self._connection.password or "")

    def _deliver(self, smtp: smtplib.SMTP, post: Letter) -> None:
        with translated("handing over the mail"):
            code, text = smtp.docmd("DATA")
            if code != 354:
                raise refusal(code, text, during="handing over the mail")
            smtp.send(post.data + b".\r\n")
        with translated("waiting for the mail server's word", maybe_done=True):
            if smtp.sock is not None:
                smtp.sock.settimeout(self._delivery_timeout)
            code, text = smtp.getreply()
        if code != 250:
            raise refusal(code, text, during="taking the mail")


def _envelope(smtp: smtplib.SMTP, post: Letter) -> dict[str, str]:
    """Tells the server who writes to whom. Gives the recipients that it refused, each with its reason; raises where it refused all."""
    refused: dict[str, tuple[int, bytes]] = {}
    with translated("naming sender and recipients"):
        code, text = smtp.mail(post.sender)
        if code != 250:
            raise refusal(code, text, during=f"the sender {post.sender}")
        for recipient in post.recipients:
            code, text = smtp.rcpt(recipient)
            if code == 421:
                raise refusal(code, text, during=f"the recipient {recipient}")
            if code not in {250, 251}:
                refused[recipient] = (code, text)
    if len(refused) == len(post.recipients):
        raise all_refused(refused)
    return {recipient: f"{code} {text.decode('utf-8', 'replace')}" for recipient, (code, text) in refused.items()}


def _leave(smtp: smtplib.SMTP) -> None:
    """Says goodbye. The mail is delivered by then, so how the server takes it does not matter."""
    with suppress(smtplib.SMTPException, OSError):
        smtp.quit()


def message_id(key: str, sender: str) -> str:
    """The same for every attempt of an act, so that a mailbox or a person can tell a second copy."""
    return f"<officeflow.{key}@{domain_of(sender)}>"
