"""Any mail server that takes mail by SMTP (RFC 5321): with TLS from the start, by STARTTLS, or in the clear.

A mail's Message-ID is made from the act's key, so that a second copy can be told from another mail. Nobody
can ask a mail server whether it has taken a mail.
"""

from __future__ import annotations

from officeflow.connectors import kinds
from officeflow.connectors.declaration import CA_FILE, ConnectionField, Provider, Service
from officeflow.connectors.families import Capability

PROVIDER = Provider(
    name="smtp",
    title="Mail server (SMTP)",
    services=(
        Service(
            client="officeflow.connectors.smtp.client:SmtpSender",
            capabilities=frozenset({Capability.SEND_MAIL}),
        ),
    ),
    fields=(
        ConnectionField(
            name="host",
            kept="host",
            description="Name or address of the mail server.",
            kind=kinds.HOST,
            required=True,
        ),
        ConnectionField(
            name="port",
            kept="port",
            description="587 with starttls, 465 with tls, 25 with none, where it is not given.",
            kind=kinds.PORT,
        ),
        ConnectionField(
            name="login",
            kept="login",
            description="User name; none where the server asks for none.",
            credential=True,
        ),
        ConnectionField(
            name="password",
            kept="password",
            description="Password of the user.",
            secret=True,
            credential=True,
        ),
        ConnectionField(
            name="sender",
            kept="extra.sender",
            description="From address of mails whose node names none.",
            kind=kinds.MAILBOX,
            required=True,
        ),
        ConnectionField(
            name="security",
            kept="extra.security",
            description="How the connection is encrypted; starttls where it is not given.",
            kind=kinds.choice("starttls", "tls", "none"),
            protects=True,
        ),
        ConnectionField(
            name="timeout",
            kept="extra.timeout",
            description="Seconds to wait for an answer; 20 where it is not given.",
            kind=kinds.SECONDS,
        ),
        ConnectionField(
            name="delivery_timeout",
            kept="extra.delivery_timeout",
            description=(
                "Seconds to wait for the server's word after the mail was handed over; 120 where it is"
                " not given."
            ),
            kind=kinds.SECONDS,
        ),
        CA_FILE,
    ),
)
