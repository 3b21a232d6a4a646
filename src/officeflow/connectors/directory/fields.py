"""The fields of a connection to a directory."""

from __future__ import annotations

from officeflow.connectors import kinds
from officeflow.connectors.declaration import CA_FILE, TIMEOUT, ConnectionField

PLACE = (
    ConnectionField(
        name="host",
        kept="host",
        description="Name of the server, as its certificate has it.",
        kind=kinds.HOST,
        required=True,
    ),
    ConnectionField(
        name="port",
        kept="port",
        description="636 with tls, 389 with starttls, where it is not given.",
        kind=kinds.PORT,
    ),
    ConnectionField(
        name="security",
        kept="extra.security",
        description="How it is encrypted; tls where it is not given. Nothing is sent in the clear.",
        kind=kinds.choice("tls", "starttls"),
        protects=True,
    ),
    ConnectionField(
        name="password", kept="password", description="Password of the login.", secret=True, credential=True
    ),
    ConnectionField(
        name="base",
        kept="schema",
        description="Below which accounts and units are looked for, such as dc=acme,dc=example.",
        required=True,
    ),
    ConnectionField(
        name="groups",
        kept="extra.groups",
        description="Below which groups are looked for, a DN; the base where it is not given.",
    ),
    ConnectionField(
        name="unit",
        kept="extra.unit",
        description=(
            "Unit of new accounts whose node names none: a DN, or a path below the base such as People/Sales."
            " The base where it is not given."
        ),
    ),
)
SHARED = (
    ConnectionField(
        name="mark",
        kept="extra.mark",
        description=(
            "Where several organizations share the directory: what stands before this one's identities"
            " (acme:1001)."
        ),
        kind=kinds.MARK,
    ),
    ConnectionField(
        name="shared",
        kept="extra.shared",
        description="no where another organization's connection has the same address, and another base.",
        kind=kinds.YES_NO,
    ),
    ConnectionField(
        name="attributes",
        kept="extra.attributes",
        description="Further attributes that workflows may set, with commas between them.",
    ),
    TIMEOUT,
    CA_FILE,
)
