"""`identity.remove_groups`."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from officeflow.connectors.families import Family
from officeflow.connectors.families.identity import Account
from officeflow.nodes.identity import _plans
from officeflow.nodes.identity._accounts import AccountParams, described, locate
from officeflow.nodes.identity._before import before_of, keep_before
from officeflow.nodes.identity._groups import MOST, Directory, Name, meant
from officeflow.nodes.identity._undo import account_again, as_before
from officeflow.sdk import Act, Effect, Node, NodeOutput, NodeSpec, Planned


class Params(AccountParams):
    """Whose groups, and which."""

    groups: list[Name] = Field(
        description="Names of the groups to take the account out of; those that it is not in do not matter.",
        examples=[["Engineering", "VPN"]],
        min_length=1,
        max_length=MOST,
    )


class Result(NodeOutput):
    """The groups after the act, and the difference that it made."""

    account_id: str = Field(description="The provider's own id of the account.")
    groups: list[str] = Field(description="The groups that it is still in.")
    removed: list[str] = Field(description="Those that it was taken out of.")
    left: list[str] = Field(
        default_factory=list,
        description="Those of the named ones that a rule or another system keeps it in.",
    )


class RemoveGroups(Node[Params, Directory, Result]):
    """Take an account out of groups, and leave it in all others, also in those that it joins meanwhile.

    A group that a rule or another system keeps it in is left and told: it is left there.
    """

    spec = NodeSpec(
        type="identity.remove_groups",
        title="Remove from groups",
        group="Identity",
        effect=Effect.IDEMPOTENT,
        family=Family.IDENTITY,
        undo="The account is in the groups again that it was taken out of; other groups stay as they are.",
        inverse="identity.add_groups",
        evidence="The account's groups are read again, and none of these is among them.",
    )

    def perform(self, params: Params, provider: Directory, act: Act) -> Result:
        account = locate(params, provider, act)
        before = before_of(act, account.id, account.groups)
        leaving, left = _leaving(params, account)
        if left:
            act.note(_plans.kept_by_rule(left))
        after = account
        if leaving:
            keep_before(act, account.id, before)
            after = provider.remove_groups(account.id, leaving, key=act.key)
        removed = sorted(meant(params.groups, before) - set(after.groups))
        if removed:
            act.changed(f"removed from {', '.join(removed)}")
            act.read_back(described(after))
        else:
            act.note("it is in none of these groups" if not left else "it is in no other of these groups")
        return Result(
            changed=bool(removed),
            account_id=after.id,
            groups=list(after.groups),
            removed=removed,
            left=left,
        )

    def plan(self, params: Params, provider: Directory, act: Act) -> Sequence[Planned]:
        """The groups before and after it, and those that a rule keeps it in."""
        account = locate(params, provider, act)
        leaving, left = _leaving(params, account)
        gone = {group.name for group in provider.find_groups(leaving)} if leaving else set()
        after = [name for name in account.groups if name not in gone]
        return (_plans.groups(account, after, provider, left),)

    def undo(self, params: Params, output: Result, provider: Directory, act: Act) -> None:
        del params
        account = account_again(output.account_id, provider, act)
        if account is not None:
            as_before(account, removed=output.removed, provider=provider, act=act)


def _leaving(params: Params, account: Account) -> tuple[list[str], list[str]]:
    """Of the groups that are named, those that it can leave, as they are named (their case may tell two
    apart), and those that a rule keeps it in.
    """
    ruled = set(account.ruled_groups)
    free = set(account.groups) - ruled
    return [name for name in params.groups if meant([name], free)], sorted(meant(params.groups, ruled))
