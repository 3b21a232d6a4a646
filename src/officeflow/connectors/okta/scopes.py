"""What each capability needs at Okta: the scopes of a service app, and the roles of an administrator."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from officeflow.connectors.families import Capability

READS = frozenset({"okta.users.read", "okta.groups.read"})
CHANGES = READS | {"okta.users.manage"}
NEEDS: Mapping[Capability, frozenset[str]] = {
    Capability.FIND_ACCOUNTS: READS,
    Capability.LIST_ACCOUNTS: frozenset({"okta.users.read"}),
    Capability.CREATE_ACCOUNTS: CHANGES,
    Capability.UPDATE_ACCOUNTS: CHANGES,
    Capability.RENAME_ACCOUNTS: CHANGES,
    Capability.SUSPEND_ACCOUNTS: CHANGES,
    Capability.UNLOCK_ACCOUNTS: CHANGES,
    Capability.DELETE_ACCOUNTS: CHANGES,
    Capability.FOLLOW_CHANGES: frozenset({"okta.users.read", "okta.logs.read"}),
    Capability.SET_MANAGERS: CHANGES,
    Capability.KEEP_GROUPS: READS | {"okta.groups.manage"},
    Capability.KEEP_ROLES: READS | {"okta.roles.manage", "okta.roles.read"},
    Capability.ASSIGN_APPLICATIONS: READS | {"okta.apps.manage", "okta.apps.read"},
    Capability.SET_PASSWORDS: CHANGES,
    Capability.GIVE_TEMPORARY_ACCESS: CHANGES,
    Capability.END_SESSIONS: CHANGES,
    Capability.RESET_FACTORS: CHANGES,
    Capability.CONFIGURE_APPLICATIONS: frozenset({"okta.apps.manage", "okta.apps.read"}),
}
SCOPES = tuple(sorted(frozenset[str]().union(*NEEDS.values())))

APPLICATIONS = frozenset({Capability.ASSIGN_APPLICATIONS, Capability.CONFIGURE_APPLICATIONS})
BEYOND_ORG_ADMIN: Mapping[Capability, str] = {
    Capability.KEEP_ROLES: "the role SUPER_ADMIN",
    Capability.ASSIGN_APPLICATIONS: "the role APP_ADMIN",
    Capability.CONFIGURE_APPLICATIONS: "the role APP_ADMIN",
}
"""What an organization's administrator may not do, and the role that may."""


def missing_scopes(capability: Capability, given: Iterable[str]) -> list[str]:
    """Those that it needs and that are not given: who may manage may read, too."""
    has = set(given) | {
        scope.removesuffix(".manage") + ".read" for scope in given if scope.endswith(".manage")
    }
    return sorted(NEEDS[capability] - has)


def by_roles(roles: Iterable[str]) -> tuple[frozenset[Capability], dict[Capability, str]]:
    """What an administrator with these roles may do, and lacks. Of other roles than the widest ones Okta does
    not tell what they reach: their capabilities are in neither.
    """
    types, every = set(roles), frozenset(NEEDS)
    if "SUPER_ADMIN" in types:
        return every, {}
    if "ORG_ADMIN" not in types:
        return frozenset(), {}
    more = APPLICATIONS if "APP_ADMIN" in types else frozenset[Capability]()
    lacks = {capability: role for capability, role in BEYOND_ORG_ADMIN.items() if capability not in more}
    if "CUSTOM" in types:
        return every - lacks.keys(), {}
    return every - lacks.keys(), lacks
