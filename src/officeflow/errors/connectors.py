"""Errors of customers' systems."""

from __future__ import annotations

from typing import ClassVar

from officeflow.errors.base import OfficeFlowError


class ConnectorError(OfficeFlowError):
    """A customer's system did not do what was asked.

    `provider` and `operation` name the system and the call; `status` is the protocol's own code (HTTP 409,
    SMTP 550) where there is one. `maybe_done` is True when the request may have taken effect all the same (a
    time-out after sending): the ledger then leaves the act open, and the next attempt finds out first.
    `taken` is True when the system had said yes to a write, and what came of it cannot be seen: the write is
    never made again by itself.
    """

    code = "connector_error"
    retryable: ClassVar[bool] = False
    system_in_trouble: ClassVar[bool] = False
    """Whether it says that the system rather than the request is at fault: what a breaker counts."""

    def __init__(
        self,
        message: str,
        *,
        provider: str = "",
        operation: str = "",
        status: int | None = None,
        maybe_done: bool = False,
        taken: bool = False,
        hint: str = "",
    ) -> None:
        super().__init__(message, hint=hint)
        self.provider = provider
        self.operation = operation
        self.status = status
        self.maybe_done = maybe_done or taken
        self.taken = taken


class Transient(ConnectorError):
    code = "transient"
    retryable = True
    system_in_trouble = True


class RateLimited(ConnectorError):
    """`retry_after` is the provider's own delay in seconds, or None where it gave none."""

    code = "rate_limited"
    retryable = True

    def __init__(
        self,
        message: str,
        *,
        retry_after: float | None = None,
        provider: str = "",
        operation: str = "",
        status: int | None = 429,
        maybe_done: bool = False,
    ) -> None:
        super().__init__(
            message, provider=provider, operation=operation, status=status, maybe_done=maybe_done
        )
        self.retry_after = retry_after


class NothingHappened(ConnectorError):
    code = "nothing_happened"
    retryable = True


class Rejected(ConnectorError):
    code = "rejected"


class Unauthorized(ConnectorError):
    code = "unauthorized"


class NotFound(ConnectorError):
    code = "not_found"


class Conflict(ConnectorError):
    code = "conflict"
