from enum import StrEnum

class EventStatus(StrEnum):
    DISPATCHED = "DISPATCHED"
    HELD = "HELD"
    IGNORED = "IGNORED"
    RECEIVED = "RECEIVED"
    REFUSED = "REFUSED"

    def __str__(self) -> str:
        return str(self.value)
