"""`identity.transfer_ownership`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Protocol

from pydantic import Field

from officeflow.connectors.families import Family
from officeflow.connectors.families.identity import Account, FindsAccounts, Transfer, TransfersOwnership
from officeflow.errors import Conflict, NotFound, NotYet, Rejected
from officeflow.nodes.identity._accounts import AccountParams, described, look_up, name_of
from officeflow.nodes.identity._plans import at
from officeflow.sdk import Act, Effect, FieldChange, Node, NodeOutput, NodeSpec, Planned, irreversible

LOOK = dt.timedelta(minutes=2)
"""So often it is looked whether a transfer has ended."""
TRANSFER = "transfer"
"""In the act's progress: the id of the transfer that it waits for."""


class Recipient(AccountParams):
    """Whose it is afterwards: by the account's id, login or employee number; all that are given must fit."""


class Params(AccountParams):
    """Whose things are handed over, to whom, and which."""

    to: Recipient = Field(
        description="The account that owns them afterwards.",
        examples=[{"login": "boss@acme.example"}],
    )
    what: list[Annotated[str, Field(min_length=1)]] = Field(
        default_factory=list,
        description="Applications whose things are handed over, by the provider's names; empty: all.",
        examples=[["drive", "calendar"]],
        max_length=50,
    )


class Result(NodeOutput):
    """What became of it."""

    transfer_id: str = Field(description="The provider's own id of the transfer.")
    account_id: str = Field(description="The provider's own id of the account that owned it.")
    to_account_id: str = Field(description="The provider's own id of the account that owns it now.")
    told: str = Field(description="What the provider says about it.")


class Directory(FindsAccounts, TransfersOwnership, Protocol):
    """What the node needs of an identity provider."""


class TransferOwnership(Node[Params, Directory, Result]):
    """Hand over what a person owns (files, calendars) to another account, and wait for the end of it. No
    process waits meanwhile.

    A transfer between the two that is under way already is waited for, and no second one is begun.
    """

    spec = NodeSpec(
        type="identity.transfer_ownership",
        title="Transfer ownership",
        group="Identity",
        effect=Effect.CHECK_THEN_ACT,
        family=Family.IDENTITY,
        irreversible=True,
        evidence="The provider says that the transfer is done.",
    )

    def perform(self, params: Params, provider: Directory, act: Act) -> Result:
        if (known := act.progress.get(TRANSFER)) is not None:
            account, to = _both(params, provider)
            return _ended(provider.get_transfer(known), account, to, act)
        account, to = _both(params, provider)
        act.found(f"{described(account)} and {described(to)} at {provider.address}")
        transfer = _under_way(account, to, provider)
        if transfer is None:
            transfer = provider.begin_transfer(account.id, to.id, params.what, key=act.key)
            which = ", ".join(params.what) or "everything"
            act.changed(f"began to hand over {which} from {account.login} to {to.login}: {transfer.id}")
        else:
            act.note(f"the transfer {transfer.id} is under way already")
        return _ended(transfer, account, to, act)

    def find(self, params: Params, provider: Directory, act: Act) -> Result | None:
        """The newest transfer between the two that has not failed: the one that an attempt has begun."""
        account, to = _both(params, provider)
        there = [each for each in provider.find_transfers(account.id, to.id) if each.state != "failed"]
        if not there:
            act.found(f"no transfer from {account.login} to {to.login} at {provider.address}")
            return None
        return _ended(there[0], account, to, act)

    def plan(self, params: Params, provider: Directory, act: Act) -> Sequence[Planned]:
        """Whose things are handed over to whom, and of which applications."""
        del act
        account, to = _both(params, provider)
        note = "it is under way already" if _under_way(account, to, provider) else ""
        fields = [
            FieldChange(field="owner", before=account.login, after=to.login),
            FieldChange(field="what", after=params.what or ["everything"]),
        ]
        return (irreversible(at(account, provider), fields, note),)


def _both(params: Params, provider: Directory) -> tuple[Account, Account]:
    """`NotFound` says which is not there, `Conflict` that both are one."""
    found = [look_up(each, provider) for each in (params, params.to)]
    for each, account in zip((params, params.to), found, strict=True):
        if account is None:
            raise NotFound(
                f"there is no {name_of(each)} at {provider.address}", operation="transfer_ownership"
            )
    account, to = (each for each in found if each is not None)
    if account.id == to.id:
        raise Conflict(f"{described(account)} is both who gives and who gets", operation="transfer_ownership")
    return account, to


def _under_way(account: Account, to: Account, provider: Directory) -> Transfer | None:
    there = provider.find_transfers(account.id, to.id)
    return next((each for each in there if each.state == "running"), None)


def _ended(transfer: Transfer, account: Account, to: Account, act: Act) -> Result:
    """`NotYet` while it runs; the next attempt asks for it by its id."""
    act.progress.pop(TRANSFER, None)
    if transfer.state == "running":
        act.progress[TRANSFER] = transfer.id
        raise NotYet(f"the transfer {transfer.id} is under way", until=act.now + LOOK)
    if transfer.state == "failed":
        raise Rejected(
            f"the transfer {transfer.id} from {account.login} to {to.login} failed: {transfer.told}",
            operation="transfer_ownership",
            hint="clearing the task begins another one",
        )
    act.read_back(f"the transfer {transfer.id} is done: {transfer.told or 'nothing more is said'}")
    return Result(transfer_id=transfer.id, account_id=account.id, to_account_id=to.id, told=transfer.told)
