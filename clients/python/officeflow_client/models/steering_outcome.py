from enum import StrEnum

class SteeringOutcome(StrEnum):
    ALREADY = "already"
    DONE = "done"
    REFUSED = "refused"

    def __str__(self) -> str:
        return str(self.value)
