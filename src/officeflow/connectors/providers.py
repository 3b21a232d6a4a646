"""Which providers there are: the one file that names, per provider, its family and the fields of its
connection.
"""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from officeflow.addresses import address, mailbox
from officeflow.connectors.connection import Connection
from officeflow.connectors.families import Calendar, IdentityProvider, MailSender, WebSystem
from officeflow.errors import InvalidInput, NotKnown, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionField:
    """One field of a connection: what people call it, and where Airflow keeps it (`host`, `port`, `login`,
    `password`, `extra.<name>`).
    """

    name: str
    kept: str
    description: str
    required: bool = False
    secret: bool = False
    choices: tuple[str, ...] = ()
    reads: Callable[[str], object] | None = None
    """Raises `InvalidInput` for a value that cannot be used."""

    def value_in(self, connection: Connection) -> Any:
        place, _, key = self.kept.partition(".")
        return connection.extra.get(key) if key else getattr(connection, place)


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A kind of system.

    `client` is the class that speaks to it, as `module:class`: imported when one is opened.
    """

    name: str
    title: str
    family: str
    client: str
    fields: tuple[ConnectionField, ...]

    def load_client(self) -> Callable[..., Any]:
        """The class that `client` names, imported."""
        module, _, name = self.client.partition(":")
        found: Callable[..., Any] = getattr(importlib.import_module(module), name)
        return found


TIMEOUT = ConnectionField(
    name="timeout",
    kept="extra.timeout",
    description=(
        "Seconds to wait for an answer and between its parts; 20 where it is not given. All of it may take"
        " three times as long."
    ),
)
MAIL_TIMEOUT = ConnectionField(
    name="timeout",
    kept="extra.timeout",
    description="Seconds to wait for an answer; 20 where it is not given.",
)
PROXY = ConnectionField(
    name="proxy",
    kept="extra.proxy",
    description=(
        "Proxy that leads there, such as http://proxy.example.com:3128, with user and password where it asks"
        " for them. What the environment names as a proxy is not used."
    ),
    secret=True,
)
CA_FILE = ConnectionField(
    name="ca_file",
    kept="extra.ca_file",
    description="Certificate authorities (a file) to trust beside the machine's.",
)

_ALL = (
    Provider(
        name="scim",
        title="SCIM 2.0 server",
        family="identity",
        client="officeflow.connectors.scim.client:ScimProvider",
        fields=(
            ConnectionField(
                name="url",
                kept="host",
                description="Base URL, such as https://id.example.com/scim/v2.",
                required=True,
            ),
            ConnectionField(
                name="token",
                kept="password",
                description="Bearer token; with a login, the login's password.",
                secret=True,
            ),
            ConnectionField(
                name="login",
                kept="login",
                description="For servers that want a login and password rather than a token.",
            ),
            ConnectionField(
                name="dialect",
                kept="extra.dialect",
                description="How the server departs from RFC 7644; rfc7644 where it is not given.",
                choices=("rfc7644", "pathless", "groups-on-user"),
            ),
            ConnectionField(
                name="mark",
                kept="extra.mark",
                description=(
                    "Where several organizations share the directory: what stands before this one's employee"
                    " numbers (acme:1001)."
                ),
            ),
            ConnectionField(
                name="shared",
                kept="extra.shared",
                description=(
                    "no where another organization's connection has the same address, and each token a"
                    " directory of its own."
                ),
                choices=("yes", "no"),
            ),
            TIMEOUT,
            CA_FILE,
            PROXY,
        ),
    ),
    Provider(
        name="smtp",
        title="Mail server (SMTP)",
        family="mail",
        client="officeflow.connectors.smtp.client:SmtpSender",
        fields=(
            ConnectionField(
                name="host", kept="host", description="Name or address of the mail server.", required=True
            ),
            ConnectionField(
                name="port",
                kept="port",
                description="587 with starttls, 465 with tls, 25 with none, where it is not given.",
            ),
            ConnectionField(
                name="login", kept="login", description="User name; none where the server asks for none."
            ),
            ConnectionField(
                name="password", kept="password", description="Password of the user.", secret=True
            ),
            ConnectionField(
                name="sender",
                kept="extra.sender",
                description="From address of mails whose node names none.",
                required=True,
                reads=mailbox,
            ),
            ConnectionField(
                name="security",
                kept="extra.security",
                description="How the connection is encrypted; starttls where it is not given.",
                choices=("starttls", "tls", "none"),
            ),
            MAIL_TIMEOUT,
            ConnectionField(
                name="delivery_timeout",
                kept="extra.delivery_timeout",
                description=(
                    "Seconds to wait for the server's word after the mail was handed over; 120 where it is"
                    " not given."
                ),
            ),
            CA_FILE,
        ),
    ),
    Provider(
        name="caldav",
        title="Calendar server (CalDAV)",
        family="calendar",
        client="officeflow.connectors.caldav.client:CaldavCalendar",
        fields=(
            ConnectionField(
                name="url", kept="host", description="Address of the server or of a calendar.", required=True
            ),
            ConnectionField(name="login", kept="login", description="User name."),
            ConnectionField(
                name="password",
                kept="password",
                description="Password; without a login, a bearer token.",
                secret=True,
            ),
            ConnectionField(
                name="calendar",
                kept="extra.calendar",
                description=(
                    "Name or address of the calendar used where a node names none; else the first one."
                ),
            ),
            ConnectionField(
                name="trusted_hosts",
                kept="extra.trusted_hosts",
                description=(
                    "Other hosts of the same system, which get the credentials too: p42-caldav.icloud.com,"
                    " *.icloud.com."
                ),
            ),
            ConnectionField(
                name="organizer",
                kept="extra.organizer",
                description="E-mail address that invites, where a node names none.",
                reads=address,
            ),
            TIMEOUT,
            CA_FILE,
            PROXY,
        ),
    ),
    Provider(
        name="http",
        title="HTTP API",
        family="http",
        client="officeflow.connectors.web.client:WebClient",
        fields=(
            ConnectionField(
                name="url",
                kept="host",
                description="Base URL, such as https://api.example.com/v1.",
                required=True,
            ),
            ConnectionField(
                name="auth",
                kept="extra.auth",
                description=(
                    "How we say who we are; where it is not given: basic with a login, bearer with a token"
                    " alone, else none."
                ),
                choices=("none", "bearer", "basic", "header"),
            ),
            ConnectionField(
                name="token",
                kept="password",
                description="Token, password, or the header's value.",
                secret=True,
            ),
            ConnectionField(name="login", kept="login", description="User name, for basic."),
            ConnectionField(
                name="header",
                kept="extra.header",
                description="Name of the header that holds the token, for header.",
            ),
            ConnectionField(
                name="allowed_hosts",
                kept="extra.allowed_hosts",
                description=(
                    "Hosts that may be called beside the URL's own (without the token): api.example.com,"
                    " *.example.com, host:8443."
                ),
            ),
            ConnectionField(
                name="networks",
                kept="extra.networks",
                description=(
                    "Networks that are not public and may be called all the same: 10.1.0.0/16, 127.0.0.1."
                ),
            ),
            ConnectionField(
                name="idempotency_key",
                kept="extra.idempotency_key",
                description=(
                    "yes where the system does a POST or PATCH once, however often it comes under one"
                    " Idempotency-Key."
                ),
                choices=("yes", "no"),
            ),
            ConnectionField(
                name="not_done_statuses",
                kept="extra.not_done_statuses",
                description=(
                    "Statuses of which this API's documentation says that nothing was done, such as 429, 503."
                    " After any other of 408, 423, 425, 429 and 5xx a change that cannot be repeated is asked"
                    " about: it may be done all the same."
                ),
            ),
            ConnectionField(
                name="timeout",
                kept="extra.timeout",
                description="Seconds to wait for an answer; the node's own time where it is not given.",
            ),
            CA_FILE,
            PROXY,
        ),
    ),
)

PROVIDERS: Mapping[str, Provider] = {provider.name: provider for provider in _ALL}
"""By the connection type that an Airflow connection carries."""


def provider(name: str) -> Provider:
    """The provider called `name`; `NotKnown` suggests the nearest."""
    if name not in PROVIDERS:
        near = difflib.get_close_matches(name, PROVIDERS, n=1)
        raise NotKnown(
            f"there is no provider {name!r}",
            hint=f"did you mean {near[0]}?" if near else f"one of {', '.join(PROVIDERS)}",
        )
    return PROVIDERS[name]


def problems_of(connection: Connection) -> list[Problem]:
    """Everything that is wrong with the connection's fields."""
    known = provider(connection.provider)
    problems = []
    for field in known.fields:
        value = field.value_in(connection)
        if field.required and value in {None, ""}:
            problems.append(Problem(field.name, "is missing", field.description))
        elif field.choices and value not in {None, "", *field.choices}:
            problems.append(
                Problem(field.name, f"{value!r} is not possible", f"one of {', '.join(field.choices)}")
            )
        elif field.reads is not None and value not in {None, ""}:
            problems += _unreadable(field, str(value))
    return problems


def _unreadable(field: ConnectionField, value: str) -> list[Problem]:
    try:
        cast("Callable[[str], object]", field.reads)(value)
    except InvalidInput as error:
        return [Problem(field.name, error.message, error.hint)]
    return []


def open_provider(
    connection: Connection, *, correlation_id: str, family: str
) -> IdentityProvider | MailSender | Calendar | WebSystem:
    """A client for the connection, which must be of the `family`; the caller closes it. Nothing is sent yet.

    `InvalidInput` where the connection is of another family or its fields do not do.
    """
    known = provider(connection.provider)
    if known.family != family:
        raise InvalidInput(
            f"connection {connection.id} is a {known.title}, and this needs one of the family {family}"
        )
    problems = problems_of(connection)
    if problems:
        raise InvalidInput(f"connection {connection.id} cannot be used", problems=problems)
    client = known.load_client()
    return cast(
        "IdentityProvider | MailSender | Calendar | WebSystem",
        client(connection, correlation_id=correlation_id),
    )
