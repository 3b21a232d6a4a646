"""The table of differences: what each kind of directory calls things, and how it writes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from officeflow.connectors.directory.entries import guid, guid_bytes
from officeflow.connectors.directory.sign_in import AccountControl, AccountLock, PasswordPolicy, SignIn


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupKind:
    """`members` is whether `member` holds DNs or logins; `needs_member` whether the last one must stay."""

    classes: tuple[str, ...]
    member: str
    members: Literal["dn", "login"] = "dn"
    needs_member: bool = False
    name: str = "cn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """`fields` are our names of an account's fields to the directory's. `person` is a filter.

    `attributes` are those that workflows may set beside the fields; what needs an object class of its own
    names it in `needing`. `refers` is whether the directory itself keeps what names an account (members,
    managers) right when that moves or goes.
    """

    id_attribute: str
    read_id: Callable[[bytes], str]
    write_id: Callable[[str], str | bytes | None]
    logins: tuple[str, ...]
    """The first is an account's login; by the others it is found too."""
    identity: str
    """Where our identity of a person stands, unless the connection says another."""
    person: str
    classes: tuple[str, ...]
    rdn: str
    fields: Mapping[str, str]
    numbers: tuple[str, ...]
    attributes: frozenset[str]
    needing: Mapping[str, str] = field(default_factory=dict)
    groups: GroupKind
    sign_in: SignIn
    created: str
    unit: str = "ou"
    unit_classes: tuple[str, ...] = ("organizationalUnit", "organization", "container", "domain", "dcObject")
    aliases: str | None = None
    refers: bool = False
    further: tuple[str, ...] = ()
    """What else is read of an account."""

    @property
    def login(self) -> str:
        return self.logins[0]


_COMMON = {"given_name": "givenName", "family_name": "sn", "email": "mail", "title": "title"}
_DESCRIBING = frozenset(
    {
        "description",
        "employeeType",
        "initials",
        "l",
        "mobile",
        "pager",
        "postalCode",
        "preferredLanguage",
        "st",
    }
)

ACTIVE_DIRECTORY = Dialect(
    id_attribute="objectGUID",
    read_id=guid,
    write_id=guid_bytes,
    logins=("userPrincipalName", "sAMAccountName"),
    identity="employeeID",
    person="(sAMAccountType=805306368)",  # SAM_NORMAL_USER_ACCOUNT: no computers, no trusts
    classes=("top", "person", "organizationalPerson", "user"),
    rdn="CN",
    fields=MappingProxyType(
        {
            **_COMMON,
            "display_name": "displayName",
            "department": "department",
            "location": "physicalDeliveryOfficeName",
            "phone": "telephoneNumber",
        }
    ),
    numbers=("employeeID", "employeeNumber"),
    attributes=_DESCRIBING
    | {"c", "co", "company", "countryCode", "division", "employeeID", "employeeNumber", "homeDirectory"}
    | {"homeDrive", "info", "middleName", "profilePath", "scriptPath", "streetAddress", "wWWHomePage"},
    groups=GroupKind(classes=("group",), member="member", name="sAMAccountName"),
    sign_in=AccountControl(),
    created="whenCreated",
    unit="OU",
    aliases="proxyAddresses",
    refers=True,
    further=("cn", "sAMAccountName", "primaryGroupID", "objectSid", "adminDescription", "isDeleted"),
)

_POSIX = ("uidNumber", "gidNumber", "homeDirectory", "loginShell", "gecos")
PLAIN = Dialect(
    id_attribute="entryUUID",
    read_id=bytes.decode,
    write_id=lambda text: text or None,
    logins=("uid",),
    identity="employeeNumber",
    person="(objectClass=inetOrgPerson)",
    classes=("inetOrgPerson",),
    rdn="uid",
    fields=MappingProxyType(
        {
            **_COMMON,
            "display_name": "displayName",
            "department": "departmentNumber",
            "location": "l",
            "phone": "telephoneNumber",
        }
    ),
    numbers=("employeeNumber",),
    attributes=(_DESCRIBING - {"l"})
    | {"businessCategory", "carLicense", "employeeNumber", "homePhone", "labeledURI", "o", "postalAddress"}
    | {"roomNumber", "street", *_POSIX},
    needing=MappingProxyType(dict.fromkeys(_POSIX, "posixAccount")),
    groups=GroupKind(classes=("groupOfNames",), member="member", needs_member=True),
    sign_in=PasswordPolicy(),
    created="createTimestamp",
    further=("cn",),
)

GROUPS: Mapping[str, GroupKind] = MappingProxyType(
    {
        "groupOfNames": PLAIN.groups,
        "groupOfUniqueNames": GroupKind(
            classes=("groupOfUniqueNames",), member="uniqueMember", needs_member=True
        ),
        "posixGroup": GroupKind(classes=("posixGroup",), member="memberUid", members="login"),
    }
)
SUSPENSIONS: Mapping[str, SignIn] = MappingProxyType(
    dict[str, SignIn]({"pwdAccountLockedTime": PasswordPolicy(), "nsAccountLock": AccountLock()})
)
