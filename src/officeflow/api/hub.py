"""Wakes those who follow an organization's changes: one connection listens for all of a process."""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections import Counter
from dataclasses import dataclass, field

from officeflow.database.listening import Listening
from officeflow.errors.requests import TooManyRequests
from officeflow.runs.changes import CHANNEL

MOST = 500
"""Streams of one process."""

MOST_OF_ONE = 8
"""Streams of one person or program in one process: a browser has one for each page."""

RETRY_SECONDS = 10


@dataclass(eq=False, slots=True)
class Follower:
    """`bell` is set when something of the organization may have changed; who waits clears it."""

    org_id: uuid.UUID
    owner: str
    loop: asyncio.AbstractEventLoop
    bell: asyncio.Event = field(default_factory=asyncio.Event)

    def ring(self) -> None:
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.bell.set)


class Hub:
    """Listens while somebody follows. Safe to share between threads."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = threading.Lock()
        self._followers: set[Follower] = set()
        self._owners: Counter[str] = Counter()
        self._stop: threading.Event | None = None

    @property
    def is_listening(self) -> bool:
        return self._stop is not None

    def follow(self, org_id: uuid.UUID, owner: str) -> Follower:
        """In an event loop; `leave` has to follow. `TooManyRequests` where `owner`, or the process, has too
        many already.
        """
        follower = Follower(org_id, owner, asyncio.get_running_loop())
        with self._lock:
            if self._owners[owner] >= MOST_OF_ONE:
                raise TooManyRequests(
                    f"you follow the changes {MOST_OF_ONE} times already", seconds=RETRY_SECONDS
                )
            if len(self._followers) >= MOST:
                raise TooManyRequests("too many follow the changes here", seconds=RETRY_SECONDS)
            self._followers.add(follower)
            self._owners[owner] += 1
            if self._stop is None:
                self._stop = threading.Event()
                Listening(self._url, {CHANNEL: self._heard}, stop=self._stop).start()
        return follower

    def leave(self, follower: Follower) -> None:
        with self._lock:
            if follower not in self._followers:
                return
            self._followers.remove(follower)
            self._owners[follower.owner] -= 1
            if not self._owners[follower.owner]:
                del self._owners[follower.owner]
            if not self._followers:
                self._stop_listening()

    def close(self) -> None:
        """Nobody is told any more."""
        with self._lock:
            self._stop_listening()

    def _stop_listening(self) -> None:
        if self._stop is not None:
            self._stop.set()
            self._stop = None

    def _heard(self, payload: str | None) -> None:
        """None: what came before was not heard, so everybody looks."""
        with self._lock:
            concerned = [each for each in self._followers if payload in {None, str(each.org_id)}]
        for each in concerned:
            each.ring()
