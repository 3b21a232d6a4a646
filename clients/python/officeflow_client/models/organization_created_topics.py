from enum import StrEnum

class OrganizationCreatedTopics(StrEnum):
    CREATED = "created"
    MISSING = "missing"

    def __str__(self) -> str:
        return str(self.value)
