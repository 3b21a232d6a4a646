"""The family `mail`: mails that go out."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from officeflow.connectors.families.opened import Opened


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    filename: str
    content: bytes = field(repr=False)
    media_type: str = "application/octet-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    to: tuple[str, ...]
    subject: str
    text: str
    html: str | None = None
    sender: str | None = None
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    reply_to: str | None = None
    attachments: tuple[Attachment, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMail:
    """What became of a mail for each recipient, by their bare addresses in ASCII: all of them are in one of
    the three.

    `refused` and `put_off` are recipients to the server's reason. A recipient that was put off may be taken
    later.
    """

    message_id: str
    accepted: tuple[str, ...]
    refused: Mapping[str, str] = field(default_factory=dict)
    put_off: Mapping[str, str] = field(default_factory=dict)


class SendsMail(Opened, Protocol):
    @abstractmethod
    def send(self, mail: Mail, *, key: str, leave_out: Container[str] = ()) -> SentMail:
        """Hand the mail to the server; its Message-ID is made from the key.

        Recipients that are in `leave_out` (they have an end already) stand in the mail, and it is not sent to
        them. Returning means that the server has answered for each of the others; an error that nobody got it
        now, or (`maybe_done`) that nobody knows.
        """
        ...
