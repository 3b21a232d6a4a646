"""What Airflow's watcher is told to make of a message: the text of it. Imported by the triggerer."""

from __future__ import annotations

from typing import Any


def text(message: Any) -> str:
    return str(message.value().decode())
