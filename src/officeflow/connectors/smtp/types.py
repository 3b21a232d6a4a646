"""From a `Mail` to the message that goes over the wire (RFC 5322), and who it is for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import policy
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import parseaddr

from officeflow.connectors.families import Attachment, Mail
from officeflow.errors import Rejected
from officeflow.ids import header_text

ADDRESS = re.compile(r"[^@\s<>\"(),:;\\\[\]]+@[^@\s<>\"(),:;\\\[\]]+")

# Seven-bit bodies, so that every server can take them, 8BITMIME or not.
POLICY = policy.SMTP.clone(cte_type="7bit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message and its envelope. `data` is ready to be sent: CRLF lines, dots stuffed, the closing dot not included."""

    message_id: str
    sender: str
    recipients: tuple[str, ...]
    data: bytes


def letter(mail: Mail, *, sender: str, message_id: str, date: str, correlation_id: str) -> Letter:
    """Raises `Rejected` for an address or header that cannot be sent."""
    try:
        message = _message(mail, sender=sender, message_id=message_id, date=date, correlation_id=correlation_id)
        envelope = [_addr_spec(address) for address in (sender, *mail.to, *mail.cc, *mail.bcc)]
        data = message.as_bytes()
    except (ValueError, IndexError, MessageError) as error:
        raise Rejected(f"the mail cannot be written: {error}", provider="smtp", operation="send") from error
    recipients = tuple(dict.fromkeys(envelope[1:]))
    return Letter(message_id=message_id, sender=envelope[0], recipients=recipients, data=_stuffed(data))


def _message(mail: Mail, *, sender: str, message_id: str, date: str, correlation_id: str) -> EmailMessage:
    message = EmailMessage(policy=POLICY)
    message["From"] = _address(sender)
    for name, addresses in (("To", mail.to), ("Cc", mail.cc), ("Reply-To", (mail.reply_to,) if mail.reply_to else ())):
        if addresses:
            message[name] = [_address(address) for address in addresses]
    message["Subject"] = mail.subject
    message["Date"] = date
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834 section 5: nobody's holiday note answers
    message["X-Correlation-ID"] = header_text(correlation_id)
    message.set_content(mail.text)
    if mail.html is not None:
        message.add_alternative(mail.html, subtype="html")
    for attachment in mail.attachments:
        _attach(message, attachment)
    for name, value in mail.headers.items():  # at the end, for Content-… set before would move into a part
        message[name] = value
    return message


def _attach(message: EmailMessage, attachment: Attachment) -> None:
    maintype, _, subtype = attachment.media_type.partition("/")
    message.add_attachment(attachment.content, maintype=maintype, subtype=subtype or "octet-stream", filename=attachment.filename)


def _address(text: str) -> Address:
    name, _ = parseaddr(text)
    return Address(display_name=name, addr_spec=_addr_spec(text))


def _addr_spec(text: str) -> str:
    """The bare address in `Ana <ana@acme.example>`, its domain in ASCII (RFC 5890)."""
    _, address = parseaddr(text)
    local, _, domain = address.rpartition("@")
    if not (text.isprintable() and ADDRESS.fullmatch(address) and local.isascii()):
        raise ValueError(f"{text!r} is not an e-mail address that mail servers take")
    return f"{local}@{domain if domain.isascii() else domain.encode('idna').decode('ascii')}"


def domain_of(address: str) -> str:
    return _addr_spec(address).rpartition("@")[2]


def _stuffed(data: bytes) -> bytes:
    """A line that begins with a dot gets a second one (RFC 5321 section 4.5.2); the last line is ended."""
    stuffed = re.sub(rb"(?m)^\.", b"..", data)
    return stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n"
