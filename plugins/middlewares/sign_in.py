"""Signing in is slowed after wrong passwords, at both doors of the FAB auth manager: the API's tokens and the
login page.

Airflow's own limit covers the page alone, counts per address and process, and right passwords too. This one
counts per login: whoever tries another's passwords is stopped, wherever they come from, and everybody else
signs in as before. The counts are in Redis, so they hold for all processes and over restarts; while Redis is
away each process counts for itself.

The service account is not slowed: its password is a generated one that nobody guesses (the doctor looks), and
strangers must not be able to keep the platform out.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
import unicodedata
from collections.abc import Callable, Iterable
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import structlog
from cachetools import TTLCache

from middlewares.bodies import Application, Message, Receive, Send, again, refuse, whole

if TYPE_CHECKING:
    from limits import RateLimitItem
    from limits.strategies import MovingWindowRateLimiter

LIMITS = "10 per 1 minute; 60 per 1 hour"
"""Attempts of one login, in the notation of `limits`. A right password at the API forgets those before it."""

TOKEN, PAGE = re.compile(r"/auth/token(/cli)?/?$"), re.compile(r"/auth/login/?$")
MOST_BYTES = 65_536
ANSWER_SECONDS = 1.0
FORM = "application/x-www-form-urlencoded"
TELL_SECONDS = 60.0
"""A login that is tried too often is named in the log once in so long."""
LONGEST_TOLD = 100

log = structlog.get_logger(__name__)


class Attempts:
    """Counts sign-ins per login. Its calls may wait for Redis, at most a moment."""

    def __init__(self, redis_url: str, limits: str = LIMITS) -> None:
        self._redis_url = redis_url
        self._limits = limits

    @cached_property
    def _items(self) -> list[RateLimitItem]:
        from limits import parse_many

        return parse_many(self._limits)

    @cached_property
    def _counters(self) -> list[MovingWindowRateLimiter]:
        """The shared one, and that of this process."""
        from limits.storage import MemoryStorage, storage_from_string
        from limits.strategies import MovingWindowRateLimiter

        patience = {"socket_timeout": ANSWER_SECONDS, "socket_connect_timeout": ANSWER_SECONDS}
        shared = storage_from_string(
            self._redis_url, wrap_exceptions=True, key_prefix="officeflow:sign-in", **patience
        )
        return [MovingWindowRateLimiter(shared), MovingWindowRateLimiter(MemoryStorage())]

    def begin(self, login: str) -> int:
        """Count an attempt: 0, or the seconds to wait where there were too many, and then it is not
        counted.
        """
        return int(self._asked(lambda counter: self._begin(counter, _key(login))))

    def forget(self, login: str) -> None:
        self._asked(lambda counter: self._forget(counter, _key(login)))

    def _forget(self, counter: MovingWindowRateLimiter, key: str) -> None:
        for item in self._items:
            counter.clear(item, key)

    def _begin(self, counter: MovingWindowRateLimiter, key: str) -> int:
        for item in self._items:
            if not counter.hit(item, key):
                return max(1, round(counter.get_window_stats(item, key).reset_time - time.time()))
        return 0

    def _asked(self, ask: Callable[[MovingWindowRateLimiter], Any]) -> Any:
        from limits.errors import StorageError

        shared, own = self._counters
        try:
            return ask(shared)
        except StorageError as error:
            log.warning("sign-ins are counted in this process alone", error=str(error))
            return ask(own)


class SignInGuard:
    """ASGI middleware; answers 429 with Retry-After where a login was tried too often, without looking at the
    password.
    """

    def __init__(
        self, app: Application, attempts: Attempts | None = None, exempt: Iterable[str] = ()
    ) -> None:
        self._app = app
        self._attempts = attempts or _attempts_of_the_settings()
        self._exempt = set(exempt) or _service_account()
        self._told: TTLCache[str, bool] = TTLCache(10_000, TELL_SECONDS)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        is_token, is_page = TOKEN.search(path), PAGE.search(path)
        if scope["type"] != "http" or scope["method"] != "POST" or not (is_token or is_page):
            await self._app(scope, receive, send)
        elif (body := await whole(receive, send, most=MOST_BYTES, called="a login and a password")) is None:
            return
        elif is_page and _content_type(scope) != FORM:
            await _refuse(send, 415, f"the login page takes {FORM}")
        else:
            login = _login_of_form(body) if is_page else _login_of_json(body)
            await self._guarded(login, scope, again(body, receive), send, forgets=bool(is_token))

    async def _guarded(
        self, login: str, scope: Message, receive: Receive, send: Send, *, forgets: bool
    ) -> None:
        """`forgets`: whether success proves the password.

        The page's does not: it greets whoever is signed in already.
        """
        from starlette.concurrency import run_in_threadpool

        counts = bool(login) and login not in self._exempt
        if counts and (seconds := await run_in_threadpool(self._attempts.begin, login)):
            self._tell(login, seconds)
            await _refuse(
                send, 429, f"too many attempts to sign in as this user; try again in {seconds} s", seconds
            )
            return

        async def forgotten_first(message: Message) -> None:
            """Whoever has read the answer may try again at once, and is not stopped for what was before."""
            if message["type"] == "http.response.start" and message["status"] == HTTPStatus.CREATED:
                await run_in_threadpool(self._attempts.forget, login)
            await send(message)

        await self._app(scope, receive, forgotten_first if counts and forgets else send)

    def _tell(self, login: str, seconds: int) -> None:
        """Who tries a thousand passwords does not fill the log."""
        if (key := _key(login)) not in self._told:
            self._told[key] = True
            log.warning("too many sign-ins", login=login[:LONGEST_TOLD], seconds=seconds)


def _key(login: str) -> str:
    """Airflow looks a login up whatever its case, and PostgreSQL's lower case of `İ` is `i`: marks do not
    count either.
    """
    parts = unicodedata.normalize("NFKD", login.casefold())
    plain = "".join(each for each in parts if not unicodedata.combining(each))
    return hashlib.sha256(plain.encode(errors="replace")).hexdigest()


def _content_type(scope: Message) -> str:
    found = next((value for name, value in scope["headers"] if name.lower() == b"content-type"), b"")
    return str(found.decode("latin-1").partition(";")[0].strip().lower())


def _login_of_form(body: bytes) -> str:
    """The first one, as the page takes it; empty where there is none."""
    return parse_qs(body.decode(errors="replace")).get("username", [""])[0]


def _login_of_json(body: bytes) -> str:
    try:
        told = json.loads(body)
    except ValueError:
        return ""
    return str(told.get("username") or "") if isinstance(told, dict) else ""


async def _refuse(send: Send, status: int, why: str, seconds: int = 0) -> None:
    headers = [(b"retry-after", str(seconds).encode())] if seconds else []
    await refuse(send, status, {"detail": why}, headers)


def _attempts_of_the_settings() -> Attempts:
    from officeflow.settings import load_settings

    return Attempts(load_settings().redis_url.get_secret_value())


def _service_account() -> set[str]:
    from officeflow.settings import load_settings

    return {load_settings().airflow_username}
