"""How identity nodes say whose account they mean, and how they find it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from pydantic import Field, model_validator

from officeflow.connectors.families import Capability, capabilities_of
from officeflow.connectors.families.identity import Account, FindsAccounts, RestoresAccounts
from officeflow.errors import Conflict, NotFound
from officeflow.sdk import Act, NodeParams


class AccountParams(NodeParams):
    """Whose account: the provider's id where an earlier node gave it, or a login, or an employee number.

    All that are given must fit.
    """

    account_id: str | None = Field(
        None,
        description="The provider's own id of the account, as an earlier node's output has it.",
        examples=["${{ nodes.create_account.output.account_id }}"],
        min_length=1,
    )
    login: str | None = Field(
        None, description="User name of the account.", examples=["${{ employee.email }}"], min_length=1
    )
    external_id: str | None = Field(
        None,
        description="Employee number that the account was created with.",
        examples=["${{ employee.external_id }}"],
        min_length=1,
    )

    @model_validator(mode="after")
    def _names_somebody(self) -> AccountParams:
        if not (self.account_id or self.login or self.external_id):
            raise ValueError("one of account_id, login and external_id is needed")
        return self


def named(*, account_id: str | None = None, login: str | None = None, external_id: str | None = None) -> str:
    """For people: the account as the parameters name it."""
    parts = [("id", account_id), ("login", login), ("employee", external_id)]
    return "account with " + ", ".join(f"{name} {value}" for name, value in parts if value)


def name_of(params: AccountParams) -> str:
    return named(account_id=params.account_id, login=params.login, external_id=params.external_id)


def look_up(params: AccountParams, provider: FindsAccounts) -> Account | None:
    """The account that fits all that the parameters say, or None; `Conflict` where it is another
    organization's.
    """
    if params.account_id is None:
        account = provider.find_account(login=params.login, external_id=params.external_id)
    else:
        account = _by_id(params, params.account_id, provider)
    if account is not None and account.foreign:
        raise Conflict(
            f"{described(account)} is marked as another organization's: its number is {account.external_id}",
            operation="find_account",
            hint="the connection's mark is to stand before the numbers of this organization's accounts",
        )
    return account


def _by_id(params: AccountParams, account_id: str, provider: FindsAccounts) -> Account | None:
    try:
        account = provider.get_account(account_id)
    except NotFound:
        return None
    same_login = params.login is None or account.login.casefold() == params.login.casefold()
    same_person = params.external_id is None or account.external_id == params.external_id
    return account if same_login and same_person else None


def locate(params: AccountParams, provider: FindsAccounts, act: Act) -> Account:
    """The account, told in the story; `NotFound` where there is none."""
    account = look_up(params, provider)
    if account is None:
        lost = params.external_id is not None and (params.login is not None or params.account_id is not None)
        hint = (
            "a directory that has not kept the employee number finds an account by its login or id alone"
            if lost
            else ""
        )
        raise NotFound(
            f"there is no {name_of(params)} at {provider.address}", operation="find_account", hint=hint
        )
    act.found(f"{described(account)} at {provider.address}")
    return account


def deleted_accounts(
    provider: FindsAccounts, *, login: str | None = None, external_id: str | None = None
) -> Sequence[Account]:
    """Those that can still be brought back and match; none where the system does not keep deleted ones."""
    if Capability.RESTORE_ACCOUNTS not in capabilities_of(type(provider)):
        return ()
    return cast("RestoresAccounts", provider).find_deleted(login=login, external_id=external_id)


def described(account: Account) -> str:
    """An account in a line: `account ana@acme.example (active, groups: Engineering, Staff)`."""
    groups = ", ".join(account.groups) or (
        "none" if account.groups_known else "not known: it has no list of them"
    )
    return f"account {account.login} ({'active' if account.active else 'suspended'}, groups: {groups})"
