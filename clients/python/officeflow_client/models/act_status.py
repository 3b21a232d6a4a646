from enum import StrEnum

class ActStatus(StrEnum):
    ASKED = "ASKED"
    COMPENSATED = "COMPENSATED"
    FAILED = "FAILED"
    QUEUED = "QUEUED"
    STARTED = "STARTED"
    SUCCEEDED = "SUCCEEDED"

    def __str__(self) -> str:
        return str(self.value)
