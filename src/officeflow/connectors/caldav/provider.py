"""Any calendar server that speaks CalDAV (RFC 4791).

An event is written only where nothing is there, and changed only where it is still as it was read. Where
`calendar` names none, the account's first calendar is found by itself (RFC 5397).
"""

from __future__ import annotations

from officeflow.connectors import kinds
from officeflow.connectors.declaration import CA_FILE, PROXY, TIMEOUT, ConnectionField, Provider, Service
from officeflow.connectors.families import Capability

PROVIDER = Provider(
    name="caldav",
    title="Calendar server (CalDAV)",
    services=(
        Service(
            client="officeflow.connectors.caldav.client:CaldavCalendar",
            capabilities=frozenset({Capability.KEEP_EVENTS}),
        ),
    ),
    fields=(
        ConnectionField(
            name="url",
            kept="host",
            description="Address of the server or of a calendar.",
            kind=kinds.URL,
            required=True,
        ),
        ConnectionField(
            name="login", kept="login", description="User name.", kind=kinds.USER_NAME, credential=True
        ),
        ConnectionField(
            name="password",
            kept="password",
            description="Password; without a login, a bearer token.",
            secret=True,
            credential=True,
        ),
        ConnectionField(
            name="calendar",
            kept="extra.calendar",
            description="Name or address of the calendar used where a node names none; else the first one.",
        ),
        ConnectionField(
            name="trusted_hosts",
            kept="extra.trusted_hosts",
            description=(
                "Other hosts of the same system, which get the credentials too: p42-caldav.icloud.com,"
                " *.icloud.com."
            ),
            kind=kinds.HOSTS,
        ),
        ConnectionField(
            name="organizer",
            kept="extra.organizer",
            description="E-mail address that invites, where a node names none.",
            kind=kinds.ADDRESS,
        ),
        TIMEOUT,
        CA_FILE,
        PROXY,
    ),
)
