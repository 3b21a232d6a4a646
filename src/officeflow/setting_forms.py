"""The forms that settings have, and how a wrong one is told. A secret is never in what is said."""

from __future__ import annotations

import ipaddress
import keyword
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr, ValidationError

from officeflow.errors import Problem
from officeflow.hosts import SUCH_AS, SUCH_AS_PLACE, no_hosts_of, no_places_of

BROKER = re.compile(
    r"(?:[A-Za-z0-9+_]+://)?(?:[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?|\[[0-9A-Fa-f:.]+\]):(?P<port>[0-9]{1,5})"
)
ADDRESS = re.compile(r"[^\s@<>,;\"]+@[^\s@<>,;\"]+")
LARGEST_PORT = 65535
LONGEST_SHOWN = 60

REASONS: Mapping[str, str] = MappingProxyType(
    {
        "int_parsing": "is no whole number",
        "int_from_float": "is no whole number",
        "int_parsing_size": "is no whole number of a usable size",
        "float_parsing": "is no number",
        "finite_number": "is no finite number",
        "bool_parsing": "is neither true nor false (on and off, yes and no, 1 and 0 are taken too)",
        "literal_error": "is none of {expected}",
        "string_too_short": "is empty",
        "greater_than": "is not greater than {gt:g}",
        "greater_than_equal": "is less than {ge:g}",
        "less_than_equal": "is more than {le:g}",
    }
)
"""What pydantic calls a failure, and what we say of it."""


def listed(text: str) -> list[str]:
    """The entries of a list that is separated by commas, without blanks around them."""
    return [part for each in text.split(",") if (part := each.strip())]


def problems(error: ValidationError, prefix: str) -> list[Problem]:
    """One per variable, whose name is `prefix` and the field's."""
    return [
        Problem(prefix + ".".join(map(str, each["loc"])).upper(), *_told(each)) for each in error.errors()
    ]


def _told(each: Mapping[str, Any]) -> tuple[str, str]:
    context = each.get("ctx", {})
    if isinstance(wrong := context.get("error"), WrongForm):
        return wrong.reason, wrong.suggestion
    reason = REASONS.get(each["type"])
    if reason is None:
        return each["msg"], ""
    return f"{reason.format(**context)}: {_shown(each['input'])}", ""


def _shown(value: Any) -> str:
    text = str(value)
    return repr(text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…")


class WrongForm(ValueError):
    """Raised by the forms below; `suggestion` says what to write."""

    def __init__(self, reason: str, suggestion: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.suggestion = suggestion


def _hosts(text: str) -> str:
    if wrong := no_hosts_of(text):
        raise WrongForm(f"{_shown(wrong[0])} is no host", SUCH_AS)
    return text


def _places(text: str) -> str:
    if wrong := no_places_of(text):
        raise WrongForm(f"{_shown(wrong[0])} is neither a network nor a host", SUCH_AS_PLACE)
    return text


def _brokers(text: str) -> str:
    for part in listed(text):
        found = BROKER.fullmatch(part)
        if found is None or not 0 < int(found["port"]) <= LARGEST_PORT:
            raise WrongForm(
                f"{_shown(part)} is not host:port",
                "such as kafka.example.com:9092, several separated by commas",
            )
    return text


def _packages(text: str) -> str:
    for part in listed(text):
        if not all(name.isidentifier() and not keyword.iskeyword(name) for name in part.split(".")):
            raise WrongForm(
                f"{_shown(part)} cannot be a package's name", "write what Python imports, such as acme_nodes"
            )
    return text


def _networks(text: str) -> str:
    for part in listed(text):
        try:
            ipaddress.ip_network(part, strict=False)
        except ValueError as error:
            raise WrongForm(f"{_shown(part)} is no network", "such as 10.0.0.0/8 or 192.0.2.7") from error
    return text


def _source(text: str) -> str:
    if not text or re.search(r"[\s\x00-\x1f\x7f]", text):
        raise WrongForm(
            f"{_shown(text)} cannot be the source of a CloudEvent", "a URI without spaces, such as officeflow"
        )
    return text


def _mailbox(text: str) -> str:
    """An empty one is for what is not given."""
    name, bracket, rest = text.strip().partition("<")
    address = rest.removesuffix(">") if bracket and rest.endswith(">") else text.strip()
    if text and (not ADDRESS.fullmatch(address) or re.search(r"[\x00-\x1f\x7f@]", name if bracket else "")):
        raise WrongForm(
            f"{_shown(text)} is no sender of a mail",
            "such as officeflow@example.com or OfficeFlow <officeflow@example.com>",
        )
    return text


def _rate(text: str) -> str:
    """In the notation of `limits`."""
    from limits import parse

    try:
        parse(text)
    except ValueError:
        raise WrongForm(f"{_shown(text)} is no rate", "such as 600 per 1 minute") from None
    return text


def _origins(text: str) -> str:
    for part in listed(text):
        parts = urlsplit(part)
        is_web = parts.scheme in {"http", "https"} and parts.netloc
        if not is_web or part != f"{parts.scheme}://{parts.netloc}":
            raise WrongForm(
                f"{_shown(part)} is no origin", "such as https://intranet.example.com, without a path"
            )
    return text


def _topics(text: str) -> str:
    """Without ^ Kafka's client takes it for the name of one topic."""
    try:
        usable = text.startswith("^") and re.compile(text)
    except re.error:
        usable = None
    if not usable:
        raise WrongForm(f"{_shown(text)} is no regular expression that begins with ^", r"such as ^employee\.")
    return text


def _address(*schemes: str, such_as: str, needs_host: bool) -> Callable[[str], str]:
    """Of an address that may hold a password, so nothing of it is shown. "" is for what is not given."""

    def check(text: str) -> str:
        try:
            parts = urlsplit(text)
            usable = (
                parts.scheme in schemes
                and "://" in text
                and (parts.port or 1) > 0
                and bool(parts.hostname or not needs_host)
            )
        except ValueError:
            usable = False
        if text and not usable:
            raise WrongForm(
                f"is no address that begins with {' or '.join(f'{scheme}://' for scheme in schemes)}",
                f"such as {such_as}",
            )
        return text

    return check


def _of_secret(check: Callable[[str], str]) -> Callable[[SecretStr], SecretStr]:
    def of_secret(value: SecretStr) -> SecretStr:
        check(value.get_secret_value())
        return value

    return of_secret


HOSTS, BROKERS, PACKAGES, SOURCE, TOPICS, MAILBOX, RATE, ORIGINS, NETWORKS, PLACES = (
    AfterValidator(check)
    for check in (
        _hosts,
        _brokers,
        _packages,
        _source,
        _topics,
        _mailbox,
        _rate,
        _origins,
        _networks,
        _places,
    )
)
WEB_ADDRESS = AfterValidator(_address("http", "https", such_as="http://127.0.0.1:8080", needs_host=True))
POSTGRESQL = AfterValidator(
    _of_secret(
        _address(
            "postgresql",
            "postgres",
            "postgresql+psycopg",
            such_as="postgresql://user@db.example.com:5432/officeflow",
            needs_host=False,
        )
    )
)
REDIS = AfterValidator(
    _of_secret(_address("redis", "rediss", such_as="redis://valkey.example.com:6379/0", needs_host=True))
)
