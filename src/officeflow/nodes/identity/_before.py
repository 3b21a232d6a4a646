"""What an account had before an act, also where an earlier attempt has taken it already."""

from __future__ import annotations

from collections.abc import Collection

from officeflow.sdk import Act

BEFORE = "before"
"""In the act's progress: whose account, and what it had."""


def before_of(act: Act, account_id: str, now: Collection[str]) -> list[str]:
    """What it had before the act's first attempt that may have changed it: `now`, where there was none."""
    kept = act.progress.get(BEFORE) if act.resuming else None
    return list(kept["had"]) if kept and kept["account_id"] == account_id else list(now)


def keep_before(act: Act, account_id: str, before: Collection[str]) -> None:
    """Have it written down before it is changed.

    A process that ends between the change and the record of it leaves an account that no longer says what it
    had: neither a snapshot nor taking back would know.
    """
    kept = {"account_id": account_id, "had": list(before)}
    if act.progress.get(BEFORE) != kept:
        act.progress[BEFORE] = kept
        act.keep_progress()
