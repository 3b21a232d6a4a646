"""What does not change while the tenant lives: its names, its signing key, its time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from counterparts.entra.login.keys import SigningKey
from counterparts.vendors.clock import Clock

GRAPH_APPLICATION = "00000003-0000-0000-c000-000000000000"
"""The application id of Microsoft Graph, the same in every tenant."""


@dataclass(frozen=True)
class Tenant:
    """`domains` are verified; the first is the default, the last the initial one (`….onmicrosoft.com`)."""

    id: str = "7d5f4a9e-0c1b-4d8e-9a63-2f1e6b7c8d90"
    name: str = "Acme"
    domains: tuple[str, ...] = ("acme.example", "acme.onmicrosoft.com")
    clock: Clock = field(default_factory=Clock)
    key: SigningKey = field(default_factory=SigningKey)

    def knows(self, name: str) -> bool:
        """Whether this is a name of the tenant in an address: its id, or a domain of it."""
        return name.lower() in {self.id, *self.domains}

    def now(self) -> str:
        """ISO 8601 in UTC, whole seconds, as the directory keeps its times."""
        return f"{self.clock.now():%Y-%m-%dT%H:%M:%SZ}"

    def after(self, seconds: float) -> str:
        return f"{self.clock.now() + dt.timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}"

    def passed(self, moment: str, seconds: float = 0) -> bool:
        """Whether it is that long after the moment, or longer."""
        return dt.datetime.fromisoformat(moment) + dt.timedelta(seconds=seconds) <= self.clock.now()

    def later(self, moment: str | None) -> str:
        """Now, and later than the moment in any case."""
        now = self.now()
        if moment is None or moment < now:
            return now
        return f"{dt.datetime.fromisoformat(moment) + dt.timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}"
