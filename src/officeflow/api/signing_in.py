"""Who asks.

In a browser Airflow's own cookie says it, elsewhere a Bearer token: one of Airflow's, or one of a service
account. A token in the header goes before the cookie. What changes something by the cookie has to come from
one of our own pages.
"""

from __future__ import annotations

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from officeflow.api.context import Context, context_of
from officeflow.api.limiting import Allowance
from officeflow.errors import SignInNeeded
from officeflow.errors.requests import ForeignPage, TooManyRequests
from officeflow.origins import SAFE, Sender, own_origins, sender
from officeflow.rights.principals import Principal
from officeflow.tenants.tokens import PREFIX

COOKIE = "_token"


async def principal_of(request: Request) -> Principal:
    """Who sends the request; asked once for each.

    `SignInNeeded`, `ForeignPage`, or `TooManyRequests` after too many.
    """
    known: Principal | None = getattr(request.state, "principal", None)
    if known is not None:
        return known
    context = context_of(request)
    principal = await _known(request, context)
    request.state.principal = principal
    request.state.allowance = allowance = await context.limiter.admit(principal.actor)
    _refuse_too_many(allowance)
    return principal


class Asks:
    """Whoever sent a request that goes on for long."""

    def __init__(self, request: Request) -> None:
        self._context = context_of(request)
        self._token, _ = _credentials(request)

    async def again(self) -> Principal | None:
        """Who that is now; None where what they signed in with does not hold any more."""
        return await _whose(self._context, self._token)


async def _known(request: Request, context: Context) -> Principal:
    token, is_cookie = _credentials(request)
    if not token:
        raise SignInNeeded("nobody has signed in", hint="send a Bearer token, or sign in at Airflow")
    address = request.client.host if request.client else "unknown"
    if seconds := context.limiter.barred_for(address):
        raise TooManyRequests("too many requests", seconds=seconds)
    found = await _whose(context, token)
    if found is None:
        await context.limiter.note_stranger(address)
        raise SignInNeeded("the token does not hold: it is unknown, expired or revoked")
    if is_cookie:
        _refuse_foreign(request, context.settings.public_url)
    return found


def _credentials(request: Request) -> tuple[str, bool]:
    """The token, and whether it is the cookie's."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer" and token.strip():
        return token.strip(), False
    return request.cookies.get(COOKIE, ""), True


async def _whose(context: Context, token: str) -> Principal | None:
    """What is remembered is taken as it is: a thread of its own costs more than that."""
    if token.startswith(PREFIX):
        kept = context.tokens.remembered(token)
        return kept or await run_in_threadpool(context.tokens.principal, token)
    signed_in = await context.whose(token)
    if signed_in is None:
        return None
    standing = context.memberships.remembered(signed_in.login)
    if standing is None:
        standing = await run_in_threadpool(context.memberships.standing, signed_in.login)
    return standing.principal(is_platform_admin=signed_in.is_platform_admin)


def _refuse_foreign(request: Request, public_url: str) -> None:
    if request.method in SAFE:
        return
    fields = request.headers
    own = own_origins(request.scope["scheme"], fields.get("host", ""), public_url)
    if sender(fields.get("sec-fetch-site", ""), fields.get("origin", ""), own) is not Sender.OWN:
        raise ForeignPage("a change by the browser's cookie has to come from a page of OfficeFlow's own")


def _refuse_too_many(allowance: Allowance | None) -> None:
    if allowance is not None and not allowance.admitted:
        raise TooManyRequests("too many requests", seconds=max(1, allowance.seconds))
