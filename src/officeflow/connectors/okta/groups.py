"""Groups: an account's own memberships, and no others."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.families import identity
from officeflow.connectors.families.identity import Account, KeepsGroups
from officeflow.connectors.okta.api import path_of
from officeflow.connectors.okta.base import OktaBase
from officeflow.connectors.okta.memberships import Membership, Memberships, called
from officeflow.errors import NotFound, Rejected


class Groups(OktaBase, KeepsGroups):
    def find_groups(self, names: Sequence[str]) -> Sequence[identity.Group]:
        call = self.call("find_groups")
        memberships = Memberships(self._api, strict=True)
        found: dict[str, identity.Group] = {}
        for name in dict.fromkeys(names):
            try:
                one = memberships.named(name, call)
            except NotFound:
                continue
            found[one.group.id] = identity.Group(id=one.group.id, name=one.group.name, fixed=one.ruled)
        return list(found.values())

    def set_groups(self, account_id: str, groups: Sequence[str], *, key: str) -> Account:
        call = self.call("set_groups", writes=True)
        reading = call.reading()
        user = self._there(account_id, call)
        memberships = Memberships(self._api, strict=True)
        before = memberships.of(account_id, reading)
        wanted = _wanted(groups, before, memberships, reading)
        kept = {each.group.id for each in before} & wanted.keys()
        leaving = [each for each in before if not each.ruled and each.group.id not in wanted]
        joining = [each for group_id, each in wanted.items() if group_id not in kept]
        for each in joining:
            _refuse_ruled(each, reading)
        if not joining and not leaving:
            return self._account(user, before)
        changes = [("PUT", each) for each in joining] + [("DELETE", each) for each in leaving]
        return self._changed_groups(account_id, changes, memberships, call, key=key)

    def add_groups(self, account_id: str, groups: Sequence[str], *, key: str) -> Account:
        call = self.call("add_groups", writes=True)
        reading = call.reading()
        user = self._there(account_id, call)
        memberships = Memberships(self._api, strict=True)
        before = memberships.of(account_id, reading)
        there = {each.group.id for each in before}
        wanted = _wanted(groups, before, memberships, reading)
        joining = [each for group_id, each in wanted.items() if group_id not in there]
        for each in joining:
            _refuse_ruled(each, reading)
        if not joining:
            return self._account(user, before)
        changes = [("PUT", each) for each in joining]
        return self._changed_groups(account_id, changes, memberships, call, key=key)

    def remove_groups(self, account_id: str, groups: Sequence[str], *, key: str) -> Account:
        call = self.call("remove_groups", writes=True)
        user = self._there(account_id, call)
        memberships = Memberships(self._api, strict=True)
        before = memberships.of(account_id, call.reading())
        leaving = {each.group.id: each for name in groups for each in _called(name, before)}
        for each in leaving.values():
            _refuse_ruled(each, call)
        if not leaving:
            return self._account(user, before)
        changes = [("DELETE", each) for each in leaving.values()]
        return self._changed_groups(account_id, changes, memberships, call, key=key)

    def _changed_groups(
        self,
        account_id: str,
        changes: Sequence[tuple[str, Membership]],
        memberships: Memberships,
        call: Call,
        *,
        key: str,
    ) -> Account:
        for done, (method, each) in enumerate(changes):
            path = path_of("groups", each.group.id, "users", account_id)
            if done:
                with self._further_step():
                    self._api.send(method, path, call, key=key)
            else:
                self._api.send(method, path, call, key=key)
        with after_write():
            joined = {each.group.id for method, each in changes if method == "PUT"}
            left = {each.group.id for method, each in changes if method == "DELETE"}

            def right(read: Collection[Membership]) -> bool:
                ids = {each.group.id for each in read}
                return joined <= ids and not left & ids

            user = self._user_read_back(account_id, call)
            after = self._seen(lambda: memberships.of(account_id, call), right)
            if not right(after):
                names = sorted(each.group.name for each in after)
                raise call.nothing_happened(f"account {user.login} reads back in the groups {names}")
            return self._account(user, after)


def _called(name: str, among: Collection[Membership]) -> list[Membership]:
    return called(name, list(among), lambda each: each.group.name)


def _wanted(
    names: Iterable[str], before: Collection[Membership], memberships: Memberships, call: Call
) -> dict[str, Membership]:
    """The groups of these names, by id: those that the account is in, or else all that there are."""
    found: dict[str, Membership] = {}
    for name in dict.fromkeys(names):
        here = _called(name, before) or [memberships.named(name, call)]
        found |= {each.group.id: each for each in here}
    return found


def _refuse_ruled(each: Membership, call: Call) -> None:
    if each.ruled:
        raise call.error(Rejected, f"nobody joins or leaves {each.group.name!r} here: {each.ruled}")
