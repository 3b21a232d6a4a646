"""The family `http`: any system that speaks HTTP, called by a workflow itself."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from officeflow.connectors.families.opened import Opened


@dataclass(frozen=True, slots=True, kw_only=True)
class WebRequest:
    """`url` is a whole address, or a path below the connection's.

    `keep` is whether the answer's body is wanted.

    `seconds` is how long it may take in all, redirects and body counted in.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Sequence[str]] = field(default_factory=dict)
    content: bytes | None = field(default=None, repr=False)
    keep: bool = True
    seconds: float = 60.0

    @property
    def writes(self) -> bool:
        return self.method not in {"GET", "HEAD"}


@dataclass(frozen=True, slots=True, kw_only=True)
class WebAnswer:
    """`url` is where it came from, after redirects, without its query.

    `headers` are by their lower-case names.
    """

    status: int
    url: str
    headers: Mapping[str, str]
    content: bytes = field(default=b"", repr=False)


class TakesRequests(Opened, Protocol):
    @abstractmethod
    def send(self, request: WebRequest, *, expected: Container[int], key: str) -> WebAnswer:
        """The answer, whose status is one of the expected; otherwise the error that the status stands for."""
        ...
