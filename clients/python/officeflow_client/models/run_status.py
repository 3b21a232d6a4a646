from enum import StrEnum

class RunStatus(StrEnum):
    CANCELLED = "CANCELLED"
    COMPENSATED = "COMPENSATED"
    COMPENSATING = "COMPENSATING"
    FAILED = "FAILED"
    PAUSED = "PAUSED"
    PENDING = "PENDING"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"

    def __str__(self) -> str:
        return str(self.value)
