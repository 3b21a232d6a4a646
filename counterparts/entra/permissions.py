"""Which application permissions let a call through; any one of a set is enough.

https://learn.microsoft.com/graph/permissions-reference
"""

from __future__ import annotations

from counterparts.entra.schema.types import words

_READ = "Directory.Read.All Directory.ReadWrite.All"
_WRITE = "Directory.ReadWrite.All"

DIRECTORY_READ = words(_READ)
USER_READ = words("User.Read.All User.ReadWrite.All", _READ)
USER_WRITE = words("User.ReadWrite.All", _WRITE)
SESSIONS = words("User.RevokeSessions.All User.ReadWrite.All", _WRITE)
GROUP_READ = words("Group.Read.All Group.ReadWrite.All GroupMember.Read.All GroupMember.ReadWrite.All", _READ)
GROUP_CREATE = words("Group.Create Group.ReadWrite.All", _WRITE)
GROUP_WRITE = words("Group.ReadWrite.All", _WRITE)
MEMBER_WRITE = words("GroupMember.ReadWrite.All Group.ReadWrite.All", _WRITE)
MEMBERSHIPS = words("User.Read.All User.ReadWrite.All GroupMember.Read.All", _READ)
LICENCE_WRITE = words("LicenseAssignment.ReadWrite.All User.ReadWrite.All", _WRITE)
GROUP_LICENCE_WRITE = words("LicenseAssignment.ReadWrite.All Group.ReadWrite.All", _WRITE)
SKU_READ = words(
    "LicenseAssignment.Read.All LicenseAssignment.ReadWrite.All Organization.Read.All"
    " Organization.ReadWrite.All",
    _READ,
)
ORGANIZATION_READ = words("Organization.Read.All Organization.ReadWrite.All User.Read.All", _READ)
ASSIGNMENT_READ = words("AppRoleAssignment.ReadWrite.All Application.Read.All", _READ)
ASSIGNMENT_WRITE = words("AppRoleAssignment.ReadWrite.All")
APPLICATION_READ = words("Application.Read.All Application.ReadWrite.All", _READ)
APPLICATION_WRITE = words("Application.ReadWrite.All")
POLICY_READ = words("Policy.Read.All Policy.ReadWrite.ApplicationConfiguration")
POLICY_WRITE = words("Policy.ReadWrite.ApplicationConfiguration")
ROLE_READ = words("RoleManagement.Read.Directory RoleManagement.ReadWrite.Directory", _READ)
ROLE_WRITE = words("RoleManagement.ReadWrite.Directory")
METHOD_READ = words("UserAuthenticationMethod.Read.All UserAuthenticationMethod.ReadWrite.All")
METHOD_WRITE = words("UserAuthenticationMethod.ReadWrite.All")
GRANT_READ = words("DelegatedPermissionGrant.Read.All DelegatedPermissionGrant.ReadWrite.All", _READ)
GRANT_WRITE = words("DelegatedPermissionGrant.ReadWrite.All", _WRITE)
DELETED_READ = USER_READ | GROUP_READ | APPLICATION_READ
DELETED_WRITE = words("User.DeleteRestore.All") | USER_WRITE | GROUP_WRITE | APPLICATION_WRITE

ALL = frozenset().union(
    USER_READ, USER_WRITE, SESSIONS, GROUP_READ, GROUP_CREATE, GROUP_WRITE, MEMBER_WRITE, MEMBERSHIPS,
    LICENCE_WRITE, GROUP_LICENCE_WRITE, SKU_READ, ORGANIZATION_READ, ASSIGNMENT_READ, ASSIGNMENT_WRITE,
    APPLICATION_READ, APPLICATION_WRITE, POLICY_READ, POLICY_WRITE, ROLE_READ, ROLE_WRITE, METHOD_READ,
    METHOD_WRITE, GRANT_READ, GRANT_WRITE, DELETED_WRITE,
    words("AuditLog.Read.All User-PasswordProfile.ReadWrite.All"),
)  # fmt: skip
