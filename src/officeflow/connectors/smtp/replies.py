"""A mail server's replies, read strictly (RFC 5321 section 4.2): what is not a whole reply says nothing.

`smtplib` takes `25`, `2_50` and a line that the connection's end cut off for replies. Before the mail is
handed over that costs nothing; after it, whether the mail was taken hangs on this reading.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from dataclasses import dataclass

LONGEST_LINE = 8192
MOST_LINES = 200

LINE = re.compile(rb"([2-5][0-5][0-9])(?:([ -])([^\r\n]*))?\r?\n", re.DOTALL)


class NoReply(smtplib.SMTPException):
    """What came is no reply, or not all of one."""


@dataclass(frozen=True, slots=True)
class Reply:
    code: int
    text: str

    @property
    def taken(self) -> bool:
        return 200 <= self.code < 300

    @property
    def for_now(self) -> bool:
        """No, but it may be yes later."""
        return 400 <= self.code < 500

    @property
    def for_good(self) -> bool:
        return 500 <= self.code < 600

    @property
    def no(self) -> bool:
        return self.for_now or self.for_good

    def __str__(self) -> str:
        return f"{self.code} {self.text}"


def ask(smtp: smtplib.SMTP, command: str) -> Reply:
    """The reply to a command.

    `NoReply` where none came whole, or where the server had spoken before it was asked.
    """
    check_silent(smtp)
    smtp.putcmd(command)
    return read(smtp)


def check_silent(smtp: smtplib.SMTP) -> None:
    """`NoReply` where something is there already that would be read as the answer to what is said next."""
    if smtp.sock is None or smtp.file is None:
        return
    patience = smtp.sock.gettimeout()
    smtp.sock.settimeout(0)
    try:
        early = smtp.file.peek(1)
    except (BlockingIOError, ssl.SSLWantReadError):
        early = b""
    finally:
        smtp.sock.settimeout(patience)
    if early:
        raise NoReply(f"the server said {early[:80]!r} before it was asked")


def read(smtp: smtplib.SMTP) -> Reply:
    """The next reply, of one line or several with one code.

    `NoReply` for anything else, `OSError` where the connection broke.
    """
    code, texts = b"", []
    for _ in range(MOST_LINES):
        line = smtp.file.readline(LONGEST_LINE + 1) if smtp.file is not None else b""
        found = LINE.fullmatch(line)
        if found is None or code not in {b"", found[1]}:
            raise NoReply(_what(line))
        code = found[1]
        texts.append((found[3] or b"").decode("utf-8", "replace").strip())
        if found[2] != b"-":
            return Reply(int(code), "\n".join(texts))
    raise NoReply(f"a reply of more than {MOST_LINES} lines")


def _what(line: bytes) -> str:
    if not line:
        return "the connection was closed without a whole reply"
    return f"{line[:80]!r} is not a whole reply"
