"""Taking back what identity nodes did: each looks first, and tells what it found."""

from __future__ import annotations

from collections.abc import Collection

from officeflow.connectors.families.identity import (
    Account,
    DeletesAccounts,
    FindsAccounts,
    KeepsGroups,
    SuspendsAccounts,
)
from officeflow.errors import NotFound, NotUndoable
from officeflow.nodes.identity._accounts import described
from officeflow.nodes.identity._groups import meant
from officeflow.sdk import Act


def account_again(account_id: str, provider: FindsAccounts, act: Act) -> Account | None:
    """The account that the act was about, told in the story; None where it is there no more.

    `NotUndoable` where it is another organization's.
    """
    try:
        account = provider.get_account(account_id)
    except NotFound:
        act.note(f"the account with id {account_id} is not there any more: nothing is left to take back")
        return None
    if account.foreign:
        raise NotUndoable(
            f"{described(account)} is marked as another organization's since: it is left as it is"
        )
    act.found(f"{described(account)} at {provider.address}")
    return account


def is_left_so(now: object, *, left: object, before: object, what: str, act: Act) -> bool:
    """Whether something of the account is as the act has left it, so that it can be as before again; False,
    which is told, where it is so already.

    `NotUndoable` where somebody has changed it since.
    """
    if now == before:
        act.note(f"its {what} is as before already")
        return False
    if now != left:
        raise NotUndoable(f"somebody has changed its {what} since: it is left as it is")
    return True


def delete(account: Account, provider: DeletesAccounts, act: Act) -> None:
    try:
        provider.delete_account(account.id, key=act.key)
    except NotFound:
        act.note("somebody else deleted it meanwhile")
        return
    act.changed(f"deleted account {account.login} with id {account.id}")
    act.read_back("it is not there any more")


def suspend(account: Account, provider: SuspendsAccounts, act: Act) -> None:
    _set_active(account, provider, act, active=False)


def reactivate(account: Account, provider: SuspendsAccounts, act: Act) -> None:
    _set_active(account, provider, act, active=True)


def _set_active(account: Account, provider: SuspendsAccounts, act: Act, *, active: bool) -> None:
    word = "reactivated" if active else "suspended"
    if account.active == active and account.active_told:
        act.note(f"it is {'active' if active else 'suspended'} already")
        return
    after = provider.set_active(account.id, active=active, key=act.key)
    act.changed(f"{word} account {after.login} at {provider.address}")
    act.read_back(described(after))


def as_before(
    account: Account,
    *,
    removed: Collection[str],
    provider: KeepsGroups,
    act: Act,
    added: Collection[str] = (),
) -> None:
    """It leaves the groups in `added`, and is in those in `removed` again.

    `NotUndoable` names a group that is not there any more, or that only a rule puts somebody into, when the
    account is in the others.
    """
    leave = sorted(meant(added, account.groups))
    out = sorted(name for name in removed if not meant([name], account.groups))
    there = provider.find_groups(out) if out else ()
    join = sorted(group.name for group in there if not group.fixed)
    if leave or join:
        after = account
        if leave:
            after = provider.remove_groups(account.id, leave, key=act.key)
        if join:
            after = provider.add_groups(account.id, join, key=act.key)
        act.changed(f"out of {', '.join(leave) or 'none'} again; in {', '.join(join) or 'none'} again")
        act.read_back(described(after))
    elif not out:
        act.note("its groups are as they were before already")
    if lost := [name for name in out if not meant([name], join)]:
        raise NotUndoable(
            f"it cannot be in {', '.join(lost)} again: not there any more, or only a rule decides"
        )
