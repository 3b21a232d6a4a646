from enum import StrEnum

class EmployeeStatus(StrEnum):
    ACTIVE = "active"
    EXITED = "exited"
    PREBOARDING = "preboarding"

    def __str__(self) -> str:
        return str(self.value)
