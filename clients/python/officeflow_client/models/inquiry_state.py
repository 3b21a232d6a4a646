from enum import StrEnum

class InquiryState(StrEnum):
    ANSWERED = "ANSWERED"
    ASKED = "ASKED"
    FAILED = "FAILED"
    TAKEN = "TAKEN"

    def __str__(self) -> str:
        return str(self.value)
