"""A user read, changed and read back: what all of the client's parts have."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.families.identity import Account
from officeflow.connectors.google import reading, services
from officeflow.connectors.google.asking import OURS, Asking
from officeflow.connectors.google.types import Group, Schema, Unit, User, valid
from officeflow.errors import NotFound, Rejected


class Workspace(Asking):
    def _users(self, method: str, call: Call, **parameters: Any) -> Mapping[str, Any]:
        return self._ask(services.DIRECTORY, "users", method, call, **parameters)

    def _user(self, account_id: str, call: Call) -> User:
        """The user of this very id: an address that names one is not taken for it."""
        found = self._user_at(account_id, call)
        if found is None or found.id != account_id:
            raise call.error(NotFound, f"there is no account {account_id}", status=404)
        return found

    def _user_at(self, name: str, call: Call) -> User | None:
        """The user whose id, address or alias this is. None of these has a slash, or is `.` or `..`.

        `Rejected` where the user is another customer's than the one that the connection names.
        """
        if not name.strip(". ") or "/" in name:
            return None
        try:
            found = self._users("get", call, userKey=name, projection="full")
        except NotFound:
            return None
        user: User = valid(User, found, call)
        if self._customer != OURS and user.customerId and user.customerId != self._customer:
            raise call.error(
                Rejected,
                f"{name} is of customer {user.customerId}, and the connection's is {self._customer}",
                hint="correct the connection's customer or admin",
            )
        return user

    def _seen(self, account_id: str, holds: Callable[[User], bool], call: Call) -> User | None:
        """The user as soon as this holds of it; as it is when time is up, None where it is not there."""

        def look() -> tuple[User | None, bool]:
            found = self._user_at(account_id, call)
            if found is None or found.id != account_id:
                return None, False
            return found, holds(found)

        return self._settled(look)

    def _update(
        self,
        account_id: str,
        body: Mapping[str, Any],
        call: Call,
        *,
        key: str,
        hides: Sequence[str] = (),
    ) -> None:
        self._users("update", call, key=key, hides=hides, userKey=account_id, body=dict(body))

    def _read_back(
        self, account_id: str, holds: Callable[[User], bool], told: Callable[[User], str], call: Call
    ) -> Account:
        """The account after a write, as soon as this holds of it; `NothingHappened` with what is `told`."""
        with after_write():
            found = self._seen(account_id, holds, call)
            if found is None or not holds(found):
                raise call.nothing_happened(reads(found, told(found) if found else ""))
            return self._account(found, call)

    def _remove_alias(self, account_id: str, alias: str, call: Call, *, key: str) -> None:
        """One that it has not is left alone."""
        try:
            self._do(
                services.DIRECTORY, "users.aliases", "delete", call, key=key, userKey=account_id, alias=alias
            )
        except NotFound:
            return

    def _account(self, user: User, call: Call) -> Account:
        groups = self._groups_of(user, call)
        return self._as_account(user, call, groups=[group.name for group in groups])

    def _as_account(self, user: User, call: Call, *, groups: Sequence[str] = ()) -> Account:
        return reading.account(user, self._identity, groups=groups, manager_id=self._manager_id(user, call))

    def _manager_id(self, user: User, call: Call) -> str | None:
        """None too where nobody has the address that stands there."""
        if not user.manager:
            return None
        address = user.manager.casefold()
        if address not in self._managers:
            found = self._user_at(address, call.reading())
            self._managers[address] = found.id if found else None
        return self._managers[address]

    def _groups_of(self, user: User, call: Call) -> list[Group]:
        """Those that it is directly in."""
        listed = self._pages(services.DIRECTORY, "groups", "list", "groups", call, userKey=user.id)
        found = [valid(Group, each, call) for page in listed for each in page]
        return list({group.id: group for group in found}.values())

    def _group(self, group_id: str, call: Call) -> Group | None:
        try:
            return valid(Group, self._ask(services.DIRECTORY, "groups", "get", call, groupKey=group_id), call)
        except NotFound:
            return None

    def _unit(self, unit: str, call: Call) -> Unit | None:
        """By its path, whose case does not count. No address leads to one that is called `.` or `..`."""
        path = unit.strip("/")
        if not path:
            return Unit(orgUnitId="/", orgUnitPath="/")
        if {".", ".."}.intersection(path.split("/")):
            return None
        try:
            found = self._ask(
                services.DIRECTORY,
                "orgunits",
                "get",
                call,
                customerId=self._customer,
                orgUnitPath=quote(path),
            )
        except NotFound:
            return None
        read = valid(Unit, found, call)
        asked_by_id = path.startswith("id:") and read.orgUnitId == path
        if not asked_by_id and read.orgUnitPath.casefold() != f"/{path}".casefold():
            raise call.contradiction(f"asked for the unit {unit}, it gives {read.orgUnitPath}")
        return read

    def _top_unit(self, call: Call) -> Unit | None:
        """The whole organization, with its id; None where Google does not list it."""
        found = self._ask(
            services.DIRECTORY, "orgunits", "list", call, customerId=self._customer, type="allIncludingParent"
        )
        units = [valid(Unit, each, call) for each in found.get("organizationUnits") or ()]
        return next((each for each in units if each.orgUnitPath == "/"), None)

    def _schema(self, name: str, call: Call) -> Schema:
        asked = self._ask(
            services.DIRECTORY, "schemas", "get", call, customerId=self._customer, schemaKey=name
        )
        return valid(Schema, asked, call)


def reads(user: User | None, told: str) -> str:
    """For what reads back otherwise than it was written: `told` is what stands there."""
    if user is None:
        return "the account is not there when read back"
    return f"account {user.primaryEmail} reads back: {told}"
