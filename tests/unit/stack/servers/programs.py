"""Programs that stand where a server's own would."""

from __future__ import annotations

from pathlib import Path


def program(path: Path, script: str) -> Path:
    """A shell script at this path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path
