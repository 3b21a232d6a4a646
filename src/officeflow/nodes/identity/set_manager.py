"""`identity.set_manager`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pydantic import Field

from officeflow.connectors.families import Family
from officeflow.connectors.families.identity import Account, FindsAccounts, SetsManagers
from officeflow.errors import NotFound, NotUndoable
from officeflow.nodes.identity._accounts import AccountParams, locate, look_up, name_of
from officeflow.nodes.identity._before import account_before, keep_account
from officeflow.nodes.identity._managers import check_chain
from officeflow.nodes.identity._plans import at
from officeflow.nodes.identity._undo import account_again, is_left_so
from officeflow.sdk import Act, Effect, FieldChange, Node, NodeOutput, NodeSpec, Planned, changes


class Manager(AccountParams):
    """Whose account is the manager's: by its id, login or employee number; all that are given must fit."""


class Params(AccountParams):
    """Whose account, and who is its manager."""

    manager: Manager | None = Field(
        description="The manager's account, at the same provider; null takes the manager away.",
        examples=[{"login": "boss@acme.example"}],
    )


class Result(NodeOutput):
    """The account and its manager."""

    account_id: str = Field(description="The provider's own id of the account.")
    login: str = Field(description="User name.")
    manager_id: str | None = Field(description="The provider's id of the manager's account; null: none.")
    manager_login: str | None = Field(description="The manager's user name.")
    before: str | None = Field(description="The provider's id of the account that was its manager before.")


class Directory(FindsAccounts, SetsManagers, Protocol):
    """What the node needs of an identity provider."""


class SetManager(Node[Params, Directory, Result]):
    """Set who is a person's manager, or that nobody is. A chain of managers that would end in a circle is a
    conflict, and nothing is changed.
    """

    spec = NodeSpec(
        type="identity.set_manager",
        title="Set manager",
        group="Identity",
        effect=Effect.IDEMPOTENT,
        family=Family.IDENTITY,
        undo="Who was the manager before is it again, if nobody has set another one since.",
        evidence="The account is read again and has this manager.",
    )

    def perform(self, params: Params, provider: Directory, act: Act) -> Result:
        account = locate(params, provider, act)
        manager = _manager(params, account, provider)
        manager_id = manager.id if manager else None
        before = account_before(act, account)
        if account.manager_id == manager_id:
            made = before.manager_id != manager_id
            act.note("an earlier attempt has made it so" if made else "it is so already")
            return _result(account, manager, before=before.manager_id, changed=made)
        keep_account(act, before)
        after = provider.set_manager(account.id, manager_id, key=act.key)
        who = manager.login if manager else "nobody"
        act.changed(f"{who} is the manager of account {after.login} at {provider.address}")
        act.read_back(f"account {after.login} has the manager {after.manager_id or 'nobody'}")
        return _result(after, manager, before=before.manager_id, changed=True)

    def plan(self, params: Params, provider: Directory, act: Act) -> Sequence[Planned]:
        """Who is the manager before and after it, by login."""
        account = locate(params, provider, act)
        manager = _manager(params, account, provider)
        before = _login_of(account.manager_id, provider)
        field = FieldChange(field="manager", before=before, after=manager.login if manager else None)
        return (changes(at(account, provider), [field]),)

    def undo(self, params: Params, output: Result, provider: Directory, act: Act) -> None:
        del params
        account = account_again(output.account_id, provider, act)
        if account is None or not is_left_so(
            account.manager_id, left=output.manager_id, before=output.before, what="manager", act=act
        ):
            return
        try:
            after = provider.set_manager(account.id, output.before, key=act.key)
        except NotFound as error:
            if error.maybe_done:
                raise
            raise NotUndoable(f"who was the manager has no account any more: {error.message}") from error
        act.changed(f"account {after.login} has the manager {after.manager_id or 'nobody'} again")
        act.read_back(f"account {after.login} has the manager {after.manager_id or 'nobody'}")


def _manager(params: Params, account: Account, provider: Directory) -> Account | None:
    """The manager's account; `NotFound` where there is none, `Conflict` where the chain would be a circle."""
    if params.manager is None:
        return None
    manager = look_up(params.manager, provider)
    if manager is None:
        raise NotFound(
            f"there is no {name_of(params.manager)} at {provider.address}, who is to be the manager",
            operation="set_manager",
        )
    check_chain(account, manager, provider)
    return manager


def _login_of(account_id: str | None, provider: Directory) -> str | None:
    if account_id is None:
        return None
    try:
        return provider.get_account(account_id).login
    except NotFound:
        return f"an account that is not there, {account_id}"


def _result(account: Account, manager: Account | None, *, before: str | None, changed: bool) -> Result:
    return Result(
        changed=changed,
        account_id=account.id,
        login=account.login,
        manager_id=manager.id if manager else None,
        manager_login=manager.login if manager else None,
        before=before,
    )
