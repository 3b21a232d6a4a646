"""What vendors that are played have in common: all that they keep, and what tests may do there, under
`/__control`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import httpx

from officeflow.demo.evidence import TIMEOUT
from officeflow.demo.identity.reading.seen import Where

Documents = Mapping[str, Mapping[str, Any]]


class Played:
    def __init__(self, where: Where) -> None:
        self._where = where

    def state(self) -> Mapping[str, Documents]:
        """All documents, by kind and id."""
        found: Mapping[str, Documents] = self._control("GET", "state")
        return found

    def _control(self, method: str, name: str, body: object = None) -> Any:
        answer = httpx.request(
            method,
            f"{self._where.url}/__control/{name}",
            json=body,
            headers={"Authorization": f"Bearer {self._where.secret}"},
            timeout=TIMEOUT,
            trust_env=False,
        )
        return answer.raise_for_status().json()


def of(state: Mapping[str, Documents], kind: str) -> Iterable[Mapping[str, Any]]:
    return state.get(kind, {}).values()
