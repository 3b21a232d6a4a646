"""The journals that our servers write: a line of JSON for each request, with when it had taken effect."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from officeflow.demo.identity.reading.seen import Closing

JOURNAL = "requests.jsonl"


def requests(folder: Path, since: dt.datetime) -> Iterator[Mapping[str, Any]]:
    """That were taken since then, in order."""
    with (folder / JOURNAL).open(encoding="utf-8") as lines:
        for line in lines:
            entry: Mapping[str, Any] = json.loads(line)
            if dt.datetime.fromisoformat(entry["at"]) >= since:
                yield entry


def closings(folder: Path, since: dt.datetime, doors: Mapping[str, tuple[str, str]]) -> Iterator[Closing]:
    """Of each door the first request that has closed it; `doors` has its methods (`PATCH|PUT`) and path."""
    left = dict(doors)
    for entry in requests(folder, since):
        if (entry.get("status") or 500) >= 400:
            continue
        for door, (methods, path) in [*left.items()]:
            if entry["path"] == path and entry["method"] in methods.split("|"):
                del left[door]
                asked = f"{entry['method']} {entry['path']}"
                yield Closing(door, dt.datetime.fromisoformat(entry["at"]), asked)
