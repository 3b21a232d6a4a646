"""What the token endpoint says when it refuses.

https://learn.microsoft.com/entra/identity-platform/reference-error-codes
"""

from __future__ import annotations

import uuid
from typing import Any

from counterparts.entra.tenant import Tenant


class LoginError(Exception):
    """`number` is the one of `AADSTS…`; `error` is OAuth's word."""

    def __init__(self, number: int, error: str, message: str) -> None:
        super().__init__(f"AADSTS{number}: {message}")
        self.number = number
        self.error = error
        self.message = message

    @property
    def status(self) -> int:
        return 401 if self.error == "invalid_client" else 400

    def body(self, tenant: Tenant, correlation: str) -> dict[str, Any]:
        trace = str(uuid.uuid4())
        moment = f"{tenant.clock.now():%Y-%m-%d %H:%M:%SZ}"
        return {
            "error": self.error,
            "error_description": f"AADSTS{self.number}: {self.message} Trace ID: {trace} Correlation ID:"
            f" {correlation} Timestamp: {moment}",
            "error_codes": [self.number],
            "timestamp": moment,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": f"https://login.microsoftonline.com/error?code={self.number}",
        }
