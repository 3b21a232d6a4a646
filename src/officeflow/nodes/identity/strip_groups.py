"""`identity.strip_groups`."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from officeflow.connectors.families import Family
from officeflow.connectors.families.identity import Account
from officeflow.errors import Rejected
from officeflow.nodes.identity import _plans
from officeflow.nodes.identity._accounts import AccountParams, described, locate
from officeflow.nodes.identity._before import before_of, keep_before
from officeflow.nodes.identity._groups import MOST, Directory, Name, meant
from officeflow.nodes.identity._undo import account_again, as_before
from officeflow.sdk import Act, Effect, Node, NodeOutput, NodeSpec, Planned


class Params(AccountParams):
    """Whose account, and where it stays."""

    stay: list[Name] = Field(
        default_factory=list,
        description="Names of groups that it stays in; those that it is not in do not matter.",
        examples=[["Staff"]],
        max_length=MOST,
    )


class Result(NodeOutput):
    """The groups that it was in, and what became of them."""

    account_id: str = Field(description="The provider's own id of the account.")
    login: str = Field(description="User name.")
    snapshot: list[str] = Field(
        description="All groups that it was in before: what `identity.restore_groups` takes."
    )
    removed: list[str] = Field(description="Those that it was taken out of.")
    ruled: list[str] = Field(
        description="Those that a rule or another system keeps it in: they were left as they are."
    )
    groups: list[str] = Field(description="The groups that it is in now.")


class StripGroups(Node[Params, Directory, Result]):
    """Take an account out of all its groups but those that are named, and keep a snapshot of them all.

    The snapshot is written down before the first group is left, so that a process that ends in the middle
    does not take it along. Groups that a rule or another system puts the account into are left and named.
    """

    spec = NodeSpec(
        type="identity.strip_groups",
        title="Strip of groups",
        group="Identity",
        effect=Effect.IDEMPOTENT,
        family=Family.IDENTITY,
        undo="The account is in the groups again that it was taken out of; other groups stay as they are.",
        inverse="identity.restore_groups",
        evidence="The account's groups are read again, and none of those that it left is among them.",
    )

    def perform(self, params: Params, provider: Directory, act: Act) -> Result:
        account = _with_groups(locate(params, provider, act), provider)
        snapshot = before_of(act, account.id, account.groups)
        leaving = _leaving(params, account)
        after = account
        if leaving:
            keep_before(act, account.id, snapshot)
            after = provider.remove_groups(account.id, leaving, key=act.key)
        removed = sorted(set(snapshot) - set(after.groups))
        if removed:
            act.changed(f"removed from {', '.join(removed)}")
            act.read_back(described(after))
        else:
            act.note("it is in no group that it has to leave")
        if ruled := _ruled(params, after):
            act.note(_plans.kept_by_rule(ruled))
        if joined := sorted(set(_leaving(params, after)) - set(leaving)):
            act.note(f"somebody has put it into {', '.join(joined)} meanwhile")
        return Result(
            changed=bool(removed),
            account_id=after.id,
            login=after.login,
            snapshot=sorted(snapshot),
            removed=removed,
            ruled=ruled,
            groups=list(after.groups),
        )

    def plan(self, params: Params, provider: Directory, act: Act) -> Sequence[Planned]:
        """The groups before and after it, and those that a rule keeps it in."""
        account = _with_groups(locate(params, provider, act), provider)
        after = sorted(set(account.groups) - set(_leaving(params, account)))
        return (_plans.groups(account, after, provider, _ruled(params, account)),)

    def undo(self, params: Params, output: Result, provider: Directory, act: Act) -> None:
        del params
        account = account_again(output.account_id, provider, act)
        if account is not None:
            as_before(account, removed=output.removed, provider=provider, act=act)


def _with_groups(account: Account, provider: Directory) -> Account:
    """`Rejected` where nobody knows its groups: that none was found would not be true of them."""
    if not account.groups_known:
        text = f"{provider.address} does not tell which groups account {account.login} is in"
        raise Rejected(text, operation="strip_groups")
    return account


def _leaving(params: Params, account: Account) -> list[str]:
    staying = meant(params.stay, account.groups) | set(account.ruled_groups)
    return sorted(set(account.groups) - staying)


def _ruled(params: Params, account: Account) -> list[str]:
    """Those that it would have left."""
    return sorted(set(account.ruled_groups) & set(account.groups) - meant(params.stay, account.groups))
