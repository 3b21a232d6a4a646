"""Any directory that speaks SCIM 2.0 (RFC 7643, RFC 7644).

A change of an account carries the ETag that was read before it, where the server gives one; after every write
the account is read again. Servers that depart from the RFC are told apart by `dialect`: `pathless` wants
PATCH without paths, `groups-on-user` cannot be asked for the groups of a member.
"""

from __future__ import annotations

from officeflow.connectors import kinds
from officeflow.connectors.declaration import CA_FILE, PROXY, TIMEOUT, ConnectionField, Provider, Service
from officeflow.connectors.families import Capability

PROVIDER = Provider(
    name="scim",
    title="SCIM 2.0 server",
    services=(
        Service(
            client="officeflow.connectors.scim.client:ScimProvider",
            capabilities=frozenset(
                {
                    Capability.FIND_ACCOUNTS,
                    Capability.CREATE_ACCOUNTS,
                    Capability.SUSPEND_ACCOUNTS,
                    Capability.KEEP_GROUPS,
                    Capability.DELETE_ACCOUNTS,
                }
            ),
        ),
    ),
    fields=(
        ConnectionField(
            name="url",
            kept="host",
            description="Base URL, such as https://id.example.com/scim/v2.",
            kind=kinds.URL,
            required=True,
        ),
        ConnectionField(
            name="token",
            kept="password",
            description="Bearer token; with a login, the login's password.",
            secret=True,
            credential=True,
        ),
        ConnectionField(
            name="login",
            kept="login",
            description="For servers that want a login and password rather than a token.",
            kind=kinds.USER_NAME,
            credential=True,
        ),
        ConnectionField(
            name="dialect",
            kept="extra.dialect",
            description="How the server departs from RFC 7644; rfc7644 where it is not given.",
            kind=kinds.choice("rfc7644", "pathless", "groups-on-user"),
        ),
        ConnectionField(
            name="mark",
            kept="extra.mark",
            description=(
                "Where several organizations share the directory: what stands before this one's employee"
                " numbers (acme:1001)."
            ),
            kind=kinds.MARK,
        ),
        ConnectionField(
            name="shared",
            kept="extra.shared",
            description=(
                "no where another organization's connection has the same address, and each token a"
                " directory of its own."
            ),
            kind=kinds.YES_NO,
        ),
        TIMEOUT,
        CA_FILE,
        PROXY,
    ),
)
