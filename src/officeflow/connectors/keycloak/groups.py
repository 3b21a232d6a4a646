"""Groups, by their paths."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.families import identity
from officeflow.connectors.families.identity import Account, KeepsGroups
from officeflow.connectors.keycloak.base import RealmClient
from officeflow.connectors.keycloak.realm import path_of, searchable
from officeflow.connectors.keycloak.types import Group
from officeflow.errors import Conflict, ConnectorError, NotFound


class KeepsGroupsByPath(RealmClient, KeepsGroups):
    """A group is called by its path, `Engineering/Platform`; a slash before it does no harm."""

    def find_groups(self, names: Sequence[str]) -> Sequence[identity.Group]:
        call = self.call("find_groups")
        found = (self._group_named(name, call) for name in dict.fromkeys(names))
        return [identity.Group(id=group.id, name=group.called) for group in found if group]

    def set_groups(self, account_id: str, groups: Sequence[str], *, key: str) -> Account:
        call = self.call("set_groups", writes=True)
        reading = call.reading()
        self._realm.user(account_id, reading)
        before = {group.id: group for group in self._groups_of(account_id, reading)}
        wanted = {group.id: group for group in self._groups_named(groups, reading)}
        changes = [("PUT", group) for id_, group in wanted.items() if id_ not in before]
        changes += [("DELETE", group) for id_, group in before.items() if id_ not in wanted]
        return self._change_groups(account_id, changes, frozenset(wanted), call, key=key)

    def add_groups(self, account_id: str, groups: Sequence[str], *, key: str) -> Account:
        call = self.call("add_groups", writes=True)
        reading = call.reading()
        self._realm.user(account_id, reading)
        there = {group.id for group in self._groups_of(account_id, reading)}
        wanted = {group.id: group for group in self._groups_named(groups, reading)}
        joining = [("PUT", group) for id_, group in wanted.items() if id_ not in there]
        return self._change_groups(account_id, joining, None, call, key=key)

    def remove_groups(self, account_id: str, groups: Sequence[str], *, key: str) -> Account:
        call = self.call("remove_groups", writes=True)
        reading = call.reading()
        self._realm.user(account_id, reading)
        there = self._groups_of(account_id, reading)
        meant = {one.id for name in groups if (one := self._meant(there, name, reading))}
        leaving = [("DELETE", group) for group in there if group.id in meant]
        return self._change_groups(account_id, leaving, None, call, key=key)

    def _meant(self, among: Sequence[Group], name: str, call: Call) -> Group | None:
        """The one of these groups that the name means; another one may be called exactly so."""
        near = chosen(among, name, call)
        if near is None or near.called == name.removeprefix("/"):
            return near
        return self._group_named(name, call)

    def _change_groups(
        self,
        account_id: str,
        changes: Sequence[tuple[str, Group]],
        exactly: frozenset[str] | None,
        call: Call,
        *,
        key: str,
    ) -> Account:
        """`exactly` are the ids of all groups that it is to be in afterwards, where others are not left to
        whoever keeps them.
        """
        for done, (method, group) in enumerate(changes):
            try:
                path = path_of("users", account_id, "groups", group.id)
                self._realm.send(method, path, call, key=key)
            except ConnectorError as error:
                error.maybe_done = error.maybe_done or done > 0
                raise
        if not changes:
            return self._whole(self._realm.user(account_id, call.reading()), call.reading())
        with after_write():
            user = self._read_back(account_id, call)
            after = {group.id: group.called for group in self._groups_of(account_id, call.reading())}
            left = {group.id for method, group in changes if method == "DELETE"}
            joined = {group.id for method, group in changes if method == "PUT"}
            if exactly not in {None, frozenset(after)} or after.keys() & left or joined - after.keys():
                raise call.nothing_happened(
                    f"account {user.username} reads back in the groups {sorted(after.values())}"
                )
            return self._whole(user, call.reading())

    def _groups_named(self, names: Sequence[str], call: Call) -> Iterator[Group]:
        for name in dict.fromkeys(names):
            group = self._group_named(name, call)
            if group is None:
                hint = "a group inside another one is named by its path: Engineering/Platform"
                raise call.error(NotFound, f"there is no group {name!r}", hint=hint)
            yield group

    def _group_named(self, name: str, call: Call) -> Group | None:
        leaf = name.rstrip("/").rpartition("/")[2]
        found: dict[str, Group] = {}
        for page in self._realm.pages("groups", Group, call, {"search": searchable(leaf)}, nested=True):
            found |= {group.id: group for group in flat(page)}
        self._realm.must_see_users(call)
        return chosen(found.values(), name, call)


def chosen(groups: Collection[Group], name: str, call: Call) -> Group | None:
    """The group that the name means; one that differs from it in case only, where none is called exactly so.
    `Conflict` where there are two: a slash in a group's own name looks like that between two groups.
    """
    wanted = name.removeprefix("/")
    found = [group for group in groups if group.called == wanted]
    found = found or [group for group in groups if group.called.casefold() == wanted.casefold()]
    if len(found) > 1:
        raise call.error(Conflict, f"{len(found)} groups are called {name!r}")
    return found[0] if found else None


def flat(groups: Collection[Group]) -> Iterator[Group]:
    for group in groups:
        yield group
        yield from flat(group.sub_groups)
