from enum import StrEnum

class RefusalReason(StrEnum):
    CONTENT_CHANGED = "content_changed"
    EMPTY = "empty"
    INVALID_ATTRIBUTE = "invalid_attribute"
    INVALID_PAYLOAD = "invalid_payload"
    INVALID_TIME = "invalid_time"
    KIND_MISMATCH = "kind_mismatch"
    MISSING_ATTRIBUTE = "missing_attribute"
    NOT_JSON = "not_json"
    ORGANIZATION_MISMATCH = "organization_mismatch"
    OWN_SOURCE = "own_source"
    TIME_AHEAD = "time_ahead"
    TOO_DEEP = "too_deep"
    TOO_LARGE = "too_large"
    UNKNOWN_KIND = "unknown_kind"
    UNKNOWN_ORGANIZATION = "unknown_organization"
    UNSTORABLE = "unstorable"
    UNSUPPORTED_CONTENT_TYPE = "unsupported_content_type"
    UNSUPPORTED_VERSION = "unsupported_version"
    WRONG_SHAPE = "wrong_shape"

    def __str__(self) -> str:
        return str(self.value)
