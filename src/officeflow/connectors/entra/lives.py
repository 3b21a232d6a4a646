"""An account's life: another login or manager, suspended, deleted, brought back."""

from __future__ import annotations

from collections.abc import Sequence

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.entra import attributes, comparing
from officeflow.connectors.entra.base import Tenant
from officeflow.connectors.entra.graph import LARGEST_PAGE, Read, quoted, segment
from officeflow.connectors.entra.types import Reference
from officeflow.connectors.entra.user import User
from officeflow.connectors.families.identity import (
    Account,
    DeletesAccounts,
    RenamesAccounts,
    RestoresAccounts,
    SetsManagers,
    SuspendsAccounts,
)
from officeflow.errors import Conflict, NotFound, Rejected


class Lives(
    Tenant,
    RenamesAccounts,
    SuspendsAccounts,
    DeletesAccounts,
    RestoresAccounts,
    SetsManagers,
):
    def rename_account(self, account_id: str, login: str, *, keep_old: bool, key: str) -> Account:
        call = self.call("rename_account", writes=True)
        reading = call.reading()
        user = self._user(account_id, reading)
        old = user.user_principal_name
        if old == login:
            return self._account(user, reading)
        self._own(user, ["userPrincipalName"], call)
        self._free(login, user.id, call)
        keeps = old.casefold() != login.casefold() and _has_address(user, old)
        if keeps and not keep_old:
            raise call.error(
                Rejected,
                f"{old} is a mail address of the account, and Microsoft Graph takes no address away",
                hint="keep the old login as an address, or take the address away in Exchange first",
            )
        body = {"userPrincipalName": login}
        if keeps and (user.mail or "").casefold() == old.casefold():
            body["mail"] = login  # the address there was stays as a further one
        self.graph.change("PATCH", f"users/{segment(user.id)}", call, body=body, key=key)

        def wrong(found: User) -> str:
            lost = keeps and not _has_address(found, old)
            return ", ".join(
                [*comparing.different(found, body), *([f"{old} is no address of it"] if lost else [])]
            )

        return self._seen(user.id, wrong, call)

    def _free(self, login: str, own: str, call: Call) -> None:
        read = Read(
            path="users",
            params={"$select": "id", "$filter": f"userPrincipalName eq {quoted(login)}"},
        )
        others = [each.id for each in self.graph.every(read, Reference, call.reading()) if each.id != own]
        if others:
            raise call.error(Conflict, f"the login {login} is that of another account, {others[0]}")

    def set_active(self, account_id: str, *, active: bool, key: str) -> Account:
        call = self.call("set_active", writes=True)
        reading = call.reading()
        user = self._user(account_id, reading)
        if user.account_enabled is active:
            return self._account(user, reading)
        self._own(user, ["accountEnabled"], call)
        body = {"accountEnabled": active}
        self.graph.change("PATCH", f"users/{segment(user.id)}", call, body=body, key=key)
        return self._seen(user.id, lambda found: ", ".join(comparing.different(found, body)), call)

    def delete_account(self, account_id: str, *, key: str) -> None:
        call = self.call("delete_account", writes=True)
        user = self._user(account_id, call.reading())
        self._own(user, ["the account itself"], call)
        self.graph.send("DELETE", f"users/{segment(user.id)}", call, key=key)

        def gone() -> bool:
            try:
                self._user(user.id, call)
            except NotFound:
                return True
            return False

        with after_write():
            if not self.graph.settled(gone, bool):
                raise call.nothing_happened(f"account {user.user_principal_name} is still there")

    def find_deleted(self, *, login: str | None = None, external_id: str | None = None) -> Sequence[Account]:
        call = self.call("find_deleted")
        deleted = [user.account(self.settings) for user in self._deleted(call)]
        found = [
            each
            for each in {account.id: account for account in deleted}.values()
            if (login is None or each.login.casefold() == login.casefold())
            and (external_id is None or (each.external_id == external_id and not each.foreign))
        ]
        return sorted(found, key=lambda each: str(each.deleted_at or ""), reverse=True)

    def _deleted(self, call: Call) -> list[User]:
        params = {"$select": attributes.selected(self.settings), "$top": LARGEST_PAGE}
        read = Read(path="directory/deletedItems/microsoft.graph.user", params=params)
        return self.graph.every(read, User, call)

    def restore_account(self, account_id: str, *, key: str) -> Account:
        call = self.call("restore_account", writes=True)
        reading = call.reading()
        path = f"directory/deletedItems/{self._id(account_id, 'deleted account', call)}"
        params = {"$select": attributes.selected(self.settings)}
        try:
            user = self.graph.get(Read(path=path, params=params), User, reading)
        except NotFound as error:
            raise call.error(
                NotFound, f"there is no deleted account {account_id}", status=error.status
            ) from error
        login = user.account(self.settings).login
        self._free(login, user.id, call)
        self.graph.send("POST", f"{path}/restore", call, body={}, key=key)

        def wrong(found: User) -> str:
            is_back = found.user_principal_name.casefold() == login.casefold()
            return "" if is_back else f"login {found.user_principal_name} instead of {login}"

        return self._seen(user.id, wrong, call)

    def set_manager(self, account_id: str, manager_id: str | None, *, key: str) -> Account:
        call = self.call("set_manager", writes=True)
        reading = call.reading()
        user = self._user(account_id, reading)
        self._own(user, ["manager"], call)
        if (user.manager.id if user.manager else None) == manager_id:
            return self._account(user, reading)
        path = f"users/{segment(user.id)}/manager/$ref"
        if manager_id is None:
            self.graph.send("DELETE", path, call, key=key)
        else:
            target = self._manager(manager_id, reading)
            body = {"@odata.id": self.graph.address(f"users/{segment(target)}")}
            self.graph.change("PUT", path, call, body=body, key=key)

        def wrong(found: User) -> str:
            above = found.manager.id if found.manager else None
            return "" if above == manager_id else f"manager {above or 'none'}"

        return self._seen(user.id, wrong, call)

    def _manager(self, manager_id: str, call: Call) -> str:
        try:
            return self._user(manager_id, call).id
        except NotFound as error:
            raise call.error(
                NotFound, f"there is no account {manager_id} to be the manager", status=error.status
            ) from error


def _has_address(user: User, address: str) -> bool:
    return address.casefold() in {each.casefold() for each in user.addresses()}
