"""`Idempotency-Key` (the IETF's draft): a POST that came before is not done again, it is answered again.

The key is the caller's own. Its answer is kept for a day, encrypted: it may hold a secret that is shown once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool

from officeflow.api import kept_answers
from officeflow.api.context import context_of
from officeflow.api.signing_in import principal_of
from officeflow.database import encryption
from officeflow.errors import InvalidInput, OfficeFlowError

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
LONGEST = 255
KEPT_HEADERS = ("content-type", "location", "etag")

Handle = Callable[[Request], Awaitable[Response]]


async def once(request: Request, handle: Handle) -> Response:
    """The answer of `handle`, or the one that the same request was given before."""
    key = request.headers.get(HEADER)
    if request.method != "POST" or key is None:
        return await handle(request)
    if not 0 < len(key) <= LONGEST or not key.isprintable():
        raise InvalidInput(f"{HEADER} must have 1 to {LONGEST} printable characters")
    context, principal = context_of(request), await principal_of(request)
    place = kept_answers.Place(principal.actor, key)
    content = encryption.fingerprint(
        b"\0".join([request.url.path.encode(), request.url.query.encode(), await request.body()])
    )
    before = await run_in_threadpool(kept_answers.begin, context.database, context.clock, place, content)
    if before is not None:
        headers = {**before.headers, REPLAYED: "true"}
        return Response(before.body, before.status, headers=headers)
    try:
        response = await handle(request)
    except (OfficeFlowError, RequestValidationError):
        await run_in_threadpool(kept_answers.forget, context.database, place)  # nothing was changed
        raise
    kept = kept_answers.Kept(
        response.status_code,
        {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers},
        bytes(response.body),
    )
    await run_in_threadpool(kept_answers.keep, context.database, place, kept)
    return response
