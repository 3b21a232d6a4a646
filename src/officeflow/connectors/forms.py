"""The form of what people write into a connection's fields.

Each raises `InvalidInput` that names `source`, and never shows a secret.
"""

from __future__ import annotations

import ipaddress
import re
import ssl
import urllib.parse
import uuid as uuids
from pathlib import Path

import idna

from officeflow.addresses import is_one_line
from officeflow.connectors.egress import DOT_SEGMENT, is_disguised
from officeflow.errors import InvalidInput

NAME = re.compile(
    r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*\.?", re.IGNORECASE
)
MARK = re.compile(r"[A-Za-z0-9._-]+")


def web_address(text: str, *, source: str) -> str:
    """An http or https address with a host, without user, query and fragment."""
    one_line(text, source=source)
    if any(character.isspace() for character in text) or "\\" in text:
        raise InvalidInput(
            f"{source}: there is a blank or a backslash in it",
            hint="write an address such as https://id.example.com/v2",
        )
    scheme, separator, rest = text.partition("://")
    authority = re.split(r"[/?#]", rest if separator else text, maxsplit=1)[0]
    if "@" in authority:
        raise InvalidInput(
            f"{source}: a user name or password is in the address", hint="they have fields of their own"
        )
    if not separator:
        shown = re.split(r"[?#]", text, maxsplit=1)[0]
        raise InvalidInput(
            f"{source}: {shown!r} has no scheme",
            hint=f"write https://{shown}, or http:// where it is not encrypted",
        )
    if scheme.lower() not in {"http", "https"}:
        raise InvalidInput(
            f"{source}: {scheme}:// is neither http:// nor https://", hint="such as https://id.example.com/v2"
        )
    if re.search(r"[?#]", text):
        raise InvalidInput(
            f"{source}: there is a query or a fragment in the address", hint="leave out what follows ? or #"
        )
    if DOT_SEGMENT.search(rest):
        raise InvalidInput(
            f"{source}: there is a . or .. between slashes in the address",
            hint="write the path that it leads to",
        )
    _authority(text, source)
    return text


def _authority(text: str, source: str) -> None:
    try:
        parts = urllib.parse.urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise InvalidInput(
            f"{source}: that is no address: {error}", hint="a port is a number from 1 to 65535"
        ) from error
    if not host:
        raise InvalidInput(
            f"{source}: there is no host in the address", hint="such as https://id.example.com/v2"
        )
    if port == 0 or parts.netloc.endswith(":"):
        raise InvalidInput(
            f"{source}: there is no port behind the colon", hint="a port is a number from 1 to 65535"
        )
    _host(host, source)


def host_name(text: str, *, source: str) -> str:
    """The name or IP address of a machine, and nothing more."""
    one_line(text, source=source)
    if "://" in text or "/" in text:
        raise InvalidInput(
            f"{source}: that is an address, and here stands a host's name alone",
            hint="such as mail.example.com",
        )
    if "@" in text:
        raise InvalidInput(
            f"{source}: there is an @ in it",
            hint="the name of the mail server; the user name has a field of its own",
        )
    bare, colon, port = text.rpartition(":")
    if colon and port.isdecimal() and ":" not in bare:
        raise InvalidInput(
            f"{source}: {text!r} has a port",
            hint=f"the port has a field of its own: {source}={bare} and port={port}",
        )
    _host(text, source)
    return text


def _host(host: str, source: str) -> None:
    if ":" in host or host.startswith("["):
        try:
            ipaddress.IPv6Address(host.strip("[]").partition("%")[0])
        except ValueError as error:
            raise InvalidInput(
                f"{source}: {host!r} is no IPv6 address", hint="such as [2001:db8::1]"
            ) from error
        return
    try:
        ascii_host = host if host.isascii() else idna.encode(host).decode()
    except idna.IDNAError as error:
        raise InvalidInput(
            f"{source}: {host!r} is no host's name: {error}", hint="such as id.example.com"
        ) from error
    if not NAME.fullmatch(ascii_host) or len(ascii_host) > 253 or is_disguised(ascii_host):
        raise InvalidInput(f"{source}: {host!r} is no host's name", hint="such as id.example.com or 10.1.2.3")


def uuid(text: str, *, source: str) -> str:
    try:
        known = str(uuids.UUID(text)) == text.lower()
    except ValueError:
        known = False
    if not known:
        raise InvalidInput(
            f"{source}: {text!r} is no UUID", hint="such as 7d5f4a9e-0c1b-4d8e-9a63-2f1e6b7c8d90"
        )
    return text


def port(text: str, *, source: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise InvalidInput(f"{source}: {text!r} is no port", hint="a number from 1 to 65535")
    return int(text)


def seconds(text: object, *, source: str) -> float:
    """More than none, and at most an hour."""
    try:
        found = float(text)  # type: ignore[arg-type]  # whatever it is, the next line tells
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"{source}: {text!r} is no number of seconds", hint="such as 20") from error
    if not 0 < found <= 3600:
        raise InvalidInput(f"{source}: {text!r} does not lie between 0 and 3600 seconds")
    return found


def mark(text: str, *, source: str) -> str:
    if not MARK.fullmatch(text):
        raise InvalidInput(
            f"{source}: {text!r} is no mark", hint="letters, digits, points and hyphens, such as acme"
        )
    return text


def one_line(text: str, *, source: str) -> str:
    if not is_one_line(text):
        raise InvalidInput(
            f"{source}: there is a control character in it, such as the end of a line",
            hint="it is one line of text",
        )
    return text


def user_name(text: str, *, source: str) -> str:
    """RFC 7617 section 2: a colon would end it."""
    one_line(text, source=source)
    if ":" in text:
        raise InvalidInput(
            f"{source}: there is a colon in the user name", hint="the password has a field of its own"
        )
    return text


def authorities(text: str, *, source: str) -> str:
    """A file with certificates. Every process reads it, wherever it is started."""
    path = Path(text)
    if not path.is_absolute():
        raise InvalidInput(f"{source}: {text} is no absolute path", hint=f"write {path.absolute()}")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=str(path))
    except ssl.SSLError as error:
        raise InvalidInput(
            f"{source}: {text} holds no certificates", hint="a file in PEM: -----BEGIN CERTIFICATE-----"
        ) from error
    except OSError as error:
        raise InvalidInput(
            f"{source}: {text} cannot be read: {error.strerror}", hint="name a file on this machine"
        ) from error
    return text
