"""The family `identity`: accounts in a directory, what they may do, and their end.

Each protocol is a capability: a system has it or has not, and a node type says by its own protocol which ones
it needs.
"""

from __future__ import annotations

from officeflow.connectors.families.identity.accounts import (
    Account,
    AccountChange,
    Changes,
    CreatesAccounts,
    DeletesAccounts,
    ExpiresAccounts,
    FindsAccounts,
    FollowsChanges,
    KeepsAliases,
    ListsAccounts,
    MovesUnits,
    NewAccount,
    RenamesAccounts,
    RestoresAccounts,
    SetsManagers,
    SuspendsAccounts,
    UnlocksAccounts,
    UpdatesAccounts,
)
from officeflow.connectors.families.identity.applications import (
    Application,
    ConfiguresApplications,
    OidcSettings,
    SamlSettings,
    SsoSettings,
)
from officeflow.connectors.families.identity.credentials import (
    EndsSessions,
    Factor,
    GivesTemporaryAccess,
    PasswordRules,
    ResetsFactors,
    Session,
    SetsPasswords,
    TemporaryAccess,
)
from officeflow.connectors.families.identity.entitlements import (
    AssignsApplications,
    Entitlement,
    Group,
    KeepsGroups,
    KeepsLicences,
    KeepsRoles,
    Seats,
)
from officeflow.connectors.families.identity.transfers import Transfer, TransfersOwnership
from officeflow.connectors.families.identity.trust import SamlIdentityProvider, Trust, TrustsProviders

__all__ = [
    "Account",
    "AccountChange",
    "Application",
    "AssignsApplications",
    "Changes",
    "ConfiguresApplications",
    "CreatesAccounts",
    "DeletesAccounts",
    "EndsSessions",
    "Entitlement",
    "ExpiresAccounts",
    "Factor",
    "FindsAccounts",
    "FollowsChanges",
    "GivesTemporaryAccess",
    "Group",
    "KeepsAliases",
    "KeepsGroups",
    "KeepsLicences",
    "KeepsRoles",
    "ListsAccounts",
    "MovesUnits",
    "NewAccount",
    "OidcSettings",
    "PasswordRules",
    "RenamesAccounts",
    "ResetsFactors",
    "RestoresAccounts",
    "SamlIdentityProvider",
    "SamlSettings",
    "Seats",
    "Session",
    "SetsManagers",
    "SetsPasswords",
    "SsoSettings",
    "SuspendsAccounts",
    "TemporaryAccess",
    "Transfer",
    "TransfersOwnership",
    "Trust",
    "TrustsProviders",
    "UnlocksAccounts",
    "UpdatesAccounts",
]
