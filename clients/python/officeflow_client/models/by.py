from enum import StrEnum

class By(StrEnum):
    CLEANUP = "cleanup"
    NOTIFICATION = "notification"
    ROLLBACK = "rollback"
    TYPE = "type"

    def __str__(self) -> str:
        return str(self.value)
