"""Counts what `bench crash` did, by the customer's systems' own journals (`requests.jsonl`);
`benchmarks.seen` counts what is there.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KINDS = ("account", "mail", "meeting")
"""The effects of one event, by the node that has them."""

Act = tuple[str, str]
"""The event's id, and one of `KINDS`."""


def effects(
    scim: Iterable[Mapping[str, Any]], inbox: Iterable[Mapping[str, Any]], caldav: Iterable[Mapping[str, Any]]
) -> Counter[Act]:
    """How often each event had each effect. The correlation id of a request is the event's id.

    An account is a user that was created (RFC 7644 section 3.3), a mail one that was taken in, a meeting a
    calendar object that was not there before (RFC 4791 section 5.3.2: 201, where replacing is 204).
    """
    found: Counter[Act] = Counter()
    found.update(
        _acts(
            "account",
            (e for e in scim if (e["method"], e["path"], e["status"]) == ("POST", "/v2/Users", 201)),
        )
    )
    found.update(_acts("mail", (e for e in inbox if e["method"] == "DATA")))
    found.update(_acts("meeting", (e for e in caldav if (e["method"], e["status"]) == ("PUT", 201))))
    return found


def _acts(kind: str, entries: Iterable[Mapping[str, Any]]) -> Iterator[Act]:
    return ((str(entry.get("correlation_id")), kind) for entry in entries)


def journal(path: Path) -> list[dict[str, Any]]:
    """A line that is being written just now is left out."""
    text = path.read_text() if path.exists() else ""
    return [json.loads(line) for line in text.split("\n")[:-1] if line]


@dataclass(frozen=True, slots=True)
class Count:
    """`lost`: neither done nor asked.

    `doubled`: how many effects there are too many. `strange`: effects of no event that was sent.
    """

    sent: int
    effects: int
    lost: int
    doubled: int
    strange: int


def count(events: Collection[str], done: Mapping[Act, int], asked: Collection[Act] = ()) -> Count:
    """`asked` are acts whose question is still open."""
    wanted = {(event, kind) for event in events for kind in KINDS}
    return Count(
        sent=len(events),
        effects=sum(done.get(act, 0) for act in wanted),
        lost=len([act for act in wanted if not done.get(act) and act not in set(asked)]),
        doubled=sum(max(0, done.get(act, 0) - 1) for act in wanted),
        strange=sum(number for act, number in done.items() if act not in wanted),
    )


def resumed(attempts: Mapping[str, int], failures: Mapping[str, int]) -> int:
    """How many STARTED rows were taken up again.

    Of each act's key: how often it was begun, and how often it was recorded as failed.

    Every beginning after the first follows a failure that was recorded, or a row that was left STARTED.
    """
    return sum(max(0, number - 1 - failures.get(key, 0)) for key, number in attempts.items())
