"""`identity.set_groups`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, Protocol

from pydantic import Field

from officeflow.connectors.families import Family
from officeflow.connectors.families.identity import FindsAccounts, KeepsGroups
from officeflow.nodes.identity import _plans
from officeflow.nodes.identity._accounts import AccountParams, described, locate
from officeflow.nodes.identity._undo import account_again, as_before
from officeflow.sdk import Act, Effect, Node, NodeOutput, NodeSpec, Planned


class Params(AccountParams):
    """Whose groups, and which."""

    groups: list[Annotated[str, Field(min_length=1)]] = Field(
        description="Names of groups, which must exist.", examples=[["Staff", "Engineering"]], max_length=500
    )
    mode: Literal["replace", "add"] = Field(
        "replace",
        description="`replace` leaves the account in exactly these groups; `add` keeps those that it is in.",
    )


class Result(NodeOutput):
    """The groups after the act, and the difference that it made."""

    account_id: str = Field(description="The provider's own id of the account.")
    groups: list[str] = Field(description="The groups that it is in now.")
    added: list[str] = Field(description="Those that it was not in before.")
    removed: list[str] = Field(description="Those that it was in before.")


class Directory(FindsAccounts, KeepsGroups, Protocol):
    """What the node needs of an identity provider."""


class SetGroups(Node[Params, Directory, Result]):
    """Put an account into groups. Nothing is changed where one of the groups does not exist."""

    spec = NodeSpec(
        type="identity.set_groups",
        title="Set groups",
        group="Identity",
        effect=Effect.IDEMPOTENT,
        family=Family.IDENTITY,
        undo=(
            "The account leaves the groups that it was added to, and is in those again that"
            " it was taken out of; other groups stay as they are."
        ),
        evidence="The account's groups are read again and compared with what was asked.",
    )

    def perform(self, params: Params, provider: Directory, act: Act) -> Result:
        account = locate(params, provider, act)
        before = set(account.groups)
        wanted = set(params.groups) | (before if params.mode == "add" else set())
        if wanted == before:
            act.note("it is in exactly these groups already")
            return Result(changed=False, account_id=account.id, groups=sorted(before), added=[], removed=[])
        after = provider.set_groups(account.id, sorted(wanted), key=act.key)
        now = set(after.groups)
        added, removed = sorted(now - before), sorted(before - now)
        if now == before:
            act.note("it is in exactly these groups already, by names of another case")
            return Result(changed=False, account_id=account.id, groups=sorted(before), added=[], removed=[])
        act.changed(f"added to {', '.join(added) or 'none'}; removed from {', '.join(removed) or 'none'}")
        act.read_back(described(after))
        return Result(
            changed=True, account_id=after.id, groups=list(after.groups), added=added, removed=removed
        )

    def plan(self, params: Params, provider: Directory, act: Act) -> Sequence[Planned]:
        """The groups before and after it."""
        account = locate(params, provider, act)
        wanted = set(params.groups) | (set(account.groups) if params.mode == "add" else set())
        after = _plans.joined(account, sorted(wanted), provider)
        return (_plans.groups(account, after, provider),)

    def undo(self, params: Params, output: Result, provider: Directory, act: Act) -> None:
        del params
        account = account_again(output.account_id, provider, act)
        if account is not None:
            as_before(account, added=output.added, removed=output.removed, provider=provider, act=act)
