from __future__ import annotations

import json
from pathlib import Path

from officeflow.api.description import described

FILE = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"


def test_the_description_in_the_documentation_is_current() -> None:
    """`officeflow api openapi docs/openapi.json` writes it."""
    assert json.loads(FILE.read_text()) == json.loads(json.dumps(described()))


def test_every_model_has_a_name_of_its_own() -> None:
    """Two of one name get others from FastAPI, which generators of clients cannot follow."""
    strange = [name for name in described()["components"]["schemas"] if "-" in name or "__" in name]
    assert strange == []
