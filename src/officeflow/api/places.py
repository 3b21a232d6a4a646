"""Short answers one after another, so that none waits for all.

Threads of Python share one processor. Where eight lists are made at once each takes eight times as long, and
whoever asked first waits as long as whoever asked last.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

Answer = TypeVar("Answer")

AT_ONCE = 2
"""While one computes, another waits for the database."""

PATIENCE = 0.05
"""Seconds: what takes longer goes on beside the others, and keeps nobody waiting."""


class Places:
    """One for each event loop."""

    def __init__(self, at_once: int = AT_ONCE, patience: float = PATIENCE) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._patience = patience

    async def in_turn(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        """The answer of `work`, which begins when it is its turn."""
        try:
            await self._free.acquire()
        except BaseException:
            work.close()
            raise
        task = asyncio.ensure_future(work)
        try:
            await asyncio.wait({task}, timeout=self._patience)
        except asyncio.CancelledError:
            task.add_done_callback(_take_the_error)
            task.cancel()
            raise
        finally:
            self._free.release()
        return await task


def _take_the_error(task: asyncio.Future[Any]) -> None:
    """Nobody waits for it any more."""
    if not task.cancelled():
        task.exception()
