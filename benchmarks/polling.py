"""Many clients that ask the same paths over and over, each as soon as it has its answer."""

from __future__ import annotations

import http.client
import itertools
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from officeflow.errors import Unavailable


@dataclass(frozen=True, slots=True)
class Polled:
    """Requests a second of all clients together, and seconds in which 99 of 100 were answered."""

    per_second: float
    p99: float


def poll(url: str, token: str, paths: Sequence[str], *, clients: int, seconds: float) -> Polled:
    """`Unavailable` where an answer is not 200."""
    took: list[float] = []
    wrong: list[str] = []
    until = time.monotonic() + seconds

    def ask(first: int) -> None:
        place = urlsplit(url)
        connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=60)
        headers = {"Authorization": f"Bearer {token}"}
        for path in itertools.islice(itertools.cycle(paths), first, None):
            started = time.monotonic()
            if started > until or wrong:
                break
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            body = answer.read()
            took.append(time.monotonic() - started)
            if answer.status != http.HTTPStatus.OK:
                wrong.append(f"{path} answered {answer.status}: {body[:200]!r}")
        connection.close()

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(clients)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    if wrong:
        raise Unavailable(wrong[0])
    ordered = sorted(took)
    return Polled(len(ordered) / seconds, ordered[int(len(ordered) * 0.99)])
