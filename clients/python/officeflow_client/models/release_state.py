from enum import StrEnum

class ReleaseState(StrEnum):
    APPROVED = "APPROVED"
    OVERRIDDEN = "OVERRIDDEN"
    PENDING = "PENDING"
    REFUSED = "REFUSED"
    REPLACED = "REPLACED"

    def __str__(self) -> str:
        return str(self.value)
