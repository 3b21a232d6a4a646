"""The DAG of `docs/dags.md`, as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parents[3] / "docs" / "dags.md"
CODE = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)
"""The page's pieces of Python: the DAG, and the script that tries it."""

exec(compile(CODE[0], str(PAGE), "exec"))  # noqa: S102 - it is ours
