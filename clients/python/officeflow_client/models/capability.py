from enum import StrEnum

class Capability(StrEnum):
    ASSIGN_APPLICATIONS = "assign applications"
    CHANGE_ACCOUNTS = "change accounts"
    CONFIGURE_APPLICATIONS = "configure applications"
    CREATE_ACCOUNTS = "create accounts"
    DELETE_ACCOUNTS = "delete accounts"
    END_SESSIONS_AND_TOKENS = "end sessions and tokens"
    FIND_ACCOUNTS = "find accounts"
    GIVE_TEMPORARY_ACCESS = "give temporary access"
    HAND_OVER_WHAT_ACCOUNTS_OWN = "hand over what accounts own"
    KEEP_ALIASES = "keep aliases"
    KEEP_EVENTS = "keep events"
    KEEP_GROUPS = "keep groups"
    KEEP_LICENCES = "keep licences"
    KEEP_ROLES = "keep roles"
    LET_ACCOUNTS_EXPIRE = "let accounts expire"
    LIST_ACCOUNTS = "list accounts"
    MOVE_ACCOUNTS_BETWEEN_ORGANIZATIONAL_UNITS = "move accounts between organizational units"
    RENAME_ACCOUNTS = "rename accounts"
    RESET_FACTORS = "reset factors"
    RESTORE_DELETED_ACCOUNTS = "restore deleted accounts"
    SEND_MAIL = "send mail"
    SET_MANAGERS = "set managers"
    SET_PASSWORDS = "set passwords"
    SUSPEND_ACCOUNTS = "suspend accounts"
    TAKE_REQUESTS = "take requests"
    TELL_WHAT_HAS_CHANGED = "tell what has changed"
    TRUST_IDENTITY_PROVIDERS = "trust identity providers"
    UNLOCK_ACCOUNTS = "unlock accounts"

    def __str__(self) -> str:
        return str(self.value)
