from enum import StrEnum

class DefinitionConcurrency(StrEnum):
    PARALLEL = "parallel"
    QUEUE = "queue"
    REPLACE = "replace"

    def __str__(self) -> str:
        return str(self.value)
