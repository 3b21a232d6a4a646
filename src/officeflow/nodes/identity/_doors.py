"""Whether a person can still get in at a system, found by looking alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Literal, cast

from pydantic import BaseModel, ConfigDict, Field

from officeflow.connectors.families import Capability, capabilities_of
from officeflow.connectors.families.identity import Account, EndsSessions, FindsAccounts
from officeflow.errors import OfficeFlowError
from officeflow.sdk import Act

State = Literal["closed", "open", "unknown"]


class Door(BaseModel):
    """One way in at one system."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    connection: str = Field(description="The connection's name.")
    account: str = Field(description='The login of the account; "" where there is none.')
    state: State = Field(description="closed, open, or unknown where the system does not tell or answer.")
    told: str = Field(description="What was seen, or why nothing was.")

    def line(self) -> str:
        account = f" {self.account}" if self.account else ""
        return f"{self.connection}{account}: {self.told}"


def doors(connection: str, *, login: str | None, external_id: str | None, act: Act) -> list[Door]:
    """Every account that the person has at the connection's system, and what it is at. Raises nothing of
    ours: what cannot be asked is unknown.
    """
    try:
        with act.look_into(connection) as provider:
            found = _accounts(provider, login, external_id)
            if not found:
                return [_door(connection, "", "closed", f"no account at {provider.address}")]
            return [door for each in found for door in _of(connection, each, provider, external_id)]
    except OfficeFlowError as error:
        return [_door(connection, "", "unknown", f"could not be asked: {error.message}")]


def _accounts(provider: FindsAccounts, login: str | None, external_id: str | None) -> list[Account]:
    """By number and by login each alone: an account that has lost one of them still lets its person in."""
    found = dict[str, Account]()
    asked = [{"login": login}] if login else []
    asked += [{"external_id": external_id}] if external_id else []
    for each in asked:
        account = provider.find_account(**each)
        if account is not None:
            found.setdefault(account.id, account)
    if external_id:
        for account in provider.find_accounts(employee_number=external_id):
            found.setdefault(account.id, account)
    if login and "@" in login:
        for account in provider.find_accounts(email=login):
            found.setdefault(account.id, account)
    return list(found.values())


def _of(
    connection: str, account: Account, provider: FindsAccounts, external_id: str | None
) -> Iterator[Door]:
    number = account.external_id or account.employee_number
    if account.foreign or (external_id and number and number != external_id):
        whose = f"is {number}'s" if number else "is another organization's"
        yield _door(connection, account.login, "closed", f"the account {whose}")
        return
    state: State = "open" if account.active else "closed"
    told = f"the account is {account.status or ('active' if account.active else 'suspended')}"
    if account.active and not account.active_told:
        state, told = "unknown", "the system does not tell whether the account can be used"
    yield _door(connection, account.login, state, told)
    if Capability.END_SESSIONS in capabilities_of(type(provider)):
        yield from _sessions(connection, account, cast("EndsSessions", provider))


def _sessions(connection: str, account: Account, provider: EndsSessions) -> Iterator[Door]:
    there = provider.sessions_of(account.id)
    if there is None:
        yield _door(connection, account.login, "closed", "the system does not tell sessions and tokens")
    elif there:
        kinds = Counter(each.kind.replace("_", " ") for each in there)
        told = ", ".join(f"{kind}: {count}" for kind, count in sorted(kinds.items()))
        yield _door(connection, account.login, "open", f"left are {told}")
    else:
        yield _door(connection, account.login, "closed", "no session and no token is left")


def _door(connection: str, account: str, state: State, told: str) -> Door:
    return Door(connection=connection, account=account, state=state, told=told)
