"""`identity.set_groups`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal

from pydantic import Field

from officeflow.connectors.families import Family
from officeflow.connectors.families.identity import Account
from officeflow.nodes.identity import _plans
from officeflow.nodes.identity._accounts import AccountParams, described, locate
from officeflow.nodes.identity._before import before_of, keep_before
from officeflow.nodes.identity._groups import MOST, Directory, Name, meant, to_join
from officeflow.nodes.identity._undo import account_again, as_before
from officeflow.sdk import Act, Effect, Node, NodeOutput, NodeSpec, Planned


class Params(AccountParams):
    """Whose groups, and which."""

    groups: list[Name] = Field(
        description="Names of groups, which must exist.", examples=[["Staff", "Engineering"]], max_length=MOST
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
    left: list[str] = Field(
        default_factory=list,
        description="Groups that are not named, and that a rule or another system keeps it in.",
    )


class SetGroups(Node[Params, Directory, Result]):
    """Put an account into exactly these groups, and out of all others. Nothing is changed where one of the
    groups does not exist.

    A group that a rule or another system puts it into is left and told, whether it is named or not.
    """

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
        before = set(before_of(act, account.id, account.groups))
        if left := _unnamed(params, account):
            act.note(_plans.kept_by_rule(left))
        after = self._as_wished(params, account, before, provider, act)
        now = set(after.groups)
        adds = params.mode == "add"
        added = sorted((meant(params.groups, now) if adds else now) - before)
        removed = [] if adds else sorted(before - now)
        if not added and not removed:
            act.note("it is in these groups already")
        else:
            act.changed(f"added to {', '.join(added) or 'none'}; removed from {', '.join(removed) or 'none'}")
            act.read_back(described(after))
        return Result(
            changed=bool(added or removed),
            account_id=after.id,
            groups=sorted(now),
            added=added,
            removed=removed,
            left=left,
        )

    def _as_wished(
        self, params: Params, account: Account, before: Collection[str], provider: Directory, act: Act
    ) -> Account:
        wanted, now = {*params.groups, *_unnamed(params, account)}, set(account.groups)
        if (wanted <= now) if params.mode == "add" else (wanted == now):
            return account
        keep_before(act, account.id, sorted(before))
        change = provider.add_groups if params.mode == "add" else provider.set_groups
        return change(account.id, sorted(wanted), key=act.key)

    def plan(self, params: Params, provider: Directory, act: Act) -> Sequence[Planned]:
        """The groups before and after it, and those that a rule keeps it in."""
        account = locate(params, provider, act)
        if params.mode == "add":
            after = [*account.groups, *to_join(account, params.groups, provider)]
        else:
            after = _plans.joined(account, params.groups, provider)
        return (_plans.groups(account, after, provider, _unnamed(params, account)),)

    def undo(self, params: Params, output: Result, provider: Directory, act: Act) -> None:
        del params
        account = account_again(output.account_id, provider, act)
        if account is not None:
            as_before(account, added=output.added, removed=output.removed, provider=provider, act=act)


def _unnamed(params: Params, account: Account) -> list[str]:
    """The groups that it would leave, if no rule kept it in them."""
    if params.mode == "add":
        return []
    return sorted(set(account.ruled_groups) - meant(params.groups, account.ruled_groups))
