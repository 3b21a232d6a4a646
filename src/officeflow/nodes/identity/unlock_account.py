"""`identity.unlock_account`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pydantic import Field

from officeflow.connectors.families import Family
from officeflow.connectors.families.identity import FindsAccounts, UnlocksAccounts
from officeflow.nodes.identity._accounts import AccountParams, described, locate
from officeflow.nodes.identity._plans import at
from officeflow.sdk import Act, Effect, FieldChange, Node, NodeOutput, NodeSpec, Planned, changes


class Params(AccountParams):
    """Whose account to unlock."""


class Result(NodeOutput):
    """The account, which is not locked."""

    account_id: str = Field(description="The provider's own id of the account.")
    login: str = Field(description="User name.")
    was_locked: bool | None = Field(
        description="Whether it was locked before; null where the system does not tell."
    )


class Directory(FindsAccounts, UnlocksAccounts, Protocol):
    """What the node needs of an identity provider."""


class UnlockAccount(Node[Params, Directory, Result]):
    """Let an account be used again after too many wrong passwords. One that is suspended stays so.

    Where the system does not tell whether an account is locked, it is asked to unlock it in any case.
    """

    spec = NodeSpec(
        type="identity.unlock_account",
        title="Unlock account",
        group="Identity",
        effect=Effect.IDEMPOTENT,
        family=Family.IDENTITY,
        evidence="The account is read again and is not locked, where the system tells.",
    )

    def perform(self, params: Params, provider: Directory, act: Act) -> Result:
        account = locate(params, provider, act)
        if account.locked is False:
            act.note("it is not locked")
            return Result(changed=False, account_id=account.id, login=account.login, was_locked=False)
        after = provider.unlock_account(account.id, key=act.key)
        act.changed(f"unlocked account {after.login} at {provider.address}")
        act.read_back(described(after))
        return Result(changed=True, account_id=after.id, login=after.login, was_locked=account.locked)

    def plan(self, params: Params, provider: Directory, act: Act) -> Sequence[Planned]:
        """Whether it is locked, as far as the system tells, and that it is not afterwards."""
        account = locate(params, provider, act)
        locked = FieldChange(field="locked", before=account.locked, after=False)
        return (changes(at(account, provider), [locked]),)
