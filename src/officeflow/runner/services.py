"""What a node run needs from outside, handed in by whoever runs it."""

from __future__ import annotations

import datetime as dt
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from officeflow.clock import Clock, SystemClock
from officeflow.connectors.connection import Connection
from officeflow.database.engine import Database
from officeflow.runs.ledger import LOCK_WAIT_SECONDS, Ledger
from officeflow.sdk import Log


@dataclass(frozen=True, slots=True)
class Services:
    """One for a process, or for a task. Safe to share between threads, not across a fork.

    `connect` takes a connection's id (`<org>.<name>`) and gives it with its credentials; `NotKnown` where
    there is none. `random` gives a number from 0 (included) to 1 (excluded), and draws the delays before
    retries. `lock_wait` is how many seconds to wait for another worker that is doing the same act.
    """

    database: Database
    connect: Callable[[str], Connection]
    clock: Clock = field(default_factory=SystemClock)
    log: Log = field(default_factory=structlog.get_logger)
    random: Callable[[], float] = random.random
    sleep: Callable[[float], None] = time.sleep
    lock_wait: float = LOCK_WAIT_SECONDS
    delay_look: dt.timedelta = dt.timedelta(days=1)
    """After how long what waits for a date of a person's looks whether that has changed, though nobody woke
    it.
    """

    settle: dt.timedelta = dt.timedelta(seconds=30)
    """How long a system may take to show what it did: so long after an error that proves nothing, an act that
    looks first is not done.
    """

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.database, self.clock, lock_wait=self.lock_wait, sleep=self.sleep)
