"""`Idempotency-Key` (the IETF's draft): a POST that came before is not done again, it is answered again.

The key is the caller's own. Its answer is kept for a day, encrypted: it may hold a secret that is shown once.
Of a request that fails no answer is kept, and its key is free again: what must not be there twice has a name
or an id of its own, which the services look at.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool

from officeflow.api import kept_answers
from officeflow.api.context import context_of
from officeflow.api.signing_in import principal_of
from officeflow.database import encryption
from officeflow.errors import InvalidInput, Problem

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
LONGEST = 255
KEPT_HEADERS = ("content-type", "location", "etag")

Handle = Callable[[Request], Awaitable[Response]]


async def once(request: Request, handle: Handle) -> Response:
    """The answer of `handle`, or the one that the same request was given before."""
    keys = request.headers.getlist(HEADER)
    if request.method != "POST" or not keys:
        return await handle(request)
    key = _checked(keys)
    context, principal = context_of(request), await principal_of(request)
    place = kept_answers.Place(principal.actor, key)
    content = encryption.fingerprint(
        b"\0".join([request.url.path.encode(), request.url.query.encode(), await request.body()])
    )
    begun = await run_in_threadpool(kept_answers.begin, context.database, context.clock, place, content)
    if isinstance(begun, kept_answers.Kept):
        return Response(begun.body, begun.status, headers={**begun.headers, REPLAYED: "true"})
    try:
        response = await handle(request)
    except Exception:
        await run_in_threadpool(kept_answers.forget, context.database, begun)
        raise
    kept = kept_answers.Kept(
        response.status_code,
        {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers},
        bytes(response.body),
    )
    await run_in_threadpool(kept_answers.keep, context.database, begun, kept)
    return response


def _checked(keys: list[str]) -> str:
    place = f"header.{HEADER}"
    if len(keys) > 1:
        problem = Problem(place, "it is given twice", "send one")
    elif not 0 < len(keys[0]) <= LONGEST or not keys[0].isprintable():
        problem = Problem(place, f"it must have 1 to {LONGEST} printable characters")
    else:
        return keys[0]
    raise InvalidInput("the request is not valid", problems=[problem])
