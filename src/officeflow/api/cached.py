"""Answers that are the same for everybody until OfficeFlow is updated: made and compressed once.

Who has one asks with If-None-Match whether it is still so, and is told 304.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from pydantic import BaseModel

from officeflow.api.etags import is_unchanged
from officeflow.api.routing import JSON

FRESH_SECONDS = 60
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"headers": {"ETag": {"description": "Names this state.", "schema": {"type": "string"}}}},
    304: {"description": "If-None-Match names the state that it has."},
}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A body of JSON, and the same compressed."""

    body: bytes
    compressed: bytes
    etag: str

    @classmethod
    def of(cls, model: BaseModel) -> Prepared:
        body = model.model_dump_json().encode()
        return cls(body, gzip.compress(body, mtime=0), hashlib.sha256(body).hexdigest()[:32])

    def answer(self, request: Request) -> Response:
        """200, or 304 where whoever asks has it. The ETag is weak: both forms have the same."""
        headers = {
            "ETag": f'W/"{self.etag}"',
            "Cache-Control": f"private, max-age={FRESH_SECONDS}",
            "Vary": "Accept-Encoding, Authorization, Cookie",
        }
        if is_unchanged(request, f'"{self.etag}"'):
            return Response(status_code=304, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", "").lower():
            return Response(self.compressed, headers=headers | {"Content-Encoding": "gzip"}, media_type=JSON)
        return Response(self.body, headers=headers, media_type=JSON)
