"""`identity.add_groups`."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from officeflow.connectors.families import Family
from officeflow.nodes.identity import _plans
from officeflow.nodes.identity._accounts import AccountParams, described, locate
from officeflow.nodes.identity._before import before_of, keep_before
from officeflow.nodes.identity._groups import MOST, Directory, Name, meant, to_join
from officeflow.nodes.identity._undo import account_again, as_before
from officeflow.sdk import Act, Effect, Node, NodeOutput, NodeSpec, Planned


class Params(AccountParams):
    """Whose account, and which groups."""

    groups: list[Name] = Field(
        description="Names of the groups, which must exist.",
        examples=[["Staff", "Engineering"]],
        min_length=1,
        max_length=MOST,
    )


class Result(NodeOutput):
    """The groups after the act, and the difference that it made."""

    account_id: str = Field(description="The provider's own id of the account.")
    groups: list[str] = Field(description="The groups that it is in now.")
    added: list[str] = Field(description="Those that it was not in before.")


class AddGroups(Node[Params, Directory, Result]):
    """Put an account into groups, and leave it in all others, also in those that it joins at the same moment.
    Nothing is changed where one of the groups does not exist.
    """

    spec = NodeSpec(
        type="identity.add_groups",
        title="Add to groups",
        group="Identity",
        effect=Effect.IDEMPOTENT,
        family=Family.IDENTITY,
        undo="The account leaves the groups that it was added to; other groups stay as they are.",
        inverse="identity.remove_groups",
        evidence="The account's groups are read again, and all of these are among them.",
    )

    def perform(self, params: Params, provider: Directory, act: Act) -> Result:
        account = locate(params, provider, act)
        before = before_of(act, account.id, account.groups)
        after = account
        if not set(params.groups) <= set(account.groups):
            keep_before(act, account.id, before)
            after = provider.add_groups(account.id, params.groups, key=act.key)
        added = sorted(meant(params.groups, after.groups) - set(before))
        if added:
            act.changed(f"added to {', '.join(added)}")
            act.read_back(described(after))
        else:
            act.note("it is in all of these groups already")
        return Result(changed=bool(added), account_id=after.id, groups=list(after.groups), added=added)

    def plan(self, params: Params, provider: Directory, act: Act) -> Sequence[Planned]:
        """The groups before and after it."""
        account = locate(params, provider, act)
        after = [*account.groups, *to_join(account, params.groups, provider)]
        return (_plans.groups(account, after, provider),)

    def undo(self, params: Params, output: Result, provider: Directory, act: Act) -> None:
        del params
        account = account_again(output.account_id, provider, act)
        if account is not None:
            as_before(account, added=output.added, removed=(), provider=provider, act=act)
