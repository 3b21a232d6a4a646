"""The kinds of values that a connection's fields hold, each with the parser that reads it."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Protocol

from officeflow import addresses
from officeflow.connectors import forms
from officeflow.connectors.assertions import checked_certificate, checked_key
from officeflow.connectors.connection import checked_proxy
from officeflow.connectors.egress import networks_of
from officeflow.connectors.http import statuses_of
from officeflow.errors import InvalidInput
from officeflow.hosts import hosts_of


class Parser(Protocol):
    def __call__(self, text: str, *, source: str) -> object:
        """What the text says; `InvalidInput`, which names `source` and never shows a secret."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """`name` is what a form or a list calls it; `choices` are all the values there are, where they are few.

    `always` is whether the value is read again whenever the connection is used. Other kinds are read where
    somebody writes a connection by our command, and left to the client where it was made by hand in Airflow.
    """

    name: str
    parse: Parser
    choices: tuple[str, ...] = ()
    always: bool = False


def choice(*names: str) -> Kind:
    return Kind(name="choice", parse=functools.partial(_one_of, choices=names), choices=names, always=True)


def _one_of(text: str, *, source: str, choices: tuple[str, ...]) -> str:
    if text not in choices:
        raise InvalidInput(f"{source}: {text!r} is not possible", hint=f"one of {', '.join(choices)}")
    return text


def _any(text: str, *, source: str) -> str:
    del source
    return text


def _mailbox(text: str, *, source: str) -> addresses.Mailbox:
    del source  # its own message says what it is about
    return addresses.mailbox(text)


def _address(text: str, *, source: str) -> str:
    del source
    return addresses.address(text)


TEXT = Kind(name="text", parse=_any)
LINE = Kind(name="line", parse=forms.one_line)
USER_NAME = Kind(name="user_name", parse=forms.user_name)
MARK = Kind(name="mark", parse=forms.mark)
URL = Kind(name="url", parse=forms.web_address)
HOST = Kind(name="host", parse=forms.host_name)
UUID = Kind(name="uuid", parse=forms.uuid)
PORT = Kind(name="port", parse=forms.port)
SECONDS = Kind(name="seconds", parse=forms.seconds)
FILE = Kind(name="file", parse=forms.authorities)
MAILBOX = Kind(name="mailbox", parse=_mailbox, always=True)
ADDRESS = Kind(name="email_address", parse=_address, always=True)
HOSTS = Kind(name="hosts", parse=hosts_of)
NETWORKS = Kind(name="networks", parse=networks_of)
STATUSES = Kind(name="statuses", parse=statuses_of)
CERTIFICATE = Kind(name="certificate", parse=checked_certificate)
PRIVATE_KEY = Kind(name="private_key", parse=checked_key)
PROXY = Kind(name="proxy", parse=checked_proxy)
YES_NO = choice("yes", "no")
