"""What a test asks a fake to do wrong: `POST /__control/faults` with a JSON list of these.

answer           the answer given (`status`, `headers`, `body`, or the vendor's own error for `status` and
                 `code`), nothing done
rate_limit       the vendor's 429, with `retry_after` seconds or without
act_then_answer  done, then as `answer`
act_then_silent  done, then nothing for `seconds`, and no answer
act_then_drop    done, then the connection is closed
silent           not done; nothing for `seconds`, and no answer
drop             not done; the connection is closed
slow             done after `seconds`
nothing          answered as if done, nothing changed
lag              done; `seen_by` (routes as `GET /users`; all where it is empty) see it after `reads` reads
                 or `seconds`
empty_page       the next page has nothing on it, and names a further one
repeated_page    the page names itself as the next one
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

NOTHING_DONE = frozenset({"answer", "rate_limit", "silent", "drop"})
DONE = frozenset({"act_then_answer", "act_then_silent", "act_then_drop", "slow", "nothing", "lag"})
TOLD = frozenset({"empty_page", "repeated_page"})
"""Those that the route itself has to follow (`Request.told`)."""
BESIDES = TOLD | {"lag"}
HOOKS = NOTHING_DONE | DONE | TOLD
ANY = "*"


@dataclass
class Fault:
    """For requests of `method` and `route` (the template, or `*`), after `skip` of them, `times` times;
    without `times` for ever.
    """

    hook: str
    method: str = ANY
    route: str = ANY
    times: int | None = 1
    skip: int = 0
    status: int = 500
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    code: str = ""
    retry_after: float | None = None
    seconds: float | None = None
    reads: int | None = None
    seen_by: tuple[str, ...] = ()

    def meets(self, method: str, route: str) -> bool:
        return self.method in {ANY, method} and self.route in {ANY, route}


def read(items: Any) -> list[Fault]:
    """`ValueError` says which is none."""
    known = {each.name for each in fields(Fault)}
    if not isinstance(items, list):
        raise ValueError("faults are a list")  # noqa: TRY004 - what the caller sent, not what called
    found = []
    for number, item in enumerate(items):
        if not isinstance(item, dict) or set(item) - known or item.get("hook") not in HOOKS:
            raise ValueError(
                f"number {number} is no fault: it has hook ({', '.join(sorted(HOOKS))}) and {known}"
            )
        found.append(Fault(**{**item, "seen_by": tuple(item.get("seen_by", ()))}))
    return found


class Faults:
    """Those that are waiting. Who waits in a silent or slow one is let go when they are emptied."""

    def __init__(self, standing: Iterable[Fault] = ()) -> None:
        self._lock = threading.Lock()
        self._standing = list(standing)
        self._waiting = list(self._standing)
        self._released = threading.Event()

    def add(self, faults: Iterable[Fault]) -> None:
        with self._lock:
            self._waiting += faults

    def clear(self) -> None:
        with self._lock:
            self._waiting = list(self._standing)
            self._released.set()
            self._released = threading.Event()

    def waiting(self) -> list[Fault]:
        with self._lock:
            return list(self._waiting)

    def taken(self, method: str, route: str) -> list[Fault]:
        """Those that this request has, counted down: what goes with others (`BESIDES`), and the first of the
        rest, whose turn comes one after the other.
        """
        with self._lock:
            found: list[Fault] = []
            for fault in [each for each in self._waiting if each.meets(method, route)]:
                if fault.skip > 0:
                    fault.skip -= 1
                elif fault.hook in BESIDES or all(each.hook in BESIDES for each in found):
                    found.append(fault)
            for fault in found:
                fault.times = None if fault.times is None else fault.times - 1
            self._waiting = [each for each in self._waiting if each.times is None or each.times > 0]
            return found

    def wait(self, seconds: float) -> None:
        """Until that long has passed, or the faults are emptied."""
        with self._lock:
            released = self._released
        released.wait(seconds)
