"""What every opened client of a system has, whatever it can do."""

from __future__ import annotations

from abc import abstractmethod
from typing import Protocol


class Opened(Protocol):
    """Whoever opened it closes it."""

    address: str
    """For people: what the log names as the system, without credentials."""

    @abstractmethod
    def close(self) -> None: ...
