"""A domain controller of Active Directory (Windows Server, or Samba as one), over LDAP with TLS.

**Set up** a service account, and delegate to it in *Active Directory Users and Computers*, for the units that
people are in: create and delete User objects, full control of User objects; for the units of groups: write
the property *member*. To follow changes at every domain controller it needs *Replicating Directory Changes*
on the domain; without, the numbers of changes of one domain controller are used. To bring accounts back it
needs *Reanimate tombstones* on the domain, and the right to read *Deleted Objects*. The domain controller
needs a certificate for its name. Name one domain controller: another one may know of a change only minutes
later.

An account's id is its objectGUID, its login the userPrincipalName (a login without `@` means the one with
`upn_suffix`; it is found by sAMAccountName too), its identity `employeeID` (16 characters) or what `identity`
names. The sAMAccountName is what stands before the `@`, at most 20 characters. An account is made disabled,
gets a password that nobody knows, and is enabled last; until then `adminDescription` holds the act's key,
nobody finds the account, and an act that comes again goes on with it.

`email` is the attribute `mail`; which of proxyAddresses is the first one the mail system decides.

Groups are direct memberships, by sAMAccountName. The primary group (mostly *Domain Users*) stays; who is in a
group by way of another is told so, and is not taken out of it.

**Recycle bin.** With it, Windows brings an account back as it was. Without it there are tombstones for some
time: what comes back has no userPrincipalName, password, name, address and groups, and is found by its
sAMAccountName alone. Samba up to 4.17 finds accounts in its recycle bin and cannot take them out: that is
refused.

**Sessions.** Active Directory has none that could be ended. Whoever is suspended gets no new Kerberos ticket;
one that they have is taken for as long as it is valid, by default ten hours, and a program that asked for a
sign-in goes on until it asks again. A new password does not end tickets either.

Seen with Samba 4.17 as the domain controller. What only Windows does, its recycle bin and its refusal of a
second equal userPrincipalName in the forest, *by documentation only* ([MS-ADTS]).
"""

from __future__ import annotations

from officeflow.connectors.declaration import ConnectionField, Provider, Service
from officeflow.connectors.directory.fields import PLACE, SHARED
from officeflow.connectors.families import Capability

PROVIDER = Provider(
    name="active_directory",
    title="Active Directory",
    services=(
        Service(
            client="officeflow.connectors.active_directory.client:ActiveDirectory",
            capabilities=frozenset(
                {
                    Capability.FIND_ACCOUNTS,
                    Capability.LIST_ACCOUNTS,
                    Capability.CREATE_ACCOUNTS,
                    Capability.UPDATE_ACCOUNTS,
                    Capability.RENAME_ACCOUNTS,
                    Capability.SUSPEND_ACCOUNTS,
                    Capability.UNLOCK_ACCOUNTS,
                    Capability.EXPIRE_ACCOUNTS,
                    Capability.DELETE_ACCOUNTS,
                    Capability.RESTORE_ACCOUNTS,
                    Capability.FOLLOW_CHANGES,
                    Capability.SET_MANAGERS,
                    Capability.MOVE_UNITS,
                    Capability.KEEP_ALIASES,
                    Capability.KEEP_GROUPS,
                    Capability.SET_PASSWORDS,
                }
            ),
        ),
    ),
    fields=(
        *PLACE,
        ConnectionField(
            name="login",
            kept="login",
            description="User that signs in: svc-officeflow@acme.example, or a DN.",
            credential=True,
        ),
        ConnectionField(
            name="upn_suffix",
            kept="extra.upn_suffix",
            description="What follows the @ of logins that have none; the domain where it is not given.",
        ),
        ConnectionField(
            name="identity",
            kept="extra.identity",
            description="Attribute of our identity of a person; employeeID where it is not given.",
        ),
        *SHARED,
    ),
)
