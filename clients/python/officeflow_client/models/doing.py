from enum import StrEnum

class Doing(StrEnum):
    CHANGE = "change"
    CREATE = "create"
    DELETE = "delete"
    IRREVERSIBLE = "irreversible"
    NO_CHANGE = "no change"
    UNKNOWN = "unknown"

    def __str__(self) -> str:
        return str(self.value)
