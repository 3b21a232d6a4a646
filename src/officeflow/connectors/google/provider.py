"""Accounts, groups, administrators' roles and licences of a Google Workspace customer, over the Directory,
Data Transfer and Enterprise License Manager APIs.

**To set up.** In the Google Cloud console: a project with *Admin SDK API* and *Enterprise License Manager
API* enabled (and *Cloud Identity API* for single sign-on), and a service account with a JSON key. In the
Admin console, *Security, API controls, Domain-wide delegation*: the service account's client id with those
of these scopes that are used (each below `https://www.googleapis.com/auth/`):

| scope | for |
|---|---|
| `admin.directory.user` | accounts, aliases, managers, passwords |
| `admin.directory.group` | groups, and which ones an account is in (asked for whenever an account is read) |
| `admin.directory.orgunit.readonly` | moving to units, restoring, roles within a unit |
| `admin.directory.rolemanagement` | roles |
| `admin.directory.user.security` | tokens, application passwords, sessions, two-step verification |
| `admin.directory.userschema.readonly` | custom attributes |
| `admin.datatransfer` | handing over what an account owns |
| `apps.licensing` | licences |
| `cloud-identity.inboundsso` | identity providers by which people sign in to Google |

A token is asked for one scope at a time, so one that is not delegated takes away what needs it and nothing
else. `admin` is the administrator in whose name all happens: for accounts and groups a role with the rights
to users, groups and organizational units is enough; roles, and whatever concerns administrators, want a
super administrator.

**What is Google's own.** An account needs a given and a family name. Its identity is by default the external
id of the type `organization`, which the Admin console calls employee id; `identity` names another type, or a
field of a custom schema (`HR.number`), which has to be indexed to be searched by. Search knows a change only
after a while; who is asked for by login or id is read directly. A manager is an address. A renamed account
keeps its old login as an alias, until that is removed. A unit is its path (`/Staff/Sales`). A deleted
account can be restored for 20 days. Attributes are `recoveryEmail`, `recoveryPhone`, `costCenter`,
`employeeType`, `mobile`, and `Schema.field` of custom schemas. A role within a unit is called by both:
`/Staff/_HELP_DESK_ADMIN_ROLE`. Licences are called by Google's names or by `product/SKU`; an account's are
found by asking for each that `licences` names, or else for every one that is known, some forty.

An identity provider by which people sign in is a SAML profile of inbound SSO, for units and for groups (the
later one applied has the lower rank); its certificates are replaced, never read. Where sensitive actions
want a second administrator's approval, what waits for it is told.

**What it cannot do.** Google has no expiry, no unlocking, no temporary access and no list of changes for it.
Sessions in browsers can be ended and not listed. How many seats of a licence there are is not told. Two-step
verification is turned off as a whole. Groups whose members a rule decides refuse changes; nothing says
beforehand which they are.

**By documentation only**, for the description of Google's APIs does not have it: the token endpoint, the
language of searches, the reasons of refusals, names of licences, which parameter of a transfer means all
files, that a renamed account keeps its old login, and that patches clear no lists (so accounts are changed
by `update`).
"""

from __future__ import annotations

from officeflow.connectors import kinds
from officeflow.connectors.declaration import CA_FILE, PROXY, TIMEOUT, ConnectionField, Provider, Service
from officeflow.connectors.google.key import CUSTOMER_ID, KEY
from officeflow.connectors.google.scopes import NEEDS

PROVIDER = Provider(
    name="google",
    title="Google Workspace",
    services=(
        Service(client="officeflow.connectors.google.client:GoogleWorkspace", capabilities=frozenset(NEEDS)),
    ),
    fields=(
        ConnectionField(
            name="key",
            kept="password",
            description="Key of a service account with domain-wide delegation: the JSON file.",
            kind=KEY,
            required=True,
            secret=True,
            credential=True,
        ),
        ConnectionField(
            name="admin",
            kept="login",
            description="Address of the administrator to act for.",
            kind=kinds.USER_NAME,
            required=True,
        ),
        ConnectionField(
            name="customer",
            kept="extra.customer",
            description=(
                "Customer id, such as C03az79cb: in the Admin console under Account settings, and told by the"
                " connection's test. Nothing of another customer is touched then, and two organizations are"
                " told apart by it; without it, whichever customer the administrator is of."
            ),
            kind=CUSTOMER_ID,
            directory=True,
        ),
        ConnectionField(
            name="url",
            kept="host",
            description=(
                "Another address for all of Google's APIs, such as a gateway; Google's own where it is not"
                " given."
            ),
            kind=kinds.URL,
        ),
        ConnectionField(
            name="identity",
            kept="extra.identity",
            description=(
                "Where an account keeps whose it is: a type of external id (organization where it is not"
                " given), or Schema.field of a custom schema."
            ),
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
                "no where another organization's connection may lead to the same Workspace by its fields, as"
                " where one of them names no customer, and each has a Workspace of its own."
            ),
            kind=kinds.YES_NO,
        ),
        ConnectionField(
            name="licences",
            kept="extra.licences",
            description=(
                "Licences that the customer pays for, by Google's names or product/SKU, such as"
                " Google-Apps/1010020028, Google Vault; all that are known where it is not given."
            ),
        ),
        ConnectionField(
            name="settle",
            kept="extra.settle",
            description=(
                "Seconds that Google may take to show what it has said yes to; 30 where it is not given."
            ),
            kind=kinds.SECONDS,
        ),
        TIMEOUT,
        CA_FILE,
        PROXY,
    ),
)
