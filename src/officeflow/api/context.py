"""What the routes work with; one for each application."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from cachetools import TTLCache
from fastapi import Request
from starlette.concurrency import run_in_threadpool

from officeflow.airflow_api.client import AirflowApi
from officeflow.clock import Clock, SystemClock
from officeflow.database.engine import Database
from officeflow.settings import Settings
from officeflow.tenants.membership import Memberships
from officeflow.tenants.organizations import Identities
from officeflow.tenants.tokens import Tokens

if TYPE_CHECKING:
    from officeflow.api.counted import Counted
    from officeflow.api.hub import Hub
    from officeflow.api.limiting import Limiter
    from officeflow.api.places import Places
    from officeflow.events.producer import EventProducer
    from officeflow.workflows.publish import Check

POOL = 10
FRESH_SECONDS = 2.0
"""So long an answer is used again; two of them in a row stay below the five seconds in which a person who is
locked out has lost everything.
"""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Whom Airflow knows by a token of its own."""

    login: str
    is_platform_admin: bool


AskAirflow = Callable[[str], Awaitable[SignedIn | None]]
"""Takes a token of Airflow's; None where it does not hold."""


class Remembered:
    """Asks `ask`, and uses an answer again for `FRESH_SECONDS`. One for each event loop."""

    def __init__(self, ask: AskAirflow, *, most: int = 10_000) -> None:
        self._ask = ask
        self._known: TTLCache[str, SignedIn] = TTLCache(most, FRESH_SECONDS)

    async def __call__(self, token: str) -> SignedIn | None:
        kept = self._known.get(token)
        if kept is not None:
            return kept
        found = await self._ask(token)
        if found is not None:
            self._known[token] = found
        return found


@dataclass
class Context:
    """`ask_airflow` says whose token it is; connections to servers are made when they are first used."""

    settings: Settings
    ask_airflow: AskAirflow
    clock: Clock = field(default_factory=SystemClock)
    given_database: Database | None = None
    check: Check | None = None
    """Whether Airflow takes definitions; None: Airflow's own code is asked, in another process."""

    @cached_property
    def database(self) -> Database:
        return self.given_database or Database.from_settings(self.settings, pool_size=POOL)

    @cached_property
    def memberships(self) -> Memberships:
        return Memberships(self.database)

    @cached_property
    def tokens(self) -> Tokens:
        return Tokens(self.database, self.clock)

    @cached_property
    def limiter(self) -> Limiter:
        from officeflow.api.limiting import Limiter

        return Limiter(self.settings.redis_url.get_secret_value(), self.settings.api_rate)

    @cached_property
    def places(self) -> Places:
        from officeflow.api.places import Places

        return Places()

    @cached_property
    def producer(self) -> EventProducer:
        from officeflow.events.producer import EventProducer

        return EventProducer(self.settings.kafka)

    @cached_property
    def hub(self) -> Hub:
        from officeflow.api.hub import Hub

        return Hub(self.database.service_url)

    @cached_property
    def counted(self) -> Counted:
        from officeflow.api.counted import Counted

        return Counted()

    async def close(self) -> None:
        """What was opened on the way."""
        if "hub" in self.__dict__:
            self.hub.close()
        if "counted" in self.__dict__:
            await run_in_threadpool(self.counted.close)
        if "limiter" in self.__dict__:
            await self.limiter.close()
        if "database" in self.__dict__ and self.given_database is None:
            self.database.dispose()

    @cached_property
    def whose(self) -> AskAirflow:
        return Remembered(self.ask_airflow)

    @cached_property
    def organizations(self) -> Identities:
        return Identities(self.database)

    def airflow(self, *, timeout: float | None = None) -> AirflowApi:
        """Airflow's API as the service account, to be used in a `with`; `timeout` in seconds."""
        if timeout is None:
            return AirflowApi.from_settings(self.settings)
        return AirflowApi.from_settings(self.settings, timeout=timeout)


def context_of(request: Request) -> Context:
    found: Context = request.app.state.context
    return found
