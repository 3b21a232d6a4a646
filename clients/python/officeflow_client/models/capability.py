from enum import StrEnum

class Capability(StrEnum):
    CREATE_ACCOUNTS = "create accounts"
    DELETE_ACCOUNTS = "delete accounts"
    FIND_ACCOUNTS = "find accounts"
    KEEP_EVENTS = "keep events"
    KEEP_GROUPS = "keep groups"
    SEND_MAIL = "send mail"
    SUSPEND_ACCOUNTS = "suspend accounts"
    TAKE_REQUESTS = "take requests"

    def __str__(self) -> str:
        return str(self.value)
