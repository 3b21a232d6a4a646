"""Virtual environments, each with a mark that tells what it was made of."""

from __future__ import annotations

import hashlib
import json
import platform
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


class Environment:
    """A virtual environment with the packages of some requirements files, and those that the user adds.

    A mark tells for which requirements, Python and place it was made. One with more files than wanted (the
    tests' tools) will do.
    """

    def __init__(self, home: Path, name: str, files: list[str], *, editable: bool = False) -> None:
        self.folder = home / name
        self.files = files
        self.editable = editable
        self.python = self.folder / "bin" / "python"
        self.mark = self.folder / ".complete"

    @property
    def was_made(self) -> bool:
        return self.mark.exists() and self.python.exists()

    @property
    def is_current(self) -> bool:
        return self.was_made and self._expected().items() <= self._noted().items()

    @property
    def is_usable(self) -> bool:
        """Whether it can be brought up to date in place: it is complete, and of this Python."""
        return self.was_made and self._noted().get("python") == self._expected()["python"]

    @property
    def packages(self) -> set[str]:
        return set(
            re.findall(
                r"^([\w.-]+)==", "".join((ROOT / file).read_text() for file in self.files), re.MULTILINE
            )
        )

    @property
    def noted_packages(self) -> set[str]:
        """Those that we installed; what else is there is the user's."""
        return set(self._noted().get("packages", "").split())

    def noted_files(self) -> list[str]:
        """The files it was made of, and those it is to have."""
        return [
            *self.files,
            *(name for name in self._noted() if name.endswith(".txt") and name not in self.files),
        ]

    def complete(self) -> None:
        self.mark.write_text(
            json.dumps({**self._expected(), "packages": " ".join(sorted(self.packages))}, indent=1)
        )

    def _noted(self) -> dict[str, str]:
        try:
            noted: dict[str, str] = json.loads(self.mark.read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return noted

    def _expected(self) -> dict[str, str]:
        made_of = [*self.files, *(["pyproject.toml"] if self.editable else [])]
        digests = {name: hashlib.sha256((ROOT / name).read_bytes()).hexdigest() for name in made_of}
        return {**digests, "python": f"{platform.python_version()} {sys.base_prefix}", "root": str(ROOT)}
