"""Brings the connectors on paper in, as those of a company's own package are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from officeflow.connectors import providers

PACKAGE = "tests.nodes.paper"


@contextmanager
def admitted(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """In this process they are found, and forgotten afterwards."""
    with monkeypatch.context() as patch:
        patch.setenv("OFFICEFLOW_NODE_PACKAGES", PACKAGE)
        _forget()
        yield
    _forget()


def _forget() -> None:
    providers.providers.cache_clear()
    providers._places.cache_clear()
