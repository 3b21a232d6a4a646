from __future__ import annotations

import json
from pathlib import Path

from officeflow.api.description import described

FILE = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"


def test_the_description_in_the_documentation_is_current() -> None:
    """`officeflow api openapi docs/openapi.json` writes it."""
    assert json.loads(FILE.read_text()) == json.loads(json.dumps(described()))
