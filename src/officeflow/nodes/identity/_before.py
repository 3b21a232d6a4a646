"""What an account had before an act, also where an earlier attempt has taken it already."""

from __future__ import annotations

import functools
from collections.abc import Collection
from typing import TYPE_CHECKING

from officeflow.connectors.families.identity import Account
from officeflow.sdk import Act

if TYPE_CHECKING:
    from pydantic import TypeAdapter

BEFORE = "before"
"""In the act's progress: whose account, and what it had."""
ACCOUNT = "account"
"""In the act's progress: the account as it was."""


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


def account_before(act: Act, account: Account) -> Account:
    """The account as it was before the act's first attempt that may have changed it: as it is, where there
    was none.
    """
    kept = act.progress.get(ACCOUNT) if act.resuming else None
    return _accounts().validate_python(kept) if kept and kept["id"] == account.id else account


def keep_account(act: Act, before: Account) -> None:
    """Have it written down before it is changed, as `keep_before` does."""
    kept = _accounts().dump_python(before, mode="json")
    if act.progress.get(ACCOUNT) != kept:
        act.progress[ACCOUNT] = kept
        act.keep_progress()


def begin_anew(act: Act, name: str) -> None:
    """Unless an earlier attempt may have acted, what one has written down under `name` counts no more: others
    may have changed it since. It goes before anything is read, so that it is gone also for whoever resumes.
    """
    if not act.resuming and act.progress.pop(name, None) is not None:
        act.keep_progress()


@functools.cache
def _accounts() -> TypeAdapter[Account]:
    from pydantic import TypeAdapter

    return TypeAdapter(Account)
