"""Every connector keeps the contract."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path

from officeflow.connectors.providers import providers
from tests.connectors.contract import ConnectorContract


def cases() -> Iterator[type[ConnectorContract]]:
    """The contract's cases that stand in this folder."""
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        module = importlib.import_module(f"tests.connectors.{path.stem}")
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, ConnectorContract):
                yield from [value] if not inspect.isabstract(value) else []


def test_every_provider_has_a_case_for_each_family_that_it_serves() -> None:
    """Inherit `ConnectorContract`, or one of its kinds, in `test_<system>.py` for a new one."""
    known = {(name, family) for name, provider in providers().items() for family in provider.families}
    assert {(case.provider, case.family) for case in cases()} == known
