"""The gateway's process: `officeflow gateway serve`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import structlog
from starlette.applications import Starlette

from officeflow import logs
from officeflow.database.engine import Database
from officeflow.errors import InvalidInput, NotKnown, OfficeFlowError
from officeflow.gateway.app import Hooks, make_app
from officeflow.gateway.counters import Counters
from officeflow.gateway.draining import Draining
from officeflow.gateway.lane import Lane
from officeflow.gateway.limiting import Limits
from officeflow.gateway.requests import Networks
from officeflow.gateway.sources import LOOK_SECONDS, Sources
from officeflow.gateway.spool import Kind, Spool
from officeflow.gateway.taking import Taking
from officeflow.runtime.health import Health, HealthState
from officeflow.runtime.own_ports import guard
from officeflow.setting_forms import listed
from officeflow.settings import Settings, load_settings

NAME = "gateway"
TELL_SECONDS = 10.0
"""How often what was refused is told in the log."""
MOST_AT_ONCE = 2000
"""Connections; what comes beyond is answered 503."""

log = structlog.get_logger(__name__)


class Gateway:
    """Everything of one gateway; made within an event loop."""

    def __init__(self, settings: Settings) -> None:
        own = settings.database_gateway_url.get_secret_value()
        url = settings.database_url.get_secret_value()
        self.counters = Counters()
        self.database = Database(own or url, pool_size=2, for_gateway=True)
        folder = Path(settings.gateway_spool) if settings.gateway_spool else settings.home / "gateway"
        self.spool = Spool(folder, most_bytes=settings.gateway_spool_mib * 2**20)
        self.lane = Lane(settings.kafka, seconds=settings.gateway_kafka_seconds)
        self.limits = Limits(settings.redis_url.get_secret_value())
        self.sources = Sources(self.database, self.spool)
        self.draining = Draining(self.spool, self.lane, self.database)
        self.hooks = Hooks(
            self.sources,
            Taking(self.spool, self.lane, self.limits, self.counters),
            self.counters,
            trusted=Networks.of(listed(settings.gateway_trusted_proxies)),
            body_seconds=settings.gateway_body_seconds,
        )
        self._health = Health(settings.home, NAME)
        self._tasks: list[asyncio.Task[None]] = []

    def health(self) -> Mapping[str, Any]:
        """`ready`: deliveries are taken. `problems`: what is away, and what that means.
        `cannot_leave`: what stays in the spool, since when and why.
        """
        away = {
            "kafka": self.lane.away and f"deliveries are kept on disk: {self.lane.away}",
            "database": self.sources.away and f"sources stay as they were: {self.sources.away}",
            "quarantine": self.draining.stuck and f"what is to go there is on disk: {self.draining.stuck}",
            "redis": self.limits.away and f"deliveries are not counted: {self.limits.away}",
        }
        return {
            "ready": self.sources.is_known,
            "problems": {name: why for name, why in away.items() if why},
            "spool": {**{kind.value: self.spool.waiting[kind] for kind in Kind}, "bytes": self.spool.bytes},
            "cannot_leave": self.draining.cannot_leave(),
            "deliveries": self.counters.totals(),
        }

    async def start(self) -> None:
        await self.sources.look()
        work = (self.draining.events(), self.draining.letters(), self._look(), self._tell())
        self._tasks = [asyncio.create_task(each) for each in work]
        for task in self._tasks:
            task.add_done_callback(_end_with)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.to_thread(self.lane.close)
        await self.spool.close()
        self.database.dispose()
        self._health.gone()

    async def _look(self) -> None:
        while True:
            await self.sources.look()
            facts = self.health()
            state = HealthState.WORKING if facts["ready"] else HealthState.WAITING
            self._health.beat(state, **facts)
            await asyncio.sleep(LOOK_SECONDS)

    async def _tell(self) -> None:
        while True:
            await asyncio.sleep(TELL_SECONDS)
            for source, reason, number in self.counters.refused_since():
                log.warning("deliveries refused", source=source, reason=reason, number=number)


def _end_with(task: asyncio.Task[None]) -> None:
    """A task that ends by itself has failed, and the process cannot go on without it: it is started anew."""
    if not task.cancelled():
        log.critical("ended", error=repr(task.exception()))
        os._exit(1)


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[tuple[Gateway, Starlette]]:
    """A gateway that works, and its application."""
    gateway = Gateway(settings)
    try:
        await gateway.start()
        yield gateway, make_app(gateway.hooks, gateway.counters, gateway.health)
    finally:
        await gateway.stop()


async def _serve(settings: Settings) -> None:
    import uvicorn

    from officeflow.runtime.bounded_http import BoundedHttp

    async with running(settings) as (_, app):
        config = uvicorn.Config(
            app,
            host=settings.gateway_host,
            port=settings.gateway_port,
            http=BoundedHttp,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            lifespan="off",
            limit_concurrency=MOST_AT_ONCE,
            timeout_keep_alive=30,
            timeout_graceful_shutdown=15,
        )
        log.info("started", pid=os.getpid(), host=settings.gateway_host, port=settings.gateway_port)
        await uvicorn.Server(config).serve()
    log.info("stopped")


def main(settings: Settings | None = None) -> int:
    """Exit status: 0 stopped when asked, 2 wrong settings, 1 any other error of ours."""
    guard()
    try:
        known = settings or load_settings()
        logs.configure(known, process=NAME)
        with asyncio.Runner(loop_factory=_loop()) as runner:
            runner.run(_serve(known))
    except OfficeFlowError as error:
        log.critical("ended", error=str(error), code=error.code)
        return 2 if isinstance(error, InvalidInput | NotKnown) else 1
    return 0


def _loop() -> Callable[[], asyncio.AbstractEventLoop]:
    import uvloop

    return uvloop.new_event_loop
