"""What a node did, as lines of a file: also of a node that did not live to tell."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import Field

from officeflow.sdk import Act, NodeParams


class Evidence(NodeParams):
    """Where to leave evidence."""

    file: str = Field(description="File that gets a line `<word> <pid> <key>` for everything that happens.")
    times: int = Field(1_000_000, description="At how many of the first attempts to misbehave.")


def leave(params: Evidence, act: Act, word: str) -> int:
    """Writes the line; how many of this word and key there are now."""
    path = Path(params.file)
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{word} {os.getpid()} {act.key}\n")
    return count(params, act, word)


def count(params: Evidence, act: Act, word: str) -> int:
    path = Path(params.file)
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return sum(line.split()[::2] == [word, act.key] for line in lines)
