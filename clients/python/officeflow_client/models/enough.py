from enum import StrEnum

class Enough(StrEnum):
    CANNOT = "cannot"
    NO = "no"
    NOT_TOLD = "not told"
    YES = "yes"

    def __str__(self) -> str:
        return str(self.value)
