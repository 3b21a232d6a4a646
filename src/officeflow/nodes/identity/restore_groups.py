"""`identity.restore_groups`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import Field

from officeflow.connectors.families import Family
from officeflow.connectors.families.identity import Account
from officeflow.errors import Conflict, NotFound
from officeflow.nodes.identity import _plans
from officeflow.nodes.identity._accounts import AccountParams, described, locate
from officeflow.nodes.identity._before import before_of, keep_before
from officeflow.nodes.identity._groups import MOST, Directory, Name, meant
from officeflow.nodes.identity._undo import account_again, as_before
from officeflow.sdk import Act, Effect, Node, NodeOutput, NodeSpec, Planned, unknown

STRIP = "identity.strip_groups"


class Params(AccountParams):
    """Whose account, and the snapshot."""

    snapshot: list[Name] | None = Field(
        None,
        description=(
            "Names of the groups that it was in, such as `${{ nodes.strip_groups.output.snapshot }}`; left"
            " out: the snapshot of the last time that the person of the run was stripped of groups at this"
            " connection, in whichever run that was."
        ),
        examples=[["Engineering", "Staff"]],
        max_length=MOST,
    )


class Result(NodeOutput):
    """The groups after the act, the difference that it made, and what it could not bring back."""

    account_id: str = Field(description="The provider's own id of the account.")
    login: str = Field(description="User name.")
    groups: list[str] = Field(description="The groups that it is in now.")
    added: list[str] = Field(description="Those that it was not in before.")
    gone: list[str] = Field(description="Those of the snapshot that do not exist any more.")
    ruled: list[str] = Field(
        description="Those of the snapshot that only a rule or another system puts somebody into."
    )


class RestoreGroups(Node[Params, Directory, Result]):
    """Put an account into the groups of a snapshot again, and leave it in all others.

    A group that does not exist any more, or whose members only a rule decides, is named and left out; the
    account is in all others afterwards.
    """

    spec = NodeSpec(
        type="identity.restore_groups",
        title="Restore groups",
        group="Identity",
        effect=Effect.IDEMPOTENT,
        family=Family.IDENTITY,
        undo="The account leaves the groups that it was added to; other groups stay as they are.",
        inverse="identity.strip_groups",
        evidence="The account's groups are read again, and those of the snapshot are among them.",
    )

    def perform(self, params: Params, provider: Directory, act: Act) -> Result:
        account = locate(params, provider, act)
        before = before_of(act, account.id, account.groups)
        snapshot = _snapshot(params, account, act)
        way = _way(snapshot, account, provider)
        after = account
        if way.join:
            keep_before(act, account.id, before)
            after, way = _joined(snapshot, account, way, provider, act)
        added = sorted(meant(snapshot, after.groups) - set(before))
        if added:
            act.changed(f"added to {', '.join(added)}")
            act.read_back(described(after))
        else:
            act.note("it is in all groups of the snapshot that it can be in already")
        if way.note:
            act.note(way.note)
        return Result(
            changed=bool(added),
            account_id=after.id,
            login=after.login,
            groups=list(after.groups),
            added=added,
            gone=way.gone,
            ruled=way.ruled,
        )

    def plan(self, params: Params, provider: Directory, act: Act) -> Sequence[Planned]:
        """The groups before and after it, and which cannot be brought back."""
        account = locate(params, provider, act)
        if params.snapshot is None and act.last_output is None:
            return (unknown(_plans.at(account, provider), "the snapshot is looked for when it runs"),)
        way = _way(_snapshot(params, account, act), account, provider)
        return (_plans.groups(account, [*account.groups, *way.join], provider, note=way.note),)

    def undo(self, params: Params, output: Result, provider: Directory, act: Act) -> None:
        del params
        account = account_again(output.account_id, provider, act)
        if account is not None:
            as_before(account, added=output.added, removed=(), provider=provider, act=act)


@dataclass(frozen=True, slots=True)
class _Way:
    join: list[str]
    gone: list[str]
    ruled: list[str]

    @property
    def note(self) -> str:
        gone = f"not there any more: {', '.join(self.gone)}" if self.gone else ""
        ruled = f"only a rule puts somebody into {', '.join(self.ruled)}" if self.ruled else ""
        return "; ".join(filter(None, (gone, ruled)))


def _snapshot(params: Params, account: Account, act: Act) -> list[str]:
    """The groups that are wanted; `NotFound` where no snapshot of the person is kept, `Conflict` where it is
    another account's.
    """
    if params.snapshot is not None:
        return params.snapshot
    output = act.last_output(STRIP) if act.last_output is not None else None
    if output is None:
        raise NotFound(
            f"no snapshot of the groups of employee {act.employee or 'nobody'} is kept",
            operation="restore_groups",
            hint="nodes that have succeeded are kept for some time only; give the groups as snapshot",
        )
    if account.id != output["account_id"] and account.external_id != act.employee:
        raise Conflict(
            f"the snapshot is of account {output['login']}; account {account.login} may be another person's",
            operation="restore_groups",
            hint="give the groups as snapshot",
        )
    act.found(f"the snapshot of {len(output['snapshot'])} groups that account {output['login']} was in")
    return list(output["snapshot"])


def _way(snapshot: Sequence[str], account: Account, provider: Directory) -> _Way:
    """What can be brought back of the snapshot; `Conflict` where two groups have the name of one."""
    out = [name for name in dict.fromkeys(snapshot) if name not in account.groups]
    there = provider.find_groups(out) if out else ()
    known = {group.name.casefold() for group in there}
    new = [group for group in there if group.name not in account.groups]
    return _Way(
        join=sorted({group.name for group in new if not group.fixed}),
        gone=[name for name in out if name.casefold() not in known],
        ruled=sorted({group.name for group in new if group.fixed}),
    )


def _joined(
    snapshot: Sequence[str], account: Account, way: _Way, provider: Directory, act: Act
) -> tuple[Account, _Way]:
    """Where one of them goes at this moment, the others all the same."""
    try:
        return provider.add_groups(account.id, way.join, key=act.key), way
    except NotFound as error:
        again = _way(snapshot, account, provider)
        if error.maybe_done or again == way or not again.join:
            raise
        return provider.add_groups(account.id, again.join, key=act.key), again
