"""A realm of a Keycloak, by its admin REST API; tried with a real Keycloak 26.7.

At Keycloak: a client of the realm with *Client authentication* and *Service accounts roles* (no other
flow), and roles of `realm-management` for its service account. `manage-users` and `view-users` are for
accounts, their groups, passwords, sessions and factors; `view-realm` and `view-clients` beside it are for
roles, the first too for what passwords must be and whether logins may change; `view-events` for what has
changed; `manage-clients` for applications. `query-users` alone is not enough: Keycloak then answers that
there is nobody, which is told as missing rights. Fine-grained permissions do not stand in for these roles.
The client proves who it is by a secret, or by a private key (*Signed JWT*) whose certificate it has at
Keycloak. A client of another realm, such as `master`, is named with `client_realm`.

An account's identity is kept in an attribute (`identity`), and so are display name (`displayName`), title,
department, location, phone (`phoneNumber`) and the manager's id (`manager`). A fresh Keycloak drops
attributes that its user profile does not declare, and says nothing; OfficeFlow reads the profile first and
refuses to write one that would be lost. Declare them under *Realm settings → User profile*, or set
*Unmanaged attributes* to *Only administrators can write*. An attribute with several values is read with
commas between them and written with one. An account that comes from LDAP is changed as far as that lets
Keycloak. `emailVerified` (`true`, `false`) and `requiredActions` (with commas between them) can be given as
attributes.

Groups are named by their path: `Staff`, `Engineering/Platform`. A role of a client is `client/role`; what a
composite role gives is told as given by *role NAME*. Keycloak assigns no people to applications: an
application's roles are given instead. Temporary access is a password that has to be changed at the first
sign-in; it does not end by itself. A realm's policy is told by its length; where it wants several signs of
one class, or fewer than 20 signs in all, temporary access fits it, and a password that a node makes may be
refused. Ending sessions also takes back what applications were granted, offline tokens among it; an access
token that an application holds already is good until it ends (five minutes, where the realm does not say
otherwise). After factors are taken away, their required actions make the person enrol anew. What has
changed is read from admin events and user events: both have to be saved (*Realm settings → Events*). Who
comes by a synchronization with LDAP is in neither.

Single sign-on: an OpenID Connect application's name is its client id, a SAML one's client id is its entity
id. Claims and attributes come from attributes of the account, `groups` or `roles`.
"""

from __future__ import annotations

from officeflow.connectors import kinds
from officeflow.connectors.declaration import CA_FILE, PROXY, TIMEOUT, ConnectionField, Provider, Service
from officeflow.connectors.families import Capability

PROVIDER = Provider(
    name="keycloak",
    title="Keycloak",
    services=(
        Service(
            client="officeflow.connectors.keycloak.client:KeycloakProvider",
            capabilities=frozenset(
                {
                    Capability.FIND_ACCOUNTS,
                    Capability.LIST_ACCOUNTS,
                    Capability.CREATE_ACCOUNTS,
                    Capability.UPDATE_ACCOUNTS,
                    Capability.RENAME_ACCOUNTS,
                    Capability.SUSPEND_ACCOUNTS,
                    Capability.UNLOCK_ACCOUNTS,
                    Capability.DELETE_ACCOUNTS,
                    Capability.FOLLOW_CHANGES,
                    Capability.SET_MANAGERS,
                    Capability.KEEP_GROUPS,
                    Capability.KEEP_ROLES,
                    Capability.SET_PASSWORDS,
                    Capability.GIVE_TEMPORARY_ACCESS,
                    Capability.END_SESSIONS,
                    Capability.RESET_FACTORS,
                    Capability.CONFIGURE_APPLICATIONS,
                }
            ),
        ),
    ),
    fields=(
        ConnectionField(
            name="url",
            kept="host",
            description="Where `/realms` begins, such as https://id.example.com.",
            kind=kinds.URL,
            required=True,
            directory=True,
        ),
        ConnectionField(
            name="realm",
            kept="schema",
            description="The realm whose people are meant.",
            required=True,
            directory=True,
        ),
        ConnectionField(
            name="client_id",
            kept="login",
            description="Client id of the service account.",
            kind=kinds.USER_NAME,
            required=True,
            credential=True,
        ),
        ConnectionField(
            name="client_secret",
            kept="password",
            description="The client's secret; not with a private key.",
            secret=True,
            credential=True,
        ),
        ConnectionField(
            name="private_key",
            kept="extra.private_key",
            description="The client's private key (RSA, PEM), where it signs rather than has a secret.",
            kind=kinds.PRIVATE_KEY,
            secret=True,
            credential=True,
        ),
        ConnectionField(
            name="client_realm",
            kept="extra.client_realm",
            description="The realm of the client, where that is another one.",
        ),
        ConnectionField(
            name="identity",
            kept="extra.identity",
            description="The attribute that has our person's identity; employeeNumber where it is not given.",
        ),
        ConnectionField(
            name="mark",
            kept="extra.mark",
            description=(
                "Where several organizations share the realm: what stands before this one's identities"
                " (acme:1001)."
            ),
            kind=kinds.MARK,
        ),
        ConnectionField(
            name="shared",
            kept="extra.shared",
            description=(
                "no where another organization's connection has the same realm, and sees other people."
            ),
            kind=kinds.YES_NO,
        ),
        TIMEOUT,
        CA_FILE,
        PROXY,
    ),
)
