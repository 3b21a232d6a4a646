"""`identity.reset_password`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Protocol

from pydantic import Field

from officeflow.connectors.families import Family
from officeflow.connectors.families.identity import FindsAccounts, SetsPasswords
from officeflow.nodes.identity._accounts import AccountParams, described, locate
from officeflow.nodes.identity._passwords import made_by
from officeflow.nodes.identity._plans import at
from officeflow.sdk import (
    Act,
    Effect,
    FieldChange,
    Node,
    NodeOutput,
    NodeSpec,
    Planned,
    Sensitive,
    irreversible,
)


class Params(AccountParams):
    """Whose password to replace."""

    must_change: bool = Field(
        True, description="Whether its person has to choose another one at the next sign-in."
    )


class Result(NodeOutput):
    """The new password: for later nodes, shown nowhere."""

    account_id: str = Field(description="The provider's own id of the account.")
    login: str = Field(description="User name.")
    password: Annotated[str, Sensitive] = Field(description="The new password.")
    must_change: bool = Field(description="Whether it has to be changed at the next sign-in.")


class Directory(FindsAccounts, SetsPasswords, Protocol):
    """What the node needs of an identity provider."""


class ResetPassword(Node[Params, Directory, Result]):
    """Replace an account's password by one that nobody knows, made at random by the system's rules.

    Later nodes read it as `nodes.<id>.output.password`, to give it to its person; it is in no log, no plan
    and no message of OfficeFlow's own.
    """

    spec = NodeSpec(
        type="identity.reset_password",
        title="Reset password",
        group="Identity",
        effect=Effect.IDEMPOTENT,
        family=Family.IDENTITY,
        irreversible=True,
        evidence="The system's word that it took the password, and the account, which is read again.",
        effect_note="It is run again: then another password is set, and only the last one is given on.",
    )

    def perform(self, params: Params, provider: Directory, act: Act) -> Result:
        account = locate(params, provider, act)
        password = made_by(provider.password_rules())
        after = provider.set_password(account.id, password, must_change=params.must_change, key=act.key)
        once = ", to be changed at the next sign-in" if params.must_change else ""
        act.changed(f"account {after.login} at {provider.address} has another password{once}")
        act.read_back(described(after))
        return Result(
            account_id=after.id, login=after.login, password=password, must_change=params.must_change
        )

    def plan(self, params: Params, provider: Directory, act: Act) -> Sequence[Planned]:
        """That the password is replaced, never which it is."""
        account = locate(params, provider, act)
        fields = [
            FieldChange(field="password", secret=True),
            FieldChange(field="must_change", after=params.must_change),
        ]
        return (irreversible(at(account, provider), fields),)
