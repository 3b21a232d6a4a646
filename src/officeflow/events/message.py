"""A message as Kafka gave it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

Headers = tuple[tuple[str, bytes | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """`timestamp` (aware) is the broker's or producer's; None where Kafka has none. `repr` shows no content.

    `unreadable` says what of it the Kafka client could not give, or is "".
    """

    topic: str
    partition: int
    offset: int
    value: bytes | None = field(repr=False)
    key: bytes | None = field(default=None, repr=False)
    headers: Headers = field(default=(), repr=False)
    timestamp: dt.datetime | None = None
    unreadable: str = ""

    @property
    def size(self) -> int:
        """Bytes of content: value, key and headers."""
        return (
            len(self.value or b"")
            + len(self.key or b"")
            + sum(len(name) + len(value or b"") for name, value in self.headers)
        )

    def __str__(self) -> str:
        return f"{self.topic}[{self.partition}]@{self.offset}"
