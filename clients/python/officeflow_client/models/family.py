from enum import StrEnum

class Family(StrEnum):
    CALENDAR = "calendar"
    HTTP = "http"
    IDENTITY = "identity"
    MAIL = "mail"

    def __str__(self) -> str:
        return str(self.value)
