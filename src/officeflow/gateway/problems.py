"""Why a delivery is refused, as RFC 9457 says it."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

from officeflow.errors import InvalidEvent, Problem
from officeflow.problem_documents import MEDIA_TYPE, document
from officeflow.statuses import RefusalReason

CONTENT_TYPE = (b"content-type", MEDIA_TYPE.encode())
TITLES = {
    400: "The request cannot be read",
    401: "The delivery does not prove who sends it",
    403: "Deliveries are not taken from there",
    404: "There is no such source",
    405: "Deliveries are POSTed",
    408: "The body took too long",
    409: "The event is too old",
    413: "The body is too large",
    415: "The body is of another form",
    422: "The body is not what the source takes",
    429: "Too many deliveries",
    500: "The gateway failed",
    503: "The delivery cannot be kept now",
}
STATUS = {RefusalReason.TOO_LARGE: 413, RefusalReason.UNSUPPORTED_CONTENT_TYPE: 415}


class Refused(Exception):
    """The delivery is not taken; the sender is told why. `reason` names it in figures."""

    def __init__(
        self,
        status: int,
        reason: str,
        detail: str,
        *,
        problems: Sequence[Problem] = (),
        retry_after: float | None = None,
        closes: bool = False,
    ) -> None:
        super().__init__(detail)
        self.status, self.reason, self.detail = status, reason, detail
        self.problems, self.retry_after, self.closes = tuple(problems), retry_after, closes


def of_event(error: InvalidEvent) -> Refused:
    """A body that cannot be read."""
    status = STATUS.get(error.reason_code, 422)
    return Refused(status, error.reason_code.value, error.message, problems=error.problems)


def answer(refused: Refused) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Status, headers and body."""
    content = document(
        refused.status,
        refused.reason,
        refused.detail,
        title=TITLES[refused.status],
        problems=refused.problems,
    )
    body = json.dumps(content).encode()
    headers = [CONTENT_TYPE, (b"content-length", str(len(body)).encode()), (b"cache-control", b"no-store")]
    if refused.retry_after is not None:
        headers.append((b"retry-after", str(max(1, math.ceil(refused.retry_after))).encode()))
    if refused.status == 401:
        headers.append((b"www-authenticate", b'Webhook realm="officeflow"'))
    if refused.status == 405:
        headers.append((b"allow", b"POST, GET, OPTIONS"))
    if refused.closes:
        headers.append((b"connection", b"close"))
    return refused.status, headers, body
