"""An Okta organization (Identity Engine or Classic), by its management interface.

**Who it is there.** Best a *service app* (an API Services integration): give it a public key, grant it
scopes, and assign it an administrator's role, for Okta asks for both. Then `client_id`, `private_key`, and
`key_id` where it has several keys. `scopes` are those that you granted: Okta gives no token where one is
asked for that is not granted. Where an organization is reached by another name than Okta knows it by,
`audience` is the address of its own token endpoint. Otherwise an API token (`token`), which may what the
administrator may who made it, and ends 30 days after its last use.

**Least rights.** Reading accounts needs `okta.users.read` and `okta.groups.read`; changing them, their
passwords, sessions and factors `okta.users.manage`; groups `okta.groups.manage`; applications
`okta.apps.manage`; administrators' roles `okta.roles.manage`; changes `okta.logs.read`. As a role the
organization's administrator has all but applications (`APP_ADMIN`) and roles (`SUPER_ADMIN`). Who changes
groups must be able to read the group rules.

**Accounts.** Active are `ACTIVE`, `PASSWORD_EXPIRED`, `PROVISIONED`, `RECOVERY` and `LOCKED_OUT`: their
people get in, some by a link or a new password. `STAGED`, `SUSPENDED` and `DEPROVISIONED` are not. A new
account gets a password that nobody knows and is active at once, without a mail; with `activation_mail` Okta
sends its own and waits for the person. Activating lets a suspended account in again, and activates a staged
or deactivated one. Okta suspends active accounts alone: a locked one is unlocked just before, and one that
waits for a password gets one that nobody knows. The e-mail address is the login where none is given; Okta
demands a given and a family name. Further attributes are those of the user profile, by their variable
names, as text. `location` is Okta's `city`, `phone` its `primaryPhone`, the manager `managerId`.

**Deleting** is deactivating and then deleting, for good: Okta brings nothing deleted back, so it cannot
restore. It has no aliases: an old login is gone.

**Found at once** is an account by its login or id. By identity, employee number or address Okta searches an
index, which sees changes some seconds late.

**Groups** of applications, Okta's own (Everyone) and those that an active rule fills are left alone: Okta
does not tell who is in a group by the rule, and whom it takes out of one is an exception of the rule for
ever. An application that a group gives cannot be taken from an account.

**Roles** are standard ones (`HELP_DESK_ADMIN`) or custom ones as `resource set/role`, by label or id.

**Temporary access** is a temporary password: it ends the old one, has to be changed at the first sign-in,
and is there for every active account. A link fits some statuses alone, and how long it holds is a setting of
the organization. The password does not end after some minutes: Okta has no such one.

**Sessions.** Okta ends browser sessions and does not list them; tokens and grants of applications are
revoked and seen to be gone. A reset of factors may leave `email`, which comes from the account's address:
what reads back is told.

**SSO.** SAML 2.0 and OpenID Connect applications of one's own. A token's claims belong to authorization
servers, and cannot be set with an application. A SAML `name_id` is a template (`${user.email}`); attributes
are expressions (`user.firstName`). A `logout_url` needs the application's certificate there already.

**By documentation only**, as the description at hand does not have them: the token endpoint, unassigning a
role, custom roles and resource sets (`/iam`), clients, tokens and grants of users. Neither of the two says
whether a password that is set for a waiting account makes it active, nor what a reset does to the factor
`email`: the account is looked at again, and what it is then is told. It was verified against a server that
plays Okta and checks every request against Okta's description, not against Okta.
"""

from __future__ import annotations

from officeflow.connectors import kinds
from officeflow.connectors.declaration import CA_FILE, PROXY, TIMEOUT, ConnectionField, Provider, Service
from officeflow.connectors.families import Capability

PROVIDER = Provider(
    name="okta",
    title="Okta",
    services=(
        Service(
            client="officeflow.connectors.okta.client:Okta",
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
                    Capability.ASSIGN_APPLICATIONS,
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
            description="The organization's address, such as https://acme.okta.com.",
            kind=kinds.URL,
            required=True,
        ),
        ConnectionField(
            name="token",
            kept="password",
            description="API token (SSWS), where there is no service app.",
            secret=True,
            credential=True,
        ),
        ConnectionField(
            name="client_id", kept="login", description="The service app's client ID.", credential=True
        ),
        ConnectionField(
            name="private_key",
            kept="extra.private_key",
            description="The service app's private key, as PEM without a password.",
            kind=kinds.PRIVATE_KEY,
            secret=True,
            credential=True,
        ),
        ConnectionField(
            name="key_id",
            kept="extra.key_id",
            description="The key's `kid`, where the app has several keys.",
            credential=True,
        ),
        ConnectionField(
            name="scopes",
            kept="extra.scopes",
            description="Scopes that the service app was granted; all that anything here needs otherwise.",
        ),
        ConnectionField(
            name="audience",
            kept="extra.audience",
            description=(
                "Address of Okta's own token endpoint, where the organization is reached by another name."
            ),
            kind=kinds.URL,
        ),
        ConnectionField(
            name="identity",
            kept="extra.identity",
            description=(
                "The profile's attribute that holds a person's identity here, by its variable name;"
                " employeeNumber where it is not given."
            ),
        ),
        ConnectionField(
            name="activation_mail",
            kept="extra.activation_mail",
            description="yes where Okta mails new people a link by which they choose their password.",
            kind=kinds.YES_NO,
        ),
        ConnectionField(
            name="mark",
            kept="extra.mark",
            description=(
                "Where several organizations share the directory: what stands before this one's identities"
                " (acme:1001)."
            ),
            kind=kinds.MARK,
        ),
        TIMEOUT,
        CA_FILE,
        PROXY,
    ),
)
