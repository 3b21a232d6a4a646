"""What the nodes about licences have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from pydantic import Field

from officeflow.connectors.families.identity import FindsAccounts, KeepsLicences
from officeflow.nodes.identity._accounts import AccountParams, locate
from officeflow.nodes.identity._entitlements import Held, Matter, known, take_back
from officeflow.nodes.identity._undo import account_again
from officeflow.sdk import Act, FieldChange


class LicenceParams(AccountParams):
    """Whose account, and which licence."""

    licence: str = Field(
        description="Name of the licence (a SKU's part number) or its id.",
        examples=["SPE_E3"],
        min_length=1,
        max_length=1024,
    )


class Licensed(Held):
    """The account's licences after the act, the difference that it made, and what is left."""

    seats_left: int | None = Field(
        description="Seats that nobody has after the act, by the provider's count before it; null: not told."
    )


class Directory(FindsAccounts, KeepsLicences, Protocol):
    """What the nodes need of an identity provider."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The account and the licence; `free` is how many seats nobody has, None where that is not told."""

    matter: Matter
    free: int | None

    def after(self, step: int) -> int | None:
        """How many are left when so many more are."""
        return None if self.free is None else max(0, self.free + step)

    def seats(self, step: int) -> Sequence[FieldChange]:
        """For a plan: nothing where that is not told."""
        field = FieldChange(field="seats left", before=self.free, after=self.after(step))
        return [] if self.free is None else [field]

    def licensed(self, held: Held, step: int) -> Licensed:
        """What an earlier attempt has done is counted already."""
        had = bool(self.matter.own(self.matter.there))
        moved = held.changed and had == (step > 0)
        return Licensed(**dict(held), seats_left=self.after(step if moved else 0))


def wanted_of(params: LicenceParams, provider: Directory, act: Act) -> Wanted:
    account = locate(params, provider, act)
    there = provider.licences_of(account.id)
    seats = provider.find_licence(params.licence)
    licence = known("licence", params.licence, seats.licence if seats else None, there, provider.address)
    matter = Matter("licence", account, licence, there, provider.address)
    return Wanted(matter, seats.free if seats else None)


def undo_licence(params: LicenceParams, output: Held, provider: Directory, act: Act) -> None:
    account = account_again(output.account_id, provider, act)
    if account is not None:
        take_back(
            "licence",
            account,
            output,
            provider.licences_of(account.id),
            act,
            take=lambda _: provider.unassign_licence(account.id, params.licence, key=act.key),
            give=lambda _: provider.assign_licence(account.id, params.licence, key=act.key),
        )
