"""What changes something by a browser's cookie comes from a page of ours: Airflow itself does not look.

Its cookies are `SameSite=Lax`, which keeps other sites out, and lets in pages of the same site: another port
or name beside Airflow's. The rule is the one of our own API. Whoever sends a Bearer token is asked nothing,
nor is whoever has no cookie: no other page can make a browser send the one, and without the other it says
nothing of anybody. The page where people sign in is looked at in any case: another page must not sign them
in as somebody else. Where programs get their token a password tells who asks, and the cookie is not read.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import structlog

from middlewares.bodies import Application, Message, Receive, Send, refuse
from middlewares.sign_in import PAGE
from officeflow.origins import SAFE, Sender, origin_of, own_origins, sender
from officeflow.settings import load_settings

COOKIES = frozenset({b"_token", b"session"})
"""Airflow's own, and the one of Flask-AppBuilder's pages."""

TOKENS = frozenset({"/auth/token", "/auth/token/cli"})
"""Where a password makes a token, for whomever it is of."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Addresses:
    """`own`: where browsers find Airflow. `let_in`: origins of other pages that may use its cookie."""

    own: tuple[str, ...]
    let_in: frozenset[str]


class OriginGuard:
    """ASGI middleware; answers 403 to what it refuses."""

    def __init__(
        self, app: Application, decide_themselves: Collection[str] = (), addresses: Addresses | None = None
    ) -> None:
        """`decide_themselves`: paths of applications beside Airflow's that have a rule of their own."""
        self._app = app
        self._decide_themselves = tuple(decide_themselves)
        self._given = addresses

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._is_foreign(scope):
            told = "a change by the browser's cookie has to come from a page of this Airflow's own"
            await refuse(send, 403, {"detail": f"{told}; programs send a Bearer token"})
        else:
            await self._app(scope, receive, send)

    def _is_foreign(self, scope: Message) -> bool:
        if scope["method"] in SAFE or self._decides_itself(scope):
            return False
        fields = _fields(scope)
        if _has_token(fields) or not (_has_cookie(scope) or PAGE.search(scope["path"])):
            return False
        addresses = self._given or _configured()
        site, origin = fields.get("sec-fetch-site", ""), fields.get("origin", "")
        own = own_origins(scope["scheme"], fields.get("host", ""), *addresses.own)
        if sender(site, origin, own) is Sender.OWN or origin_of(origin) in addresses.let_in:
            return False
        log.warning("another site's page is refused", path=scope["path"], origin=origin, site=site)
        return True

    def _decides_itself(self, scope: Message) -> bool:
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        return path.rstrip("/") in TOKENS or any(
            path == each or path.startswith(f"{each}/") for each in self._decide_themselves
        )


def _fields(scope: Message) -> Mapping[str, str]:
    """The first of each name."""
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"][::-1]}


def _has_token(fields: Mapping[str, str]) -> bool:
    kind, _, token = fields.get("authorization", "").partition(" ")
    return kind.lower() == "bearer" and bool(token.strip())


def _has_cookie(scope: Message) -> bool:
    sent = [value for name, value in scope["headers"] if name.lower() == b"cookie"]
    names = {part.partition(b"=")[0].strip() for value in sent for part in value.split(b";")}
    return not COOKIES.isdisjoint(names)


@functools.cache
def _configured() -> Addresses:
    """Airflow's `base_url` and our public address; who may use the cookie from elsewhere, says Airflow's
    `access_control_allow_origins`.
    """
    from airflow.configuration import conf

    own = conf.get("api", "base_url", fallback="") or "", load_settings().public_url
    let_in = map(origin_of, conf.getlist("api", "access_control_allow_origins", fallback=[]) or [])
    return Addresses(own, frozenset(let_in) - {""})
