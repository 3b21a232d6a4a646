from enum import StrEnum

class Of(StrEnum):
    ALL = "all"
    ME = "me"

    def __str__(self) -> str:
        return str(self.value)
