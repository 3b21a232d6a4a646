"""OAuth scopes: which one a request needs, and which ones a capability.

A token is asked for with one scope: Google refuses the whole of a request for several, of which one is not
delegated. So a service account need not be delegated more than what is used of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from officeflow.connectors.families import Capability

AUTH = "https://www.googleapis.com/auth/"
DIRECTORY = "admin.directory."
USER = f"{DIRECTORY}user"
SECURITY = f"{DIRECTORY}user.security"
GROUP = f"{DIRECTORY}group"
UNIT = f"{DIRECTORY}orgunit.readonly"
ROLE = f"{DIRECTORY}rolemanagement"
SCHEMA = f"{DIRECTORY}userschema.readonly"
TRANSFER = "admin.datatransfer"
LICENSING = "apps.licensing"
SSO = "cloud-identity.inboundsso"

_BY_PATH = (
    (r"/directory/v1/users/[^/]+/(signOut|tokens|asps|verificationCodes|twoStepVerification)\b", SECURITY),
    (r"/directory/v1/users\b", USER),
    (r"/directory/v1/groups\b", GROUP),
    (r"/directory/v1/customer/[^/]+/orgunits\b", UNIT),
    (r"/directory/v1/customer/[^/]+/role", ROLE),
    (r"/directory/v1/customer/[^/]+/schemas\b", SCHEMA),
    (r"/datatransfer/v1/", TRANSFER),
    (r"/licensing/v1/", LICENSING),
    (r"/v1/inboundS", SSO),
)
_PATTERNS = tuple((re.compile(pattern), scope) for pattern, scope in _BY_PATH)

NEEDS: Mapping[Capability, tuple[str, ...]] = {
    Capability.FIND_ACCOUNTS: (USER, GROUP),
    Capability.LIST_ACCOUNTS: (USER,),
    Capability.CREATE_ACCOUNTS: (USER,),
    Capability.UPDATE_ACCOUNTS: (USER, GROUP),
    Capability.RENAME_ACCOUNTS: (USER, GROUP),
    Capability.SUSPEND_ACCOUNTS: (USER, GROUP),
    Capability.DELETE_ACCOUNTS: (USER,),
    Capability.RESTORE_ACCOUNTS: (USER, GROUP, UNIT),
    Capability.SET_MANAGERS: (USER, GROUP),
    Capability.MOVE_UNITS: (USER, GROUP, UNIT),
    Capability.KEEP_ALIASES: (USER, GROUP),
    Capability.KEEP_GROUPS: (USER, GROUP),
    Capability.KEEP_ROLES: (USER, GROUP, UNIT, ROLE),
    Capability.KEEP_LICENCES: (USER, LICENSING),
    Capability.SET_PASSWORDS: (USER, GROUP),
    Capability.END_SESSIONS: (USER, SECURITY),
    Capability.RESET_FACTORS: (USER, SECURITY),
    Capability.TRUST_PROVIDERS: (USER, GROUP, UNIT, SSO),
    Capability.TRANSFER_OWNERSHIP: (USER, TRANSFER),
}


def scope_of(path: str) -> str:
    """The scope that a request to this path needs, with what stands before it left out."""
    return next((scope for pattern, scope in _PATTERNS if pattern.search(path)), USER)
