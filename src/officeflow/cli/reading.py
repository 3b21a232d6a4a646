"""What people hand to a command: files, standard input, secrets that are typed.

Of each at most as much as it may have.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click

from officeflow.errors import InvalidInput

STDIN = "-"
MAX_VALUE_BYTES = 64 * 1024
"""Of a password, a key or another field of a connection."""

PART = 64 * 1024
WHAT_TO_DO = "give a file, or - and the content on standard input"


def read_bytes(path: Path | str, *, most: int, what: str) -> bytes:
    """The content of a file, or of standard input for `-`; no more than `most` bytes, which is what `what`
    ("an event") may have.

    `InvalidInput` says why it cannot be read. What a shell puts in a file's place (`<(…)`, /dev/stdin) is
    read too.
    """
    name = _name(path)
    try:
        if str(path) == STDIN:
            return _bounded(_stdin(), most, name, what)
        # Opening never waits: for a named pipe that would be until somebody writes to it.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            if refused := _refused(file.fileno()):
                raise InvalidInput(f"cannot read {name}: it is {refused}", hint=WHAT_TO_DO)
            os.set_blocking(file.fileno(), True)
            return _bounded(file, most, name, what)
    except OSError as error:
        raise InvalidInput(f"cannot read {name}: {error.strerror}") from error


def read_text(path: Path | str, *, most: int, what: str) -> str:
    """The same as text, which has to be UTF-8."""
    return _text(read_bytes(path, most=most, what=what), _name(path))


def read_line(*, what: str) -> str:
    """The next line of standard input, without its end."""
    try:
        line = _stdin().readline(MAX_VALUE_BYTES + 1)
    except OSError as error:
        raise InvalidInput(f"cannot read standard input: {error.strerror}") from error
    if len(line) > MAX_VALUE_BYTES:
        raise _too_large(_name(STDIN), MAX_VALUE_BYTES, what)
    return _text(line, _name(STDIN)).rstrip("\r\n")


def ask_hidden(question: str) -> str:
    """What is typed without being shown."""
    try:
        return str(click.prompt(question, hide_input=True, err=True))
    except UnicodeError as error:
        raise InvalidInput(
            f"{question}: what was typed is not UTF-8", hint="set the terminal to UTF-8"
        ) from error


def utf8(text: str, what: str) -> str:
    """The same text.

    What is not UTF-8 reaches a program as halves of characters (PEP 383), which nothing that we talk to
    takes.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        shown = os.fsencode(text).decode(errors="backslashreplace")
        raise InvalidInput(
            f"{what} is not UTF-8: {shown}", hint="write it in UTF-8; rename a file that has such a name"
        ) from error
    return text


@contextmanager
def written(path: Path) -> Iterator[None]:
    """For a block that writes there: `InvalidInput` says why it cannot."""
    try:
        yield
    except OSError as error:
        raise InvalidInput(f"cannot write {error.filename or path}: {error.strerror}") from error


def _name(path: Path | str) -> str:
    return "standard input" if str(path) == STDIN else str(path)


def _stdin() -> BinaryIO:
    if sys.stdin is None:  # the shell has closed it
        raise InvalidInput("cannot read standard input: it is closed")
    return sys.stdin.buffer


def _refused(descriptor: int) -> str:
    """What it is, where that is nothing with a content and an end."""
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISDIR(mode):
        return "a folder"
    if stat.S_ISFIFO(mode) and not os.readlink(f"/proc/self/fd/{descriptor}").startswith("pipe:"):  # noqa: PTH115 - no path on disk
        return "a named pipe"
    if stat.S_ISBLK(mode) or (stat.S_ISCHR(mode) and not os.isatty(descriptor)):
        return "a device"
    return ""


def _bounded(file: BinaryIO, most: int, name: str, what: str) -> bytes:
    content = bytearray()
    while part := file.read(min(PART, most + 1 - len(content))):
        content += part
        if len(content) > most:
            raise _too_large(name, most, what)
    return bytes(content)


def _too_large(name: str, most: int, what: str) -> InvalidInput:
    limit = f"{most // 1024**2} MiB" if most >= 1024**2 else f"{most // 1024} KiB"
    return InvalidInput(
        f"{name} is larger than {limit}, the most that {what} may have", hint="is it the right file?"
    )


def _text(content: bytes, name: str) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise InvalidInput(
            f"cannot read {name}: byte {error.start + 1} is not UTF-8", hint="save it as UTF-8"
        ) from error
