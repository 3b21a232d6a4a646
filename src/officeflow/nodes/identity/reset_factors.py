"""`identity.reset_factors`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pydantic import Field

from officeflow.connectors.families import Family
from officeflow.connectors.families.identity import Factor, FindsAccounts, ResetsFactors
from officeflow.errors import NothingHappened
from officeflow.nodes.identity._accounts import AccountParams, locate
from officeflow.nodes.identity._plans import at
from officeflow.sdk import (
    Act,
    Effect,
    FieldChange,
    Node,
    NodeOutput,
    NodeSpec,
    Planned,
    irreversible,
    no_change,
    unknown,
)


class Params(AccountParams):
    """Whose factors to take away."""


class Result(NodeOutput):
    """What was taken away."""

    account_id: str = Field(description="The provider's own id of the account.")
    login: str = Field(description="User name.")
    factors: list[str] = Field(description="The factors that it had, by kind and name.")


class Directory(FindsAccounts, ResetsFactors, Protocol):
    """What the node needs of an identity provider."""


class ResetFactors(Node[Params, Directory, Result]):
    """Take away what a person proves beside the password that it is them (telephone, key, application); they
    enrol anew at the next sign-in.
    """

    spec = NodeSpec(
        type="identity.reset_factors",
        title="Reset factors",
        group="Identity",
        effect=Effect.IDEMPOTENT,
        family=Family.IDENTITY,
        irreversible=True,
        evidence="The factors are asked for again, and none is left but what the system has by itself.",
    )

    def perform(self, params: Params, provider: Directory, act: Act) -> Result:
        account = locate(params, provider, act)
        there = provider.factors_of(account.id)
        if not there:
            act.note("it has no factor beside the password")
            return Result(changed=False, account_id=account.id, login=account.login, factors=[])
        act.found(f"it has {', '.join(map(_named, there))}")
        gone = provider.reset_factors(account.id, key=act.key)
        if gone:
            act.changed(f"took {', '.join(map(_named, gone))} from account {account.login}")
        before = {each.id for each in there}
        still = [each for each in provider.factors_of(account.id) if each.id in before]
        if left := [each for each in still if not each.may_stay]:
            raise NothingHappened(
                f"account {account.login} still has {', '.join(map(_named, left))}",
                operation="reset_factors",
                taken=True,
            )
        stays = ", ".join(map(_named, still))
        act.read_back(f"{stays} stays: the system has it by itself" if stays else "none of them is left")
        return Result(
            changed=bool(gone),
            account_id=account.id,
            login=account.login,
            factors=[_named(each) for each in gone],
        )

    def plan(self, params: Params, provider: Directory, act: Act) -> Sequence[Planned]:
        """The factors that are taken away; of one that the system has by itself, that it may stay."""
        account = locate(params, provider, act)
        there = provider.factors_of(account.id)
        if not there:
            return (no_change(at(account, provider), "it has no factor beside the password"),)
        may_stay = ", ".join(_named(each) for each in there if each.may_stay)
        note = f"the system may keep {may_stay}, which it has by itself" if may_stay else ""
        if all(each.may_stay for each in there):
            return (unknown(at(account, provider), note),)
        fields = [FieldChange(field="factors", before=[_named(each) for each in there], after=[])]
        return (irreversible(at(account, provider), fields, note),)


def _named(factor: Factor) -> str:
    return f"{factor.kind} {factor.name}".strip()
