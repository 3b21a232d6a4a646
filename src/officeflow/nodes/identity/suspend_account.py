"""`identity.suspend_account`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pydantic import Field

from officeflow.connectors.families import Family
from officeflow.connectors.families.identity import FindsAccounts, SuspendsAccounts
from officeflow.nodes.identity._accounts import AccountParams, described, locate
from officeflow.nodes.identity._before import account_before, keep_account
from officeflow.nodes.identity._plans import activity
from officeflow.nodes.identity._undo import account_again, reactivate
from officeflow.sdk import Act, Effect, Node, NodeOutput, NodeSpec, Planned


class Params(AccountParams):
    """Whose account to suspend."""


class Result(NodeOutput):
    """The account, which nobody can use any more."""

    account_id: str = Field(description="The provider's own id of the account.")
    login: str = Field(description="User name.")
    active: bool = Field(description="False.")


class Directory(FindsAccounts, SuspendsAccounts, Protocol):
    """What the node needs of an identity provider."""


class SuspendAccount(Node[Params, Directory, Result]):
    """Suspend a person's account: nobody can sign in with it, and everything that belongs to it stays.

    Suspending twice is a success.
    """

    spec = NodeSpec(
        type="identity.suspend_account",
        title="Suspend account",
        group="Identity",
        effect=Effect.IDEMPOTENT,
        family=Family.IDENTITY,
        undo="The account is active again, if it was before.",
        inverse="identity.reactivate_account",
        evidence="The account is read again and is not active.",
    )

    def perform(self, params: Params, provider: Directory, act: Act) -> Result:
        account = locate(params, provider, act)
        before = account_before(act, account)
        if not account.active:
            act.note("an earlier attempt has suspended it" if before.active else "it is suspended already")
            return Result(changed=before.active, account_id=account.id, login=account.login, active=False)
        keep_account(act, before)
        after = provider.set_active(account.id, active=False, key=act.key)
        act.changed(f"suspended account {after.login} at {provider.address}")
        act.read_back(described(after))
        return Result(changed=True, account_id=after.id, login=after.login, active=after.active)

    def plan(self, params: Params, provider: Directory, act: Act) -> Sequence[Planned]:
        """Whether it is suspended already, or becomes so."""
        return (activity(locate(params, provider, act), provider, active=False),)

    def undo(self, params: Params, output: Result, provider: Directory, act: Act) -> None:
        del params
        account = account_again(output.account_id, provider, act)
        if account is not None:
            reactivate(account, provider, act)
