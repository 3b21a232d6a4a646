"""What systems can do: families, the capabilities in them, and the protocols that node types are written
against, with the values that go in and out.

Every method that writes takes the act's idempotency `key` and reads back what it claims to have done
(`NothingHappened` otherwise). All raise `officeflow.errors.ConnectorError` only. Whoever opened a client
closes it.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from officeflow.connectors.families import calendar, http, identity, mail


class Family(enum.StrEnum):
    """What a node type's connection must be for."""

    IDENTITY = "identity"
    MAIL = "mail"
    CALENDAR = "calendar"
    HTTP = "http"


class Capability(enum.StrEnum):
    """What a system can do or not. The value says it to people: "it cannot …"."""

    FIND_ACCOUNTS = "find accounts"
    LIST_ACCOUNTS = "list accounts"
    CREATE_ACCOUNTS = "create accounts"
    UPDATE_ACCOUNTS = "change accounts"
    RENAME_ACCOUNTS = "rename accounts"
    SUSPEND_ACCOUNTS = "suspend accounts"
    UNLOCK_ACCOUNTS = "unlock accounts"
    EXPIRE_ACCOUNTS = "let accounts expire"
    DELETE_ACCOUNTS = "delete accounts"
    RESTORE_ACCOUNTS = "restore deleted accounts"
    FOLLOW_CHANGES = "tell what has changed"
    SET_MANAGERS = "set managers"
    MOVE_UNITS = "move accounts between organizational units"
    KEEP_ALIASES = "keep aliases"
    KEEP_GROUPS = "keep groups"
    KEEP_ROLES = "keep roles"
    ASSIGN_APPLICATIONS = "assign applications"
    KEEP_LICENCES = "keep licences"
    SET_PASSWORDS = "set passwords"
    GIVE_TEMPORARY_ACCESS = "give temporary access"
    END_SESSIONS = "end sessions and tokens"
    RESET_FACTORS = "reset factors"
    CONFIGURE_APPLICATIONS = "configure applications"
    TRUST_PROVIDERS = "trust identity providers"
    TRANSFER_OWNERSHIP = "hand over what accounts own"
    SEND_MAIL = "send mail"
    KEEP_EVENTS = "keep events"
    TAKE_REQUESTS = "take requests"

    @property
    def protocol(self) -> type:
        """What a client that can do it inherits."""
        return _PROTOCOLS[self]

    @property
    def family(self) -> Family:
        return Family(self.protocol.__module__.removeprefix(f"{__name__}.").partition(".")[0])


_PROTOCOLS: Mapping[Capability, type] = MappingProxyType(
    {
        Capability.FIND_ACCOUNTS: identity.FindsAccounts,
        Capability.LIST_ACCOUNTS: identity.ListsAccounts,
        Capability.CREATE_ACCOUNTS: identity.CreatesAccounts,
        Capability.UPDATE_ACCOUNTS: identity.UpdatesAccounts,
        Capability.RENAME_ACCOUNTS: identity.RenamesAccounts,
        Capability.SUSPEND_ACCOUNTS: identity.SuspendsAccounts,
        Capability.UNLOCK_ACCOUNTS: identity.UnlocksAccounts,
        Capability.EXPIRE_ACCOUNTS: identity.ExpiresAccounts,
        Capability.DELETE_ACCOUNTS: identity.DeletesAccounts,
        Capability.RESTORE_ACCOUNTS: identity.RestoresAccounts,
        Capability.FOLLOW_CHANGES: identity.FollowsChanges,
        Capability.SET_MANAGERS: identity.SetsManagers,
        Capability.MOVE_UNITS: identity.MovesUnits,
        Capability.KEEP_ALIASES: identity.KeepsAliases,
        Capability.KEEP_GROUPS: identity.KeepsGroups,
        Capability.KEEP_ROLES: identity.KeepsRoles,
        Capability.ASSIGN_APPLICATIONS: identity.AssignsApplications,
        Capability.KEEP_LICENCES: identity.KeepsLicences,
        Capability.SET_PASSWORDS: identity.SetsPasswords,
        Capability.GIVE_TEMPORARY_ACCESS: identity.GivesTemporaryAccess,
        Capability.END_SESSIONS: identity.EndsSessions,
        Capability.RESET_FACTORS: identity.ResetsFactors,
        Capability.CONFIGURE_APPLICATIONS: identity.ConfiguresApplications,
        Capability.TRUST_PROVIDERS: identity.TrustsProviders,
        Capability.TRANSFER_OWNERSHIP: identity.TransfersOwnership,
        Capability.SEND_MAIL: mail.SendsMail,
        Capability.KEEP_EVENTS: calendar.KeepsEvents,
        Capability.TAKE_REQUESTS: http.TakesRequests,
    }
)


def capabilities_of(kind: object) -> frozenset[Capability]:
    """The capabilities whose protocols `kind` inherits: a client's class, or what a node type asks of one."""
    bases = getattr(kind, "__mro__", ())
    return frozenset(capability for capability in Capability if capability.protocol in bases)


def in_words(capabilities: Iterable[Capability]) -> str:
    """In the order in which they are declared: "find accounts and suspend accounts"."""
    wanted = set(capabilities)
    *before, last = [capability.value for capability in Capability if capability in wanted]
    return f"{', '.join(before)} and {last}" if before else last
