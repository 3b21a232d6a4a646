from enum import StrEnum

class ReleaseKind(StrEnum):
    EVENTS = "events"
    LIMITS = "limits"
    PUBLISH = "publish"
    UNPROTECT = "unprotect"

    def __str__(self) -> str:
        return str(self.value)
