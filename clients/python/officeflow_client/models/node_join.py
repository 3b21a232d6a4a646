from enum import StrEnum

class NodeJoin(StrEnum):
    ALL = "all"
    ANY = "any"
    TAKEN = "taken"

    def __str__(self) -> str:
        return str(self.value)
