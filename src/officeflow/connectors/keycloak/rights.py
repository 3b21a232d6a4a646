"""Which roles of `realm-management` each capability needs."""

from __future__ import annotations

from collections.abc import Mapping

from officeflow.connectors.families import Capability

SEES = ("view-users", "manage-users")
MANAGES = ("manage-users",)

NEEDED: Mapping[Capability, tuple[tuple[str, ...], ...]] = {
    Capability.FIND_ACCOUNTS: (SEES,),
    Capability.LIST_ACCOUNTS: (SEES,),
    Capability.CREATE_ACCOUNTS: (MANAGES,),
    Capability.UPDATE_ACCOUNTS: (MANAGES,),
    Capability.RENAME_ACCOUNTS: (MANAGES,),
    Capability.SUSPEND_ACCOUNTS: (MANAGES,),
    Capability.UNLOCK_ACCOUNTS: (MANAGES,),
    Capability.DELETE_ACCOUNTS: (MANAGES,),
    Capability.FOLLOW_CHANGES: (SEES, ("view-events", "manage-events")),
    Capability.SET_MANAGERS: (MANAGES,),
    Capability.KEEP_GROUPS: (MANAGES,),
    Capability.KEEP_ROLES: (
        MANAGES,
        ("view-realm", "manage-realm"),
        ("view-clients", "manage-clients"),
    ),
    Capability.SET_PASSWORDS: (MANAGES,),
    Capability.GIVE_TEMPORARY_ACCESS: (MANAGES,),
    Capability.END_SESSIONS: (MANAGES,),
    Capability.RESET_FACTORS: (MANAGES, ("view-realm", "view-users", "query-users")),
    Capability.CONFIGURE_APPLICATIONS: (("manage-clients",),),
}
"""All of these, each by one of its names."""


def lacking(roles: frozenset[str]) -> dict[Capability, str]:
    """What is missing, by capability, for those for which something is."""
    found = {}
    for capability, needed in NEEDED.items():
        missing = [" or ".join(names) for names in needed if not roles & set(names)]
        if missing:
            found[capability] = f"realm-management: {', '.join(missing)}"
    return found
