"""Any directory that speaks SCIM 2.0 (RFC 7643, RFC 7644; cursors by RFC 9865).

The vendor gives a base URL and a bearer token (or a login with its password), which must be allowed to read
and write users and groups, and nothing else. A change of an account carries the ETag that was read before it,
where the server gives one; after every write the account is read again.

How a server wants to be spoken to is its `dialect`. `auto` asks its `/ServiceProviderConfig` when that
matters: PATCH, or the whole resource by PUT where it has none; ETags; filters, or reading all; cursors; many
group changes in one bulk request. A form of PATCH that it clearly refuses (400) is sent once more in the
other form. A server that says nothing about itself is taken for one that keeps to RFC 7644. The others do not
ask: `rfc7644`; `pathless`, which wants PATCH without paths; `groups-on-user`, which cannot be asked for the
groups of a member.

What a server has not by its own word (`changePassword`, groups in `/ResourceTypes`, a manager, roles or
entitlements in `/Schemas`) is refused by name before anything is sent. Roles are the values of the attribute
`roles`; those of `entitlements` are called `entitlements/…`.

What SCIM cannot do: aliases (a rename keeps nothing of the old login), organizational units, sessions and
factors, a password that has to be changed at the next sign-in. A password cannot be read back: the server's
yes is all there is. SCIM does not tell what a token may do.
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
                    Capability.LIST_ACCOUNTS,
                    Capability.CREATE_ACCOUNTS,
                    Capability.UPDATE_ACCOUNTS,
                    Capability.RENAME_ACCOUNTS,
                    Capability.SUSPEND_ACCOUNTS,
                    Capability.SET_MANAGERS,
                    Capability.DELETE_ACCOUNTS,
                    Capability.KEEP_GROUPS,
                    Capability.KEEP_ROLES,
                    Capability.SET_PASSWORDS,
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
            description="How the server wants to be spoken to; auto, which asks it, where it is not given.",
            kind=kinds.choice("auto", "rfc7644", "pathless", "groups-on-user"),
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
