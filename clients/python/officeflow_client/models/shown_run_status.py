from enum import StrEnum

class ShownRunStatus(StrEnum):
    CANCELLED = "CANCELLED"
    COMPENSATED = "COMPENSATED"
    COMPENSATING = "COMPENSATING"
    FAILED = "FAILED"
    PAUSED = "PAUSED"
    PENDING = "PENDING"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    WAITING = "WAITING"

    def __str__(self) -> str:
        return str(self.value)
