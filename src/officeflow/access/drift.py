"""How systems differ from what the organization's record and rules say: found by reading alone."""

from __future__ import annotations

import datetime as dt
import enum
import itertools
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, or_, select

from officeflow.access import store
from officeflow.access.entitled import Due, due, has_left, ruled, today
from officeflow.access.holdings import Holdings, beyond, singular
from officeflow.access.rules import EntitlementKind, Rules
from officeflow.connectors.families.identity import Account
from officeflow.database.engine import Database
from officeflow.database.tables import Employee
from officeflow.errors import ConnectorError, InvalidInput
from officeflow.tenants import employees, organizations

BATCH = 500
"""Accounts whose people are looked up together."""
MOST_TOLD = 1000
"""Of the differences at one connection; the others are counted."""


class Drift(enum.StrEnum):
    """What is different; the value says it to people."""

    LEAVER = "left, and the account is active"
    NOBODY = "nobody employs its person"
    BEYOND = "beyond the rules"
    UNTOLD = "could not be compared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    connection: str
    drift: Drift
    account: str
    employee: str = ""
    what: str = ""

    def to_json(self) -> dict[str, str]:
        return {
            "connection": self.connection,
            "account": self.account,
            "employee": self.employee,
            "drift": self.drift.name.lower(),
            "told": self.drift.value + (f": {self.what}" if self.what else ""),
        }


@dataclass(slots=True, kw_only=True)
class Compared:
    """Of one connection. `accounts` are those that were looked at, active or not."""

    connection: str
    accounts: int = 0
    counts: Counter[Drift] = field(default_factory=Counter)
    told: list[Difference] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        found = sum(self.counts.values())
        return {
            "connection": self.connection,
            "looked": True,
            "why": "",
            "accounts": self.accounts,
            "found": found,
            "not_told": found - len(self.told),
            "counts": {drift.name.lower(): number for drift, number in sorted(self.counts.items())},
            "differences": [each.to_json() for each in self.told],
        }


@dataclass(frozen=True, slots=True)
class _Known:
    """One of the organization's people: what expressions see of them."""

    record: Mapping[str, Any]
    left: bool


class Comparison:
    """For one organization at one moment."""

    def __init__(self, database: Database, org: str, now: dt.datetime) -> None:
        with organizations.entered(database, org) as (session, org_id):
            self.rules: Rules = store.newest(session, org_id).rules
            self.today = today(organizations.find(session, str(org_id)).settings, now)
        self._database, self._org_id = database, org_id

    def compare(
        self, connection: str, client: Any, *, told: Callable[[str], None] = lambda _: None
    ) -> Compared:
        """All accounts of the client, which can find and list them, `BATCH` at a time: so many are in memory,
        whatever their number. `told` is called with how far it is.

        Raises what listing raises. One account that cannot be compared is told as such.
        """
        compared = Compared(connection=connection)
        named = ruled(self.rules, connection)
        for batch in _batches(client.list_accounts()):
            active = [each for each in batch if each.active and not each.foreign and each.deleted_at is None]
            people = _people(self._database, self._org_id, active, self.today)
            for account in active:
                for each in self._of(connection, account, people, client, named):
                    compared.counts[each.drift] += 1
                    if len(compared.told) < MOST_TOLD:
                        compared.told.append(each)
            compared.accounts += len(batch)
            told(f"{connection}: {compared.accounts} accounts")
        return compared

    def _of(
        self,
        connection: str,
        account: Account,
        people: _People,
        client: Any,
        named: Mapping[EntitlementKind, Sequence[Due]],
    ) -> Iterator[Difference]:
        person = people.of(account)
        if person is None:
            yield Difference(connection=connection, drift=Drift.NOBODY, account=account.login)
            return
        employee = str(person.record["external_id"])
        if person.left:
            yield Difference(
                connection=connection, drift=Drift.LEAVER, account=account.login, employee=employee
            )
        if not any(named.values()):
            return
        try:
            every = due(self.rules, person.record, self.today)
            own = [each for each in every if each.connection == connection]
            holdings = Holdings(client, client.get_account(account.id))
            extra = beyond(holdings, own, named)
        except (ConnectorError, InvalidInput) as error:
            yield Difference(
                connection=connection,
                drift=Drift.UNTOLD,
                account=account.login,
                employee=employee,
                what=error.message,
            )
            return
        for kind, name in extra:
            yield Difference(
                connection=connection,
                drift=Drift.BEYOND,
                account=account.login,
                employee=employee,
                what=f"{singular(kind)} {name}",
            )


def _batches(accounts: Iterable[Account]) -> Iterator[list[Account]]:
    rest = iter(accounts)
    while batch := list(itertools.islice(rest, BATCH)):
        yield batch


@dataclass(frozen=True, slots=True)
class _People:
    by_number: Mapping[str, _Known]
    by_address: Mapping[str, _Known]

    def of(self, account: Account) -> _Known | None:
        """By number where the account has one that is somebody's; otherwise by an address of its own."""
        for number in (account.external_id, account.employee_number):
            if number and number in self.by_number:
                return self.by_number[number]
        return next((self.by_address[each] for each in _addresses(account) if each in self.by_address), None)


def _addresses(account: Account) -> list[str]:
    listed = (account.login, account.email, *account.emails, *account.aliases)
    return [each.lower() for each in listed if each]


def _people(database: Database, org_id: uuid.UUID, accounts: Sequence[Account], day: dt.date) -> _People:
    """Those whom the accounts name, and no more."""
    numbers = {each for one in accounts for each in (one.external_id, one.employee_number) if each}
    addresses = {each for one in accounts for each in _addresses(one)}
    query = select(Employee).where(
        Employee.org_id == org_id,
        or_(Employee.external_id.in_(numbers), func.lower(Employee.work_email).in_(addresses)),
    )
    by_number, by_address = dict[str, _Known](), dict[str, _Known]()
    with database.tenant(org_id) as session:
        for person in session.scalars(query):
            record = employees.as_values(person)
            known = _Known(record, has_left(record, day))
            by_number[person.external_id] = known
            if person.work_email:
                by_address[person.work_email.lower()] = known
    return _People(by_number, by_address)
