"""Any directory that speaks LDAP (RFC 4511), with people as `inetOrgPerson`: OpenLDAP, 389 Directory Server.

**Set up** a login of its own with the right to write entries below the base, and members of groups. It needs
to read what servers keep themselves (`entryUUID`, `createTimestamp`, `pwdAccountLockedTime`).

An account's id is `entryUUID`, its login `uid`, its identity `employeeNumber` or what `identity` names. It
is made by one request and has no password until one is set (RFC 3062: the directory hashes it; it is then
tried once by signing in). Suspended is what `suspension` names: by default an account that its password
policy (draft-behera-ldap-password-policy) has locked for good. OpenLDAP unlocks an account whose password is
set: a suspended one has a `pwdStartTime` in the year 2999 meanwhile, which keeps it out until it is locked
again; the login needs the right to write that too. OpenLDAP before 2.5 does not know it: there such an
account is open for the milliseconds between two requests, and stays open where the act is interrupted
between them. Programs that read the directory without asking it to sign somebody in (SSH keys, NSS) see an
account that is suspended: look at what they go by.

A lock after wrong passwords is told as it stands in the entry; the policy may have let it pass. `set_expiry`
writes `pwdEndTime`, which OpenLDAP keeps from 2.5 on. The last member of a `groupOfNames` or
`groupOfUniqueNames` stays: a member that is nobody is the usual way out. When an account moves, is renamed or
deleted, its groups follow; other entries that name it (`manager`) follow where the server sees to that
(overlay refint).

There are no sessions to end: whoever is signed in stays so until their connection or their program ends. The
directory tells neither what has changed nor what was deleted, and brings nothing back.

Seen with OpenLDAP 2.5. `nsAccountLock` and other servers *by documentation only*.
"""

from __future__ import annotations

from officeflow.connectors import kinds
from officeflow.connectors.declaration import ConnectionField, Provider, Service
from officeflow.connectors.directory.fields import PLACE, SHARED
from officeflow.connectors.families import Capability

PROVIDER = Provider(
    name="ldap",
    title="LDAP directory",
    services=(
        Service(
            client="officeflow.connectors.ldap.client:LdapDirectory",
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
                    Capability.SET_MANAGERS,
                    Capability.MOVE_UNITS,
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
            description="DN that signs in, such as uid=officeflow,ou=Services,dc=acme,dc=example.",
            credential=True,
        ),
        ConnectionField(
            name="identity",
            kept="extra.identity",
            description="Attribute of our identity of a person; employeeNumber where it is not given.",
        ),
        ConnectionField(
            name="id_attribute",
            kept="extra.id_attribute",
            description="Attribute of an entry's own id; entryUUID where it is not given.",
            kind=kinds.choice("entryUUID", "nsUniqueId", "ipaUniqueID"),
        ),
        ConnectionField(
            name="suspension",
            kept="extra.suspension",
            description="What suspends an account; pwdAccountLockedTime where it is not given.",
            kind=kinds.choice("pwdAccountLockedTime", "nsAccountLock"),
        ),
        ConnectionField(
            name="group_class",
            kept="extra.group_class",
            description="What groups are; groupOfNames where it is not given.",
            kind=kinds.choice("groupOfNames", "groupOfUniqueNames", "posixGroup"),
        ),
        *SHARED,
    ),
)
