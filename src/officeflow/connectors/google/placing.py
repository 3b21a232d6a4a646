"""Where an account is: its manager, its organizational unit, its aliases."""

from __future__ import annotations

from officeflow.connectors.families.identity import Account, KeepsAliases, MovesUnits, SetsManagers
from officeflow.connectors.google import services, writing
from officeflow.connectors.google.types import User
from officeflow.connectors.google.workspace import Workspace
from officeflow.errors import Conflict, NotFound


class Placing(Workspace, SetsManagers, MovesUnits, KeepsAliases):
    def set_manager(self, account_id: str, manager_id: str | None, *, key: str) -> Account:
        """Google keeps the manager's address."""
        call = self.call("set_manager", writes=True)
        user = self._user(account_id, call.reading())
        manager = self._user(manager_id, call.reading()) if manager_id else None
        address = manager.primaryEmail if manager else None
        if manager:
            self._managers[manager.primaryEmail.casefold()] = manager.id

        def holds(found: User) -> bool:
            return (found.manager or "").casefold() == (address or "").casefold()

        if holds(user):
            return self._account(user, call.reading())
        self._update(account_id, writing.with_manager(user, address), call, key=key)
        return self._read_back(account_id, holds, lambda found: f"manager {found.manager}", call)

    def find_unit(self, unit: str) -> str | None:
        found = self._unit(unit, self.call("find_unit"))
        return found.orgUnitPath if found else None

    def move_account(self, account_id: str, unit: str, *, key: str) -> Account:
        call = self.call("move_account", writes=True)
        user = self._user(account_id, call.reading())
        there = self._unit(unit, call.reading())
        if there is None:
            raise call.error(NotFound, f"there is no unit {unit}", status=404)
        path = there.orgUnitPath

        def holds(found: User) -> bool:
            return (found.orgUnitPath or "").casefold() == path.casefold()

        if holds(user):
            return self._account(user, call.reading())
        self._update(account_id, {"orgUnitPath": path}, call, key=key)
        return self._read_back(account_id, holds, lambda found: f"unit {found.orgUnitPath}", call)

    def add_alias(self, account_id: str, alias: str, *, key: str) -> Account:
        call = self.call("add_alias", writes=True)
        user = self._user(account_id, call.reading())

        def holds(found: User) -> bool:
            return alias.casefold() in {each.casefold() for each in found.aliases or ()}

        if holds(user):
            return self._account(user, call.reading())
        try:
            body = {"alias": alias}
            self._do(
                services.DIRECTORY, "users.aliases", "insert", call, key=key, userKey=account_id, body=body
            )
        except Conflict:
            # The account's own word comes late; where the alias is its own already, all is as it should be.
            owner = self._user_at(alias, call.reading())
            if owner is None or owner.id != account_id or owner.primaryEmail.casefold() == alias.casefold():
                raise
        return self._read_back(account_id, holds, lambda found: f"aliases {found.aliases}", call)

    def remove_alias(self, account_id: str, alias: str, *, key: str) -> Account:
        call = self.call("remove_alias", writes=True)
        user = self._user(account_id, call.reading())
        there = {each.casefold(): each for each in user.aliases or ()}
        if alias.casefold() not in there:
            return self._account(user, call.reading())
        self._remove_alias(account_id, there[alias.casefold()], call, key=key)
        return self._read_back(
            account_id,
            lambda found: alias.casefold() not in {each.casefold() for each in found.aliases or ()},
            lambda found: f"aliases {found.aliases}",
            call,
        )
