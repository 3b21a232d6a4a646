"""`identity.set_expiry`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Protocol

from pydantic import AwareDatetime, Field

from officeflow.connectors.families import Family
from officeflow.connectors.families.identity import Account, ExpiresAccounts, FindsAccounts
from officeflow.nodes.identity._accounts import AccountParams, locate
from officeflow.nodes.identity._before import account_before, keep_account
from officeflow.nodes.identity._plans import at
from officeflow.nodes.identity._undo import account_again, is_left_so
from officeflow.sdk import Act, Effect, FieldChange, Node, NodeOutput, NodeSpec, Planned, changes


class Params(AccountParams):
    """Whose account, and when it ends."""

    expires_at: AwareDatetime | None = Field(
        description="The moment (RFC 3339) from which on nobody can use it; null: it ends never.",
        examples=["2027-01-01T00:00:00+01:00"],
    )


class Result(NodeOutput):
    """When the account ends by itself."""

    account_id: str = Field(description="The provider's own id of the account.")
    login: str = Field(description="User name.")
    expires_at: AwareDatetime | None = Field(description="When it ends, as the provider has it; null: never.")
    before: AwareDatetime | None = Field(description="When it was to end before; null: never.")


class Directory(FindsAccounts, ExpiresAccounts, Protocol):
    """What the node needs of an identity provider."""


class SetExpiry(Node[Params, Directory, Result]):
    """Let a person's account end by itself at a moment, as for somebody whose contract ends, or never."""

    spec = NodeSpec(
        type="identity.set_expiry",
        title="Set expiry",
        group="Identity",
        effect=Effect.IDEMPOTENT,
        family=Family.IDENTITY,
        undo="The account ends when it did before, if nobody has set another moment since.",
        evidence="The account is read again and ends then.",
    )

    def perform(self, params: Params, provider: Directory, act: Act) -> Result:
        account = locate(params, provider, act)
        before = account_before(act, account)
        if account.expires_at == params.expires_at:
            act.note(f"it ends {_shown(account.expires_at)} already")
            return _result(before, account, changed=before.expires_at != account.expires_at)
        keep_account(act, before)
        after = provider.set_expiry(account.id, params.expires_at, key=act.key)
        act.changed(f"account {after.login} at {provider.address} ends {_shown(params.expires_at)}")
        act.read_back(f"account {after.login} ends {_shown(after.expires_at)}")
        return _result(before, after, changed=True)

    def plan(self, params: Params, provider: Directory, act: Act) -> Sequence[Planned]:
        """When it ends before and after it."""
        account = locate(params, provider, act)
        ends = FieldChange(field="expires_at", before=account.expires_at, after=params.expires_at)
        return (changes(at(account, provider), [ends]),)

    def undo(self, params: Params, output: Result, provider: Directory, act: Act) -> None:
        del params
        account = account_again(output.account_id, provider, act)
        if account is None or not is_left_so(
            account.expires_at, left=output.expires_at, before=output.before, what="end", act=act
        ):
            return
        after = provider.set_expiry(account.id, output.before, key=act.key)
        act.changed(f"account {after.login} ends {_shown(output.before)} again")
        act.read_back(f"account {after.login} ends {_shown(after.expires_at)}")


def _shown(moment: dt.datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else "never"


def _result(before: Account, after: Account, *, changed: bool) -> Result:
    return Result(
        changed=changed,
        account_id=after.id,
        login=after.login,
        expires_at=after.expires_at,
        before=before.expires_at,
    )
