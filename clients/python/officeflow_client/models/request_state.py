from enum import StrEnum

class RequestState(StrEnum):
    DECIDED = "DECIDED"
    EXPIRED = "EXPIRED"
    OPEN = "OPEN"
    WITHDRAWN = "WITHDRAWN"

    def __str__(self) -> str:
        return str(self.value)
