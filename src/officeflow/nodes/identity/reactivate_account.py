"""`identity.reactivate_account`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pydantic import Field

from officeflow.connectors.families import Family
from officeflow.connectors.families.identity import FindsAccounts, SuspendsAccounts
from officeflow.nodes.identity._accounts import AccountParams, described, locate
from officeflow.nodes.identity._before import account_before, keep_account
from officeflow.nodes.identity._plans import activity
from officeflow.nodes.identity._undo import account_again, suspend
from officeflow.sdk import Act, Effect, Node, NodeOutput, NodeSpec, Planned


class Params(AccountParams):
    """Whose account to reactivate."""


class Result(NodeOutput):
    """The account, which can be used again."""

    account_id: str = Field(description="The provider's own id of the account.")
    login: str = Field(description="User name.")
    active: bool = Field(description="True.")
    groups: list[str] = Field(description="Names of the groups that it is in: what it may do again.")


class Directory(FindsAccounts, SuspendsAccounts, Protocol):
    """What the node needs of an identity provider."""


class ReactivateAccount(Node[Params, Directory, Result]):
    """Let a suspended account be used again, with the groups that it has still.

    Reactivating twice is a success.
    """

    spec = NodeSpec(
        type="identity.reactivate_account",
        title="Reactivate account",
        group="Identity",
        effect=Effect.IDEMPOTENT,
        family=Family.IDENTITY,
        undo="The account is suspended again.",
        inverse="identity.suspend_account",
        evidence="The account is read again and is active.",
    )

    def perform(self, params: Params, provider: Directory, act: Act) -> Result:
        account = locate(params, provider, act)
        before = account_before(act, account)
        if account.active and account.active_told:
            act.note("it is active already" if before.active else "an earlier attempt has reactivated it")
            return Result(
                changed=not before.active,
                account_id=account.id,
                login=account.login,
                active=True,
                groups=list(account.groups),
            )
        keep_account(act, before)
        after = provider.set_active(account.id, active=True, key=act.key)
        act.changed(f"reactivated account {after.login} at {provider.address}")
        act.read_back(described(after))
        return Result(
            changed=True,
            account_id=after.id,
            login=after.login,
            active=after.active,
            groups=list(after.groups),
        )

    def plan(self, params: Params, provider: Directory, act: Act) -> Sequence[Planned]:
        """Whether it is active already, or becomes so."""
        return (activity(locate(params, provider, act), provider, active=True),)

    def undo(self, params: Params, output: Result, provider: Directory, act: Act) -> None:
        del params
        account = account_again(output.account_id, provider, act)
        if account is not None:
            suspend(account, provider, act)
