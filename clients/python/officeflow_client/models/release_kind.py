from enum import StrEnum

class ReleaseKind(StrEnum):
    ACCESS_RULES = "access_rules"
    EVENTS = "events"
    LIMITS = "limits"
    PUBLISH = "publish"
    UNPROTECT = "unprotect"
    UNPROTECT_RULES = "unprotect_rules"

    def __str__(self) -> str:
        return str(self.value)
