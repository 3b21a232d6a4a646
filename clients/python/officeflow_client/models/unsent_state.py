from enum import StrEnum

class UnsentState(StrEnum):
    SET_ASIDE = "SET_ASIDE"
    WAITS = "WAITS"

    def __str__(self) -> str:
        return str(self.value)
