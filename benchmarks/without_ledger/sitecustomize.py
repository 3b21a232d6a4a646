"""For `bench crash` alone: processes that find this file on their PYTHONPATH act as if there were no ledger.

The product has no switch for it. What counts effects is shown to see doubles: without the ledger, the same
kills must make some.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import secrets
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

PATCHED = "officeflow.runs.ledger"


def once(self: Any, request: Any, act: Any, judge: Any = None) -> Any:
    """Every call is the first, and its key is as random as a process without memory would make it."""
    from officeflow.runs.acts import Attempt, Recorded

    del judge
    now = self._clock.now()
    attempt = Attempt(key=secrets.token_hex(32), generation=1, number=1, resuming=False, began_at=now)
    output = act(attempt).output
    numbers = {"generation": 1, "attempt": 1, "try_number": request.try_number}
    return Recorded(
        key=attempt.key,
        output=output,
        public=output,
        story=attempt.story,
        ended_at=now,
        replayed=False,
        **numbers,
    )


class Finder(importlib.abc.MetaPathFinder):
    """Finds the ledger's module as everybody does, and has `Ledger.once` replaced once it is loaded."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> Any:
        if name != PATCHED:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = Loader(spec.loader)
        return spec


class Loader(importlib.abc.Loader):
    def __init__(self, loader: Any) -> None:
        self._loader = loader

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        found: ModuleType | None = self._loader.create_module(spec)
        return found

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        module.Ledger.once = once


sys.meta_path.insert(0, Finder())
