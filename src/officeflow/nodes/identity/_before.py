"""What an account had before an act, also where an earlier attempt has taken it already."""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from officeflow.connectors.families.identity import Account
from officeflow.sdk import UNSETTLED, Act

if TYPE_CHECKING:
    from pydantic import TypeAdapter

BEFORE = "before"
"""In what is unsettled of the act's progress: whose account, and what it had."""
ACCOUNT = "account"
"""In what is unsettled of the act's progress: the account as it was."""


def before_of(act: Act, account_id: str, now: Collection[str]) -> list[str]:
    """What it had before the act's first attempt that may have changed it: `now`, where there was none."""
    kept = _unsettled(act).get(BEFORE)
    return list(kept["had"]) if kept and kept["account_id"] == account_id else list(now)


def keep_before(act: Act, account_id: str, before: Collection[str]) -> None:
    """Have it written down before it is changed.

    A process that ends between the change and the record of it leaves an account that no longer says what it
    had: neither a snapshot nor taking back would know. Once every attempt is known to have done nothing, the
    ledger drops it with that end: what others change from then on is not taken back by it, whenever the next
    attempt is killed.
    """
    _keep(act, BEFORE, {"account_id": account_id, "had": list(before)})


def account_before(act: Act, account: Account) -> Account:
    """The account as it was before the act's first attempt that may have changed it: as it is, where there
    was none.
    """
    kept = _unsettled(act).get(ACCOUNT)
    return _accounts().validate_python(kept) if kept and kept["id"] == account.id else account


def keep_account(act: Act, before: Account) -> None:
    """Have it written down before it is changed, as `keep_before` does."""
    _keep(act, ACCOUNT, _accounts().dump_python(before, mode="json"))


def _unsettled(act: Act) -> Mapping[str, Any]:
    """What earlier attempts have written down, as long as one of them may have acted."""
    kept: Mapping[str, Any] = act.progress.get(UNSETTLED, {}) if act.resuming else {}
    return kept


def _keep(act: Act, name: str, kept: Mapping[str, Any]) -> None:
    if act.progress.get(UNSETTLED, {}).get(name) != kept:
        act.progress[UNSETTLED] = {**_unsettled(act), name: kept}
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
