from enum import StrEnum

class DefinitionOnfailure(StrEnum):
    KEEP = "keep"
    UNDO = "undo"

    def __str__(self) -> str:
        return str(self.value)
