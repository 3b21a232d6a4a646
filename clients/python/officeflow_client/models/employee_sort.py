from enum import StrEnum

class EmployeeSort(StrEnum):
    EXTERNAL_ID = "external_id"
    VALUE_1 = "-external_id"

    def __str__(self) -> str:
        return str(self.value)
