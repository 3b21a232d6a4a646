"""From a `Mail` to the message that goes over the wire (RFC 5322), and who it is for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.errors import MessageError
from email.message import EmailMessage

from officeflow.addresses import Mailbox, mailbox
from officeflow.connectors.families.mail import Attachment, Mail
from officeflow.connectors.smtp.headers import (
    FIELD_NAME,
    VERBATIM,
    address_field,
    attachment_disposition,
    text_field,
)
from officeflow.errors import InvalidInput, Rejected
from officeflow.ids import header_text

MEDIA_TYPE = re.compile(r"(?!message/|multipart/)[A-Za-z0-9.+-]{1,60}/[A-Za-z0-9.+_-]{1,80}", re.IGNORECASE)
"""Parts that hold parts would be read as the mail's own."""

OURS = frozenset(
    [
        "from",
        "sender",
        "to",
        "cc",
        "bcc",
        "reply-to",
        "subject",
        "date",
        "message-id",
        "auto-submitted",
        "x-correlation-id",
        "received",
        "return-path",
        "mime-version",
        "content-type",
        "content-transfer-encoding",
        "content-disposition",
        "content-id",
    ]
)
"""Fields that are written here, or by mail servers, and by nobody else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message and its envelope.

    `data` is ready to be sent: CRLF lines, dots stuffed, the closing dot not included.
    """

    message_id: str
    sender: str
    recipients: tuple[str, ...]
    data: bytes


def letter(mail: Mail, *, sender: str, message_id: str, date: str, correlation_id: str) -> Letter:
    """Raises `Rejected` for an address or header that cannot be sent, naming its field."""
    people = {
        "From": mailboxes("sender", (sender,)),
        "To": mailboxes("to", mail.to),
        "Cc": mailboxes("cc", mail.cc),
        "Reply-To": mailboxes("reply_to", (mail.reply_to,) if mail.reply_to else ()),
    }
    blind = mailboxes("bcc", mail.bcc)
    try:
        message = EmailMessage(policy=VERBATIM)
        for name, listed in people.items():
            if listed:
                message[name] = address_field(name, listed)
        message["Subject"] = text_field("Subject", mail.subject)
        message["Date"] = date
        message["Message-ID"] = message_id
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834 section 5: nobody's holiday note answers
        message["X-Correlation-ID"] = text_field("X-Correlation-ID", header_text(correlation_id))
        _add_body(message, mail)
        data = message.as_bytes()
    except (ValueError, IndexError, MessageError) as error:
        raise _cannot(str(error)) from error
    recipients = dict.fromkeys(each.address for each in (*people["To"], *people["Cc"], *blind))
    return Letter(
        message_id=message_id,
        sender=people["From"][0].address,
        recipients=tuple(recipients),
        data=_stuffed(data),
    )


def _add_body(message: EmailMessage, mail: Mail) -> None:
    message.set_content(mail.text)
    if mail.html is not None:
        message.add_alternative(mail.html, subtype="html")
    for attachment in mail.attachments:
        _attach(message, attachment)
    for name, value in mail.headers.items():  # at the end, for Content-… set before would move into a part
        if name.lower() in OURS or name in message or not FIELD_NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not a header that may be set")
        message[name] = text_field(name, value)


def _attach(message: EmailMessage, attachment: Attachment) -> None:
    if not MEDIA_TYPE.fullmatch(attachment.media_type):
        raise ValueError(
            f"{attachment.media_type!r} is not the type of an attachment; application/octet-stream fits any"
            " file"
        )
    maintype, _, subtype = attachment.media_type.partition("/")
    part = EmailMessage(policy=VERBATIM)
    part.set_content(attachment.content, maintype=maintype, subtype=subtype)
    part["Content-Disposition"] = attachment_disposition(attachment.filename)
    if message.get_content_type() != "multipart/mixed":
        message.make_mixed()
    message.attach(part)


def mailboxes(field: str, texts: tuple[str, ...]) -> list[Mailbox]:
    """The addresses of a field; `Rejected` names the field and the one that is none."""
    found = []
    for text in texts:
        try:
            found.append(mailbox(text))
        except InvalidInput as error:
            raise _cannot(f"{field}: {error.message}", hint=error.hint) from error
    return found


def _cannot(why: str, hint: str = "") -> Rejected:
    return Rejected(f"the mail cannot be written: {why}", operation="send", hint=hint)


def _stuffed(data: bytes) -> bytes:
    """A line that begins with a dot gets a second one (RFC 5321 section 4.5.2); the last line is ended."""
    stuffed = re.sub(rb"(?m)^\.", b"..", data)
    return stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n"
