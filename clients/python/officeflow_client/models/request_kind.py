from enum import StrEnum

class RequestKind(StrEnum):
    APPROVAL = "approval"
    FORM = "form"
    TASK = "task"

    def __str__(self) -> str:
        return str(self.value)
