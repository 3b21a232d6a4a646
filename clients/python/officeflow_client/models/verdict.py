from enum import StrEnum

class Verdict(StrEnum):
    DONE = "DONE"
    RUNS = "RUNS"
    SKIPPED = "SKIPPED"
    UNKNOWN = "UNKNOWN"

    def __str__(self) -> str:
        return str(self.value)
