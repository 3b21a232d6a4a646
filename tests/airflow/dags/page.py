"""The DAG of `docs/dags.md`, as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parents[3] / "docs" / "dags.md"
(THE_DAG, *_) = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)

exec(compile(THE_DAG, str(PAGE), "exec"))  # noqa: S102 - it is ours
