"""The connector of `docs/connectors.md`: a directory that can only be read, in a company's own package."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from officeflow.connectors import providers

PAGE = Path(__file__).parents[1] / "docs" / "connectors.md"
PACKAGE = "acme_nodes"


def write(folder: Path) -> Path:
    """Writes the page's package below `folder`; gives the connector's own folder."""
    declaration, client = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    connector = folder / PACKAGE / "connectors" / "staffbook"
    connector.mkdir(parents=True)
    for place in (connector, connector.parent, connector.parent.parent):
        (place / "__init__.py").touch()
    (connector / "provider.py").write_text(declaration, encoding="utf-8")
    (connector / "client.py").write_text(client, encoding="utf-8")
    return connector


@contextmanager
def admitted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """In this process the package below `folder` is named, and what is found in it forgotten afterwards."""
    with monkeypatch.context() as patch:
        patch.setenv("OFFICEFLOW_NODE_PACKAGES", PACKAGE)
        patch.syspath_prepend(str(folder))
        _forget()
        yield
    _forget()


def _forget() -> None:
    providers.providers.cache_clear()
    providers._places.cache_clear()
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]
