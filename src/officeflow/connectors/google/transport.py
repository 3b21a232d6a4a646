"""What Google's client library sends a request by, in the place of httplib2: our own session, with its
limits, its credentials and its errors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from officeflow.connectors.call import Call
from officeflow.connectors.google.errors import refusal
from officeflow.connectors.http import HttpSession, Request
from officeflow.errors import Rejected

KEPT = frozenset({"accept", "content-type", "x-goog-api-client"})
"""Headers of the library's; the session has its own besides."""
TOO_LONG = "x-http-method-override"
"""What the library sends a reading with as a writing one, where its address is too long."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What the library looks at of an httplib2 response."""

    status: int
    reason: str = ""


@dataclass(slots=True)
class Transport:
    """For one request. Raises our errors for whatever is no success; `hides` are secrets that it sends."""

    session: HttpSession
    call: Call
    key: str = ""
    hides: Sequence[str] = field(default=(), repr=False)

    def request(
        self,
        uri: str,
        method: str = "GET",
        *,
        body: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[Answered, bytes]:
        given = {name.lower(): value for name, value in (headers or {}).items()}
        if TOO_LONG in given:
            raise self.call.error(Rejected, "what is looked for is too long for any address")
        response = self.session.send(
            Request(
                method=method,
                url=uri,
                headers={name: value for name, value in given.items() if name in KEPT},
                content=body.encode() if isinstance(body, str) else body,
                key=self.key if self.call.writes else "",
            ),
            self.call,
        )
        if not response.is_success:
            raise refusal(response, self.call, hides=self.hides)
        content = b"" if response.status_code == HTTPStatus.NO_CONTENT else response.content
        return Answered(response.status_code, response.reason_phrase), content
