from enum import StrEnum

class HealthLimits(StrEnum):
    AWAY = "away"
    OK = "ok"

    def __str__(self) -> str:
        return str(self.value)
