"""Deliveries that are offered at a pace, whatever becomes of those before."""

from __future__ import annotations

import asyncio
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field

CONNECTIONS = 64
"""Under way at the same time, at most; a delivery that waits for one has waited since it was due."""
PATIENCE = 10.0
TRIES_SECONDS = 60.0


@dataclass(slots=True)
class Offered:
    """What became of deliveries, by their ids. `seconds` counts from when each was due."""

    accepted: set[str] = field(default_factory=set)
    seconds: list[float] = field(default_factory=list)
    refused: int = 0
    """Answers that were not 202, and connections that broke: each of them was tried again where so asked."""


def request(path: str, secret: str, number: str) -> bytes:
    """A signed delivery of the preset `json-signed`."""
    payload = {"given_name": "Ada", "family_name": "Reyes", "department": "Sales", "title": "Agent"}
    payload |= {"start_date": "2026-03-02", "work_email": f"{number}@acme.example", "location": "Berlin"}
    event = {"id": number, "type": "employee.onboard", "employeeId": number, "payload": payload}
    body = json.dumps({**event, "timestamp": "2026-01-31T09:00:00Z"}).encode()
    stamp = str(int(time.time()))
    signature = hmac.digest(secret.encode(), stamp.encode() + b"." + body, "sha256").hex()
    head = (
        f"POST {path} HTTP/1.1\r\nhost: gateway\r\ncontent-type: application/json\r\n"
        f"x-timestamp: {stamp}\r\nx-signature: {signature}\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Line:
    """A connection that is made anew when it broke."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def post(self, content: bytes) -> int:
        """The answer's status; 0 where there was none."""
        try:
            async with asyncio.timeout(PATIENCE):
                if self._writer is None or self._reader is None:
                    self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
                self._writer.write(content)
                head = await self._reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0] or 0)
                await self._reader.readexactly(length)
                return int(head.split(b" ", 2)[1])
        except (OSError, EOFError, TimeoutError):
            self.close()
            return 0

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None


async def offer(
    port: int, make: Callable[[str], bytes], *, prefix: str, rate: float, seconds: float, again: bool
) -> Offered:
    """`rate` deliveries a second for `seconds`. `again`: one that is not accepted is sent until it is, as
    vendors do.
    """
    told, due = Offered(), asyncio.Queue[tuple[str, float]]()
    lines = [Line(port) for _ in range(CONNECTIONS)]
    workers = [asyncio.create_task(_work(line, make, due, told, again=again)) for line in lines]
    began, number = time.perf_counter(), 0
    while number < rate * seconds:
        if (late := time.perf_counter() - began - number / rate) < 0:
            await asyncio.sleep(-late)
        due.put_nowait((f"{prefix}{number}", began + number / rate))
        number += 1
    await due.join()
    for worker in workers:
        worker.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
    return told


async def _work(
    line: Line,
    make: Callable[[str], bytes],
    due: asyncio.Queue[tuple[str, float]],
    told: Offered,
    *,
    again: bool,
) -> None:
    try:
        while True:
            number, at = await due.get()
            while (status := await line.post(make(number))) != 202:
                told.refused += 1
                if not again or time.perf_counter() - at > TRIES_SECONDS:
                    break
                await asyncio.sleep(0.2)
            if status == 202:
                told.accepted.add(number)
                told.seconds.append(time.perf_counter() - at)
            due.task_done()
    finally:
        line.close()
