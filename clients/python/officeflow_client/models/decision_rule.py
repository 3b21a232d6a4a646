from enum import StrEnum

class DecisionRule(StrEnum):
    ALL = "all"
    ANY = "any"
    N = "n"

    def __str__(self) -> str:
        return str(self.value)
