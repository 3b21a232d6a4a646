from enum import StrEnum

class WaitsFor(StrEnum):
    ANSWER = "answer"
    EVENT = "event"
    PLATFORM = "platform"
    RUN = "run"
    TIME = "time"
    TURN = "turn"

    def __str__(self) -> str:
        return str(self.value)
