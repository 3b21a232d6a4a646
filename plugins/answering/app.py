"""The page: opening it shows what is asked, and its button answers.

Nobody is signed in here: the token in the address is the right, of one person, to one answer, once. Mail
scanners open links, so GET and HEAD change nothing. The answer is a form that carries the token in its body:
another site cannot send it without knowing the token. Where a browser says that a form is another site's, it
is refused all the same. Our own page sends `Origin: null`, for it tells nobody its address.
"""

from __future__ import annotations

import asyncio
import functools
import os
from collections.abc import Callable, Mapping

import structlog
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from answering import pages
from answering.fields import values_of
from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.errors import (
    AlreadyAnswered,
    AnswerRefused,
    AnswersDoNotFit,
    ConcernedPerson,
    OfficeFlowError,
    ReasonMissing,
    StarterMayNot,
    Unavailable,
    UnknownChoice,
)
from officeflow.origins import Sender, own_origins, sender
from officeflow.people import by_link
from officeflow.people.links import EndedLink, ForgedLink
from officeflow.settings import load_settings

MOST_BYTES = 256 * 1024
SECONDS = 30.0
"""Within which an answer has to be there."""
FORM = "application/x-www-form-urlencoded"
STATUSES: Mapping[type[OfficeFlowError], int] = {
    ForgedLink: 403,
    ConcernedPerson: 403,
    StarterMayNot: 403,
    AlreadyAnswered: 409,
    EndedLink: 410,
    AnswerRefused: 410,
    Unavailable: 503,
}
"""What is answered where nothing can be answered (any more): the first that the error is one of."""

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none';"
        " frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
CLOCK = SystemClock()

log = structlog.get_logger(__name__)


async def show(request: Request) -> Response:
    token = request.path_params["token"]
    return await _guarded(lambda: _page(token))


async def answer(request: Request) -> Response:
    """200 with what was answered; 422 with the same page where something of it is missing or wrong."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        return _told(415, f"an answer comes as {FORM}: press the button of the page")
    try:
        body = await asyncio.wait_for(_bounded(request), SECONDS)
    except TimeoutError:
        return _told(408, f"the answer did not arrive within {SECONDS:g} s")
    if body is None:
        return _told(413, "this is too large for an answer")
    given = pages.read(body)
    if _is_foreign(request) or given.get("token", [""])[0] != request.path_params["token"]:
        return _told(403, "this answer does not come from the page of its link")
    return await _guarded(lambda: _answered(request.path_params["token"], given))


def _is_foreign(request: Request) -> bool:
    """Whether a browser says that the form is on another site's page."""
    fields = request.headers
    own = own_origins(request.scope["scheme"], fields.get("host", ""), _public_url())
    return sender(fields.get("sec-fetch-site", ""), fields.get("origin", ""), own) is Sender.FOREIGN


def _page(token: str) -> Response:
    shown = by_link.look(_database(os.getpid()), CLOCK, token)
    return _html(pages.question(shown, token))


def _answered(token: str, given: Mapping[str, list[str]]) -> Response:
    database = _database(os.getpid())
    shown = by_link.look(database, CLOCK, token)
    choice, reason = given.get("choice", [""])[0], given.get("reason", [""])[0]
    try:
        is_filled_in = shown.form is not None and choice == shown.options[0]
        values = values_of(shown.form or {}, given) if is_filled_in else {}
        done = by_link.answer(database, CLOCK, token, choice=choice, reason=reason, values=values)
    except (AnswersDoNotFit, ReasonMissing, UnknownChoice) as error:
        return _html(pages.question(shown, token, error=error, given=given), 422)
    log.info("answered by a mailed link", request=str(done.request.request_id), decided=done.decided)
    return _html(pages.thanks(shown, choice, done))


async def _guarded(act: Callable[[], Response]) -> Response:
    """What `act` answers, or why nothing can be answered."""
    try:
        return await run_in_threadpool(act)
    except OfficeFlowError as error:
        status = next((code for kind, code in STATUSES.items() if isinstance(error, kind)), 500)
        if status in {403, 500, 503}:
            log.warning("a mailed link was refused", code=error.code, status=status, error=error.message)
        return _told(status, error.message, error.hint)


async def _bounded(request: Request) -> bytes | None:
    """None where there is too much of it."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            return None
    return bytes(body)


def _told(status: int, message: str, hint: str = "") -> Response:
    return _html(pages.ended(message, hint, status=status), status)


def _html(text: str, status: int = 200) -> Response:
    return HTMLResponse(text, status, headers=dict(HEADERS))


@functools.cache
def _public_url() -> str:
    return load_settings().public_url or ""


@functools.cache
def _database(process: int) -> Database:
    """One for each process: a connection must not be shared with the one that this was forked from."""
    del process
    return Database.from_settings(pool_size=2)


application = Starlette(
    routes=[
        Route("/{token}", show, methods=["GET", "HEAD"]),
        Route("/{token}", answer, methods=["POST"]),
    ]
)
