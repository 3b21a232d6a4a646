from enum import StrEnum

class AssignmentState(StrEnum):
    ANSWERED = "ANSWERED"
    OPEN = "OPEN"
    WITHDRAWN = "WITHDRAWN"

    def __str__(self) -> str:
        return str(self.value)
