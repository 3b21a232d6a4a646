"""`identity.move_account`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pydantic import Field

from officeflow.connectors.families import Family
from officeflow.connectors.families.identity import FindsAccounts, MovesUnits
from officeflow.errors import NotFound, NotUndoable
from officeflow.nodes.identity._accounts import AccountParams, locate
from officeflow.nodes.identity._before import account_before, keep_account
from officeflow.nodes.identity._plans import at
from officeflow.nodes.identity._undo import account_again, is_left_so
from officeflow.sdk import Act, Effect, FieldChange, Node, NodeOutput, NodeSpec, Planned, changes


class Params(AccountParams):
    """Whose account, and where it is to be."""

    unit: str = Field(
        description="The organizational unit, which must exist, as the provider writes it.",
        examples=["/Staff/Sales"],
        min_length=1,
        max_length=1000,
    )


class Result(NodeOutput):
    """Where the account is."""

    account_id: str = Field(description="The provider's own id of the account.")
    login: str = Field(description="User name.")
    unit: str = Field(description="The organizational unit that it is in.")
    before: str | None = Field(description="The one that it was in before; null where that is not known.")


class Directory(FindsAccounts, MovesUnits, Protocol):
    """What the node needs of an identity provider."""


class MoveAccount(Node[Params, Directory, Result]):
    """Move a person's account into another organizational unit, whose policies hold for it from then on."""

    spec = NodeSpec(
        type="identity.move_account",
        title="Move account",
        group="Identity",
        effect=Effect.IDEMPOTENT,
        family=Family.IDENTITY,
        undo="The account is in the unit again that it was in, if nobody has moved it since.",
        evidence="The account is read again and is in this unit.",
    )

    def perform(self, params: Params, provider: Directory, act: Act) -> Result:
        account = locate(params, provider, act)
        unit = _existing(params.unit, provider)
        before = account_before(act, account)
        if account.unit == unit:
            made = before.unit != unit
            act.note("an earlier attempt has moved it" if made else f"it is in {unit} already")
            return Result(
                changed=made, account_id=account.id, login=account.login, unit=unit, before=before.unit
            )
        keep_account(act, before)
        after = provider.move_account(account.id, unit, key=act.key)
        act.changed(f"moved account {after.login} from {account.unit or 'no unit'} to {unit}")
        act.read_back(f"account {after.login} is in {after.unit}")
        return Result(
            changed=True,
            account_id=after.id,
            login=after.login,
            unit=after.unit or unit,
            before=before.unit,
        )

    def plan(self, params: Params, provider: Directory, act: Act) -> Sequence[Planned]:
        """The unit before and after it."""
        account = locate(params, provider, act)
        unit = FieldChange(field="unit", before=account.unit, after=_existing(params.unit, provider))
        return (changes(at(account, provider), [unit]),)

    def undo(self, params: Params, output: Result, provider: Directory, act: Act) -> None:
        del params
        account = account_again(output.account_id, provider, act)
        if account is None or not is_left_so(
            account.unit, left=output.unit, before=output.before, what="unit", act=act
        ):
            return
        if output.before is None or provider.find_unit(output.before) is None:
            raise NotUndoable(f"the unit that it was in ({output.before or 'not known'}) is not there")
        after = provider.move_account(account.id, output.before, key=act.key)
        act.changed(f"moved account {after.login} back to {output.before}")
        act.read_back(f"account {after.login} is in {after.unit}")


def _existing(unit: str, provider: Directory) -> str:
    found = provider.find_unit(unit)
    if found is None:
        raise NotFound(f"there is no unit {unit} at {provider.address}", operation="find_unit")
    return found
