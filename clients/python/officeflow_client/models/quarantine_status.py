from enum import StrEnum

class QuarantineStatus(StrEnum):
    DISCARDED = "DISCARDED"
    OPEN = "OPEN"
    REPLAYED = "REPLAYED"

    def __str__(self) -> str:
        return str(self.value)
