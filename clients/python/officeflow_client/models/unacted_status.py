from enum import StrEnum

class UnactedStatus(StrEnum):
    FAILED = "FAILED"
    REFUSED = "REFUSED"
    SKIPPED = "SKIPPED"
    WAITS = "WAITS"

    def __str__(self) -> str:
        return str(self.value)
