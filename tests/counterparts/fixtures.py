"""A fixture for every counterpart that a module of this folder has: a real server, one process of each per
session, empty at the start of every test.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.counterparts.process import Counterpart


def kinds() -> dict[str, type[Counterpart]]:
    """Every class of a counterpart, by its fixture's name."""
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if not path.name.startswith("test_") and path.stem != Path(__file__).stem:
            importlib.import_module(f"tests.counterparts.{path.stem}")
    return {kind.fixture: kind for kind in _below(Counterpart) if "fixture" in vars(kind)}


def _below(kind: type[Counterpart]) -> Iterator[type[Counterpart]]:
    for each in kind.__subclasses__():
        yield each
        yield from _below(each)


def _process(kind: type[Counterpart]) -> Any:
    @pytest.fixture(scope="session", name=f"_{kind.fixture}_process")
    def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counterpart]:
        counterpart = kind(tmp_path_factory.mktemp(kind.fixture))
        yield counterpart
        counterpart.stop()

    return process


def _empty(kind: type[Counterpart]) -> Any:
    @pytest.fixture(name=kind.fixture)
    def empty(request: pytest.FixtureRequest) -> Counterpart:
        counterpart: Counterpart = request.getfixturevalue(f"_{kind.fixture}_process")
        counterpart.begin()
        return counterpart

    empty.__doc__ = kind.__doc__
    return empty


for _kind in kinds().values():
    globals().update({f"_{_kind.fixture}_process": _process(_kind), _kind.fixture: _empty(_kind)})
