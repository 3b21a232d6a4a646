from enum import StrEnum

class Topic(StrEnum):
    REQUESTS = "requests"
    RUNS = "runs"

    def __str__(self) -> str:
        return str(self.value)
