from enum import StrEnum

class HealthDatabase(StrEnum):
    AWAY = "away"
    OK = "ok"

    def __str__(self) -> str:
        return str(self.value)
