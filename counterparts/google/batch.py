"""Several calls in one: `multipart/mixed` with a request in each part, each answered for itself.

https://developers.google.com/workspace/admin/directory/v1/guides/batch
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from email.message import Message
from email.parser import BytesParser
from wsgiref.types import WSGIApplication

from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app

from counterparts.google.failures import refused
from counterparts.vendors.routes import Handler, Request, Response
from counterparts.vendors.store import Store

PAGE = "https://developers.google.com/workspace/admin/directory/v1/guides/batch"
MOST = 1000
PREFIX = "/batch"


def handler(application: Callable[[], WSGIApplication]) -> Handler:
    """`application` gives the one that the parts are for: it is made after its routes."""

    def serve(request: Request, store: Store, api: str = "") -> Response:
        del store, api
        parts = _parts(request)
        boundary = f"batch_{secrets.token_urlsafe(16)}"
        answers = b"".join(
            f"--{boundary}\r\n".encode() + _answered(application(), request, part) for part in parts
        )
        body = answers + f"--{boundary}--\r\n".encode()
        return Response(body, content_type=f"multipart/mixed; boundary={boundary}")

    return serve


def _parts(request: Request) -> list[Message]:
    head = f"Content-Type: {request.seen.headers.get('content-type', '')}\r\n\r\n".encode()
    parts = BytesParser().parsebytes(head + request.seen.body).get_payload()
    if not isinstance(parts, list) or not 0 < len(parts) <= MOST:
        raise refused(400, "badRequest", f"A batch has 1 to {MOST} parts")
    found = [part for part in parts if isinstance(part, Message)]
    if any(part.get_content_type() != "application/http" for part in found):
        raise refused(400, "badRequest", "A part is application/http")
    return found


def _answered(application: WSGIApplication, outer: Request, part: Message) -> bytes:
    content = part.get_payload(decode=True)
    body, status, headers = _called(application, outer, content if isinstance(content, bytes) else b"")
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers.items())]
    known = part.get("Content-ID", "").strip().removeprefix("<").removesuffix(">")
    named = f"Content-ID: <response-{known}>\r\n" if known else ""
    head = f"Content-Type: application/http\r\n{named}\r\n"
    return (head + "\r\n".join(lines) + "\r\n\r\n").encode() + body + b"\r\n"


def _called(application: WSGIApplication, outer: Request, content: bytes) -> tuple[bytes, str, Headers]:
    first, _, rest = content.lstrip().partition(b"\n")
    words = first.decode("latin-1").split()
    if len(words) != 3 or words[1].startswith(PREFIX):
        raise refused(400, "badRequest", "A part begins with a request line")
    message = BytesParser().parsebytes(rest)
    text = message.get_payload(decode=True)
    headers = Headers((name, value) for name, value in message.items() if name.lower() != "content-length")
    headers.setdefault("Authorization", outer.seen.headers.get("authorization", ""))
    builder = EnvironBuilder(
        path=words[1].partition("?")[0],
        query_string=words[1].partition("?")[2],
        base_url=outer.base,
        method=words[0],
        headers=headers,
        data=text if isinstance(text, bytes) else b"",
    )
    chunks, status, answered = run_wsgi_app(application, builder.get_environ(), buffered=True)
    return b"".join(chunks), status, answered
