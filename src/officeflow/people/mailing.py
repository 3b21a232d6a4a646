"""The platform's own mail server, by which it tells people what they are asked.

It is in the settings (`OFFICEFLOW_MAIL_…`): no organization's connection, and no task.
"""

from __future__ import annotations

from typing import Self

from officeflow.connectors.connection import Connection
from officeflow.connectors.families.mail import Mail, SentMail
from officeflow.connectors.smtp.client import SmtpSender
from officeflow.connectors.smtp.types import mailboxes
from officeflow.errors import InvalidInput
from officeflow.settings import Settings

SECONDS = 10.0
"""How long the server may take for a step: others wait for their mails meanwhile."""


class Mailer:
    """Sends mails, one after the other. Errors are those of the mail connector."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @classmethod
    def from_settings(cls, settings: Settings) -> Self | None:
        """None where the settings name no mail server; `InvalidInput` where they name one without a usable
        sender.
        """
        if not settings.mail_host:
            return None
        if not settings.mail_sender:
            raise InvalidInput(
                "OFFICEFLOW_MAIL_HOST is set, and OFFICEFLOW_MAIL_SENDER is not",
                hint="set it to the address that the mails are from",
            )
        mailboxes("OFFICEFLOW_MAIL_SENDER", (settings.mail_sender,))
        return cls(_connection(settings))

    def send(self, mail: Mail, *, key: str, correlation_id: str = "") -> SentMail:
        """Hand the mail over. The Message-ID is made from the key: a mailbox can tell a second copy."""
        return SmtpSender(self._connection, correlation_id=correlation_id).send(mail, key=key)

    def check(self) -> str:
        """Greets the server and logs in; says where that was."""
        sender = SmtpSender(self._connection, correlation_id="doctor")
        return f"{sender.address}: {sender.check()}"


def _connection(settings: Settings) -> Connection:
    return Connection(
        id="platform-mail",  # no organization's
        provider="smtp",
        host=settings.mail_host,
        port=settings.mail_port or None,
        login=settings.mail_username or None,
        password=settings.mail_password.get_secret_value() or None,
        extra={
            "security": settings.mail_security,
            "sender": settings.mail_sender,
            "ca_file": settings.mail_ca_file,
            "timeout": SECONDS,
            "delivery_timeout": SECONDS,
        },
    )
