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

UNDONE_KINDS = ("account", "meeting")
"""Those of an event whose run is undone, which are taken back."""

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


def undoings(scim: Iterable[Mapping[str, Any]], caldav: Iterable[Mapping[str, Any]]) -> Counter[Act]:
    """How often each account was suspended (a user that was changed) and each meeting cancelled (a calendar
    object that was replaced).
    """
    found: Counter[Act] = Counter()
    changed = (e for e in scim if e["method"] == "PATCH" and e["status"] in {200, 204})
    found.update(_acts("account", (e for e in changed if e["path"].startswith("/v2/Users/"))))
    found.update(_acts("meeting", (e for e in caldav if (e["method"], e["status"]) == ("PUT", 204))))
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
    wanted: int
    effects: int
    lost: int
    doubled: int
    strange: int


def count(
    events: Collection[str],
    done: Mapping[Act, int],
    asked: Collection[Act] = (),
    doomed: Collection[str] = (),
) -> Count:
    """`asked` are acts whose question is still open. Events that are `doomed` have no mail: one is too
    many.
    """
    sent, bad = set(events), set(doomed)
    wanted = {(event, kind) for event in sent for kind in KINDS if event not in bad or kind in UNDONE_KINDS}
    of_sent = {act: number for act, number in done.items() if act[0] in sent}
    return Count(
        sent=len(events),
        wanted=len(wanted),
        effects=sum(of_sent.values()),
        lost=len([act for act in wanted if not done.get(act) and act not in set(asked)]),
        doubled=sum(max(0, number - (act in wanted)) for act, number in of_sent.items()),
        strange=sum(done.values()) - sum(of_sent.values()),
    )


@dataclass(frozen=True, slots=True)
class Undone:
    """Of what was to be taken back: `lost` was done and was not, `doubled` is how often too much was done,
    also for events that are not to be undone.
    """

    acts: int
    lost: int
    doubled: int


def count_undone(
    doomed: Collection[str], done: Mapping[Act, int], undone: Mapping[Act, int], still: Collection[Act]
) -> Undone:
    """`still` are acts whose effect is still there as it was made."""
    wanted = {(event, kind) for event in doomed for kind in UNDONE_KINDS if done.get((event, kind))}
    return Undone(
        acts=len([act for act in wanted if undone.get(act)]),
        lost=len([act for act in wanted if not undone.get(act) or act in set(still)]),
        doubled=sum(max(0, number - (act in wanted)) for act, number in undone.items()),
    )


def resumed(attempts: Mapping[str, int], failures: Mapping[str, int]) -> int:
    """How many STARTED rows were taken up again.

    Of each act's key: how often it was begun, and how often it was recorded as failed.

    Every beginning after the first follows a failure that was recorded, or a row that was left STARTED.
    """
    return sum(max(0, number - 1 - failures.get(key, 0)) for key, number in attempts.items())
