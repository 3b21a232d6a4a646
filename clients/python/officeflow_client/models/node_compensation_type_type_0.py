from enum import StrEnum

class NodeCompensationTypeType0(StrEnum):
    CLEANUP = "cleanup"
    NOTIFICATION = "notification"
    ROLLBACK = "rollback"

    def __str__(self) -> str:
        return str(self.value)
