"""`identity.find_changes`."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from officeflow.connectors.families import Family
from officeflow.connectors.families.identity import Account, Changes, FollowsChanges
from officeflow.errors import Conflict, Rejected
from officeflow.sdk import Act, Effect, Node, NodeOutput, NodeParams, NodeSpec

MOST_ANSWERS = 1000


class Params(NodeParams):
    """Since when."""

    cursor: str | None = Field(
        None,
        description="Of an earlier answer; null asks for one that begins now, and for no accounts.",
        examples=["${{ nodes.find_changes.output.cursor }}"],
        min_length=1,
        max_length=20_000,
    )
    most: int = Field(
        500, description="After how many accounts it stops, at the end of an answer.", ge=1, le=2000
    )
    on_lost: Literal["fail", "begin_anew"] = Field(
        "fail",
        description=(
            "Where the system does not know the cursor any more: fail, or give one that begins now, and say"
            " so."
        ),
    )


class ChangedAccount(BaseModel):
    """An account as it is now."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    account_id: str = Field(description="The provider's own id.")
    login: str = Field(description="User name.")
    external_id: str | None = Field(description="Employee number.")
    active: bool = Field(description="Whether it can be used.")
    email: str | None = Field(description="E-mail address.")


class Result(NodeOutput):
    """What is different, and where the next question begins."""

    changed: bool = Field(False, description="Always False: looking changes nothing.")
    accounts: list[ChangedAccount] = Field(description="Those that were created or changed.")
    deleted: list[str] = Field(description="The provider's own ids of those that were deleted.")
    cursor: str = Field(description="For the next question.")
    complete: bool = Field(description="False where there is more already.")
    lost: bool = Field(
        False, description="Whether the cursor was not known any more: what changed meanwhile is not told."
    )


class FindChanges(Node[Params, FollowsChanges, Result]):
    """Tell which accounts were created, changed or deleted since an earlier answer."""

    spec = NodeSpec(
        type="identity.find_changes",
        title="Find changes",
        group="Identity",
        effect=Effect.PURE,
        family=Family.IDENTITY,
        evidence="The output is what the provider answered.",
    )

    def perform(self, params: Params, provider: FollowsChanges, act: Act) -> Result:
        try:
            accounts, deleted, last = _collected(params, provider)
        except Conflict:
            if params.on_lost == "fail":
                raise
            act.note("the cursor is not known any more: another one begins now")
            last = provider.changes_since(None)
            return Result(accounts=[], deleted=[], cursor=last.cursor, complete=last.complete, lost=True)
        act.found(f"{len(accounts)} accounts changed, {len(deleted)} deleted, at {provider.address}")
        return Result(
            accounts=[_shown(each) for each in accounts.values()],
            deleted=sorted(deleted),
            cursor=last.cursor,
            complete=last.complete,
        )


def _collected(params: Params, provider: FollowsChanges) -> tuple[dict[str, Account], set[str], Changes]:
    """By the last word about each. `Rejected` where an answer leads back to one before."""
    accounts: dict[str, Account] = {}
    deleted: set[str] = set()
    cursor, seen = params.cursor, {params.cursor}
    for _ in range(MOST_ANSWERS):
        answer = provider.changes_since(cursor)
        for each in answer.accounts:
            accounts[each.id] = each
            deleted.discard(each.id)
        for gone in answer.deleted:
            accounts.pop(gone, None)
            deleted.add(gone)
        if answer.complete or len(accounts) + len(deleted) >= params.most:
            return accounts, deleted, answer
        if answer.cursor in seen:
            break
        seen.add(answer.cursor)
        cursor = answer.cursor
    raise Rejected(f"{provider.address} leads from one answer back to another", operation="find_changes")


def _shown(account: Account) -> ChangedAccount:
    return ChangedAccount(
        account_id=account.id,
        login=account.login,
        external_id=None if account.foreign else account.external_id,
        active=account.active,
        email=account.email,
    )
