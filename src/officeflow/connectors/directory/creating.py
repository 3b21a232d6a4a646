"""What of a creation is alike everywhere."""

from __future__ import annotations

from collections.abc import Mapping

from officeflow.connectors.call import Call
from officeflow.connectors.directory import names
from officeflow.connectors.directory.changing import Changing
from officeflow.connectors.directory.entries import Entry
from officeflow.connectors.directory.signing_in import SigningIn
from officeflow.connectors.families.identity import Account, CreatesAccounts, NewAccount
from officeflow.errors import Conflict, NotFound


class Creating(Changing, SigningIn, CreatesAccounts):
    """A directory's client without what only one of them can do."""

    def _unit_for(self, account: NewAccount, call: Call) -> str:
        """The DN of the unit that the account goes into."""
        wanted = account.unit or self._new_unit
        if not wanted:
            return self._base
        found = self._unit(wanted, call)
        if found is None:
            raise call.error(
                NotFound, f"there is no unit {wanted}", hint="a DN below the base, or People/Sales"
            )
        return found

    def _full_name(self, account: NewAccount) -> str:
        given = [account.given_name, account.family_name]
        name = account.display_name or " ".join(filter(None, given)) or account.login
        return names.common_name(name) or names.common_name(account.login)

    def _taken(self, login: str, holder: Entry, call: Call) -> Conflict:
        return call.error(Conflict, f"the login {login} is taken by {holder.dn}")

    def _check_new(self, entry: Entry, wanted: Mapping[str, str], account: NewAccount, call: Call) -> Account:
        """The account, where it reads back as it was created."""
        made = self._whole(entry, call)
        wrong = ["login"] if not self._is(entry, account.login, account.external_id) else []
        wrong += ["active"] if made.active is not account.active else []
        if wrong:
            raise call.nothing_happened(
                f"{entry.dn} reads back otherwise than it was created: {', '.join(wrong)}"
            )
        self._check(entry, wanted, call)
        return made

    def _found_new(self, login: str, call: Call) -> Entry:
        """The entry that was just added."""
        found = self._holder(login, call)
        if found is None:
            raise call.nothing_happened(f"there is no account {login} when read back")
        return found
