from enum import StrEnum

class EntitlementKind(StrEnum):
    APPLICATIONS = "applications"
    GROUPS = "groups"
    LICENCES = "licences"
    ROLES = "roles"

    def __str__(self) -> str:
        return str(self.value)
