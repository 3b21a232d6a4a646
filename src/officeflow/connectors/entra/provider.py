"""Users of Microsoft 365 and Entra ID, over Microsoft Graph v1.0.

**At Microsoft:** register an application (Entra admin center, *App registrations*), give it a certificate or a client secret, grant it the *application permissions* of Microsoft Graph below, and have an
administrator consent. `connection test` says what is granted, and what is missing for what.

| for | permissions |
|---|---|
| finding, listing, following changes | `User.Read.All`, and `GroupMember.Read.All` for the groups' names |
| creating, changing, renaming, managers | `User.ReadWrite.All` |
| suspending | `User.EnableDisableAccount.All` with `User.Read.All`, or `User.ReadWrite.All` |
| deleting and restoring | `User.DeleteRestore.All` with `User.Read.All`, or `User.ReadWrite.All` |
| groups | `GroupMember.ReadWrite.All`; for those that roles are assigned to `RoleManagement.ReadWrite.Directory` too |
| directory roles | `RoleManagement.ReadWrite.Directory` |
| applications | `AppRoleAssignment.ReadWrite.All`, `Application.Read.All` |
| licences | `LicenseAssignment.ReadWrite.All`, `User.Read.All` |
| passwords | `User-PasswordProfile.ReadWrite.All` |
| Temporary Access Pass, factors | `UserAuthenticationMethod.ReadWrite.All` |
| sessions | `User.RevokeSessions.All` |
| settings of single sign-on | `Application.ReadWrite.All`, `Policy.Read.All`, `Policy.ReadWrite.ApplicationConfiguration` |
| what this application may itself | `Application.Read.All` |

Users who hold an administrator's role can only be suspended, deleted or given a password by an application that has a directory role above theirs (*Privileged Authentication Administrator* for all). A Temporary Access
Pass has to be switched on in the tenant's authentication methods.

**Whose account it is** stands in `employeeId` (at most 16 characters), or where `identity` says: `extensionAttribute1` to `extensionAttribute15`, or a directory extension
`extension_<application id without hyphens>_<name>`. The fifteen are searched in an index that lags behind for some seconds, and
Microsoft's pages differ on whether they can be searched at all: prefer the others.

Attributes beside the usual ones: `city`, `companyName`, `country`, `employeeId`, `employeeType`, `employeeHireDate`, `faxNumber`, `mailNickname`, `mobilePhone`, `passwordPolicies`, `postalCode`, `preferredDataLocation`,
`preferredLanguage`, `state`, `streetAddress`, `usageLocation`, `userType`, `extensionAttribute1` to `extensionAttribute15`, and directory extensions of type text. A location is `officeLocation`, a phone the business phone.
A licence needs `usageLocation` first.

**What it does not do.**

- A user that is synchronized from Active Directory is read-only in most fields, and refused by name; so is changing who is in a group with a rule, in one that is synchronized, or in one of Exchange.
- Addresses cannot be taken away over Graph: renaming keeps the old login as an address of a user who had it as one, and is refused where it is not to be kept.
- Sessions and refresh tokens end all at once and are not listed; access tokens that applications hold last until they end by themselves, an hour at most as a rule.
- Roles that somebody is only *eligible* for (privileged identity management), access packages, administrative units as such, mailboxes and devices are left alone.
- Two applications may have one name; two with one entity id may not.
- A claim of a token (OpenID Connect) is one of Entra's optional claims, or a directory extension; of a SAML assertion it is any attribute of the user (`user.mail`).

What was written is read again by its id until it is seen, for `settle` seconds.

By documentation only, since Microsoft's description at hand has no word of them: the token endpoint, deleted items, applications and service principals, directory roles, authentication methods, `$batch`.
"""  # noqa: E501 - tables and paragraphs of the reference

from __future__ import annotations

from officeflow.connectors import kinds
from officeflow.connectors.declaration import CA_FILE, PROXY, TIMEOUT, ConnectionField, Provider, Service
from officeflow.connectors.families import Capability

PROVIDER = Provider(
    name="entra",
    title="Microsoft 365 / Entra ID",
    services=(
        Service(
            client="officeflow.connectors.entra.client:EntraProvider",
            capabilities=frozenset(
                {
                    Capability.FIND_ACCOUNTS,
                    Capability.LIST_ACCOUNTS,
                    Capability.CREATE_ACCOUNTS,
                    Capability.UPDATE_ACCOUNTS,
                    Capability.RENAME_ACCOUNTS,
                    Capability.SUSPEND_ACCOUNTS,
                    Capability.DELETE_ACCOUNTS,
                    Capability.RESTORE_ACCOUNTS,
                    Capability.FOLLOW_CHANGES,
                    Capability.SET_MANAGERS,
                    Capability.KEEP_GROUPS,
                    Capability.KEEP_ROLES,
                    Capability.ASSIGN_APPLICATIONS,
                    Capability.KEEP_LICENCES,
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
            name="tenant",
            kept="extra.tenant",
            description="Directory (tenant) id.",
            kind=kinds.UUID,
            required=True,
            directory=True,
        ),
        ConnectionField(
            name="client_id",
            kept="login",
            description="Application (client) id.",
            kind=kinds.UUID,
            required=True,
        ),
        ConnectionField(
            name="client_secret",
            kept="password",
            description="Client secret (its value, not its id). A certificate is better.",
            secret=True,
            credential=True,
        ),
        ConnectionField(
            name="certificate",
            kept="extra.certificate",
            description="Instead of a secret: the certificate that the application has at Microsoft, as PEM.",
            kind=kinds.CERTIFICATE,
            credential=True,
        ),
        ConnectionField(
            name="private_key",
            kept="extra.private_key",
            description="The certificate's private key, as PEM without a password.",
            kind=kinds.PRIVATE_KEY,
            secret=True,
            credential=True,
        ),
        ConnectionField(
            name="url",
            kept="host",
            description=(
                "Microsoft Graph; https://graph.microsoft.com where it is not given. National clouds have"
                " their own: https://graph.microsoft.us, https://dod-graph.microsoft.us,"
                " https://microsoftgraph.chinacloudapi.cn."
            ),
            kind=kinds.URL,
        ),
        ConnectionField(
            name="login_url",
            kept="extra.login_url",
            description=(
                "Where tokens are asked for; https://login.microsoftonline.com, or that of the national"
                " cloud, where it is not given."
            ),
            kind=kinds.URL,
        ),
        ConnectionField(
            name="identity",
            kept="extra.identity",
            description=(
                "Attribute that says whose an account is: employeeId (where it is not given),"
                " extensionAttribute1 to 15, or extension_…."
            ),
        ),
        ConnectionField(
            name="mark",
            kept="extra.mark",
            description=(
                "Where several organizations share the tenant: what stands before this one's employee numbers"
                " (acme:1001)."
            ),
            kind=kinds.MARK,
        ),
        ConnectionField(
            name="extensions",
            kept="extra.extensions",
            description="Directory extensions to read with every account, with blanks between them.",
        ),
        ConnectionField(
            name="settle",
            kept="extra.settle",
            description="Seconds in which what was written must be seen; 15 where it is not given.",
            kind=kinds.SECONDS,
        ),
        TIMEOUT,
        CA_FILE,
        PROXY,
    ),
)
