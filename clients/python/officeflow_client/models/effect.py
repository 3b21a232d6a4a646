from enum import StrEnum

class Effect(StrEnum):
    AT_MOST_ONCE = "at_most_once"
    CHECK_THEN_ACT = "check_then_act"
    IDEMPOTENT = "idempotent"
    KEYED = "keyed"
    PURE = "pure"

    def __str__(self) -> str:
        return str(self.value)
