"""One process of the stack, as a fact."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A process that supervisord starts, restarts when it ends, and stops.

    `command` is a program and its arguments (no shell). `environment` is all that it gets besides
    `supervision.PASSED_ON`. `ready` answers whether the process does its work now; it raises nothing and
    takes at most some seconds. `start_seconds` is how long it may take to become ready. Services start in the
    order of `priority` (lower first) and stop in the opposite order. The backing services are ready before
    the others start; those bear that one of them is not ready yet. `user` is the account to run as, or None
    for the caller's.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    directory: Path | None = None
    ready: Callable[[], bool] | None = None
    user: str | None = None
    stop_signal: str = "TERM"
    stop_seconds: int = 15
    stops_its_own: bool = False
    """Whether only the process itself is told to end, and sees to its children; otherwise all of them are
    told.
    """
    priority: int = 50
    start_seconds: float = 120
    ports: Mapping[str, int] = field(default_factory=dict)
    """What the process listens on, by purpose: `{"http": 8080}`."""
    urls: Mapping[str, str] = field(default_factory=dict)
    """Addresses to show to people, by title; no passwords."""
