from enum import StrEnum

class BulkAction(StrEnum):
    DISCARD = "discard"
    REPLAY = "replay"

    def __str__(self) -> str:
        return str(self.value)
