"""Errors of how something was asked for, at doors that speak HTTP."""

from __future__ import annotations

from officeflow.errors.base import InvalidInput, OfficeFlowError


class MalformedRequest(InvalidInput):
    """It cannot be read at all: no JSON, too deep, a name twice."""

    code = "malformed_request"


class UnsupportedContent(InvalidInput):
    code = "unsupported_content"


class TooLarge(InvalidInput):
    code = "too_large"


class ForeignPage(OfficeFlowError):
    """A browser sends it for a page of another site, with the cookie of whoever is signed in here."""

    code = "foreign_page"


class TooManyRequests(OfficeFlowError):
    """`seconds` is how long to wait."""

    code = "too_many_requests"

    def __init__(self, message: str, *, seconds: int) -> None:
        super().__init__(message, hint=f"try again in {seconds} s")
        self.seconds = seconds


class MatchNeeded(OfficeFlowError):
    """Somebody else may have changed it: whoever changes it says which state they have seen (If-Match)."""

    code = "match_needed"


class ChangedMeanwhile(OfficeFlowError):
    """It is not any more what whoever changes it has seen. `etag` is what it is now."""

    code = "changed_meanwhile"

    def __init__(self, message: str, *, etag: str) -> None:
        super().__init__(message, hint="read it again, and decide anew")
        self.etag = etag


class KeyReused(OfficeFlowError):
    """The Idempotency-Key came before, with another request."""

    code = "idempotency_key_reused"


class KeyInUse(OfficeFlowError):
    """The Idempotency-Key came before, and what became of that request is not known (yet)."""

    code = "idempotency_key_in_use"
