"""Groups, and who is in them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.entra import batch
from officeflow.connectors.entra.base import GROUP_FIELDS, Tenant
from officeflow.connectors.entra.errors import valid
from officeflow.connectors.entra.graph import Read, partly, quoted, segment
from officeflow.connectors.entra.types import Group
from officeflow.connectors.entra.user import User
from officeflow.connectors.families import identity
from officeflow.connectors.families.identity import Account, KeepsGroups
from officeflow.errors import Conflict, ConnectorError, NotFound, Rejected

_Right = Callable[[list[Group]], bool]


class Groups(Tenant, KeepsGroups):
    def find_groups(self, names: Sequence[str]) -> Sequence[identity.Group]:
        found = self._named(names, self.call("find_groups"))
        return [identity.Group(id=each.id, name=each.name, fixed=each.fixed) for each in found.values()]

    def _named(self, names: Iterable[str], call: Call) -> dict[str, Group]:
        """The group of each name that has one; `Conflict` where two are called so."""
        asked = list(dict.fromkeys(names))
        reads = [
            Read(
                path="groups",
                params={"$select": GROUP_FIELDS, "$filter": f"displayName eq {quoted(name)}"},
            )
            for name in asked
        ]
        answers = batch.answers(self.graph, reads, call)
        found = {}
        for name, read, answer in zip(asked, reads, answers, strict=True):
            listed = [
                valid(Group, each, call)
                for page in self.graph.pages_from(answer, read, call)
                for each in page
            ]
            if group := _called(name, listed, call):
                found[name] = group
        return found

    def _all_named(self, names: Iterable[str], call: Call) -> dict[str, Group]:
        asked = list(dict.fromkeys(names))
        found = self._named(asked, call)
        if missing := [name for name in asked if name not in found]:
            raise call.error(NotFound, f"there is no group {', '.join(map(repr, missing))}")
        return found

    def set_groups(self, account_id: str, groups: Sequence[str], *, key: str) -> Account:
        call = self.call("set_groups", writes=True)
        reading = call.reading()
        user = self._user(account_id, reading)
        before = {group.id: group for group in self._groups_of(user, reading)}
        wanted = set(groups)
        kept = {each.id: each for each in before.values() if each.name in wanted}
        resolved = self._all_named(sorted(wanted - {each.name for each in kept.values()}), reading)
        target = kept | {each.id: each for each in resolved.values()}
        added = [group for group in target.values() if group.id not in before]
        removed = [each for each in before.values() if each.id not in target and not each.fixed]
        _changeable(added, call)
        if not added and not removed:
            return user.account(self.settings, before.values())
        self._change(user, added, removed, call, key=key)
        free = {each.id for each in target.values() if not each.fixed}
        return self._read_back(
            user, lambda found: {each.id for each in found if not each.fixed} == free, call
        )

    def add_groups(self, account_id: str, groups: Sequence[str], *, key: str) -> Account:
        call = self.call("add_groups", writes=True)
        reading = call.reading()
        user = self._user(account_id, reading)
        before = {group.id: group for group in self._groups_of(user, reading)}
        new = set(groups) - {each.name for each in before.values()}
        resolved = {each.id: each for each in self._all_named(sorted(new), reading).values()}
        added = [group for group in resolved.values() if group.id not in before]
        _changeable(added, call)
        if not added:
            return user.account(self.settings, before.values())
        self._change(user, added, [], call, key=key)
        joined = {each.id for each in added}
        return self._read_back(user, lambda found: joined <= {each.id for each in found}, call)

    def remove_groups(self, account_id: str, groups: Sequence[str], *, key: str) -> Account:
        call = self.call("remove_groups", writes=True)
        reading = call.reading()
        user = self._user(account_id, reading)
        before = self._groups_of(user, reading)
        leaving = self._among(before, groups, reading)
        _changeable(leaving, call)
        if not leaving:
            return user.account(self.settings, before)
        self._change(user, [], leaving, call, key=key)
        gone = {each.id for each in leaving}
        return self._read_back(user, lambda found: not gone & {each.id for each in found}, call)

    def _among(self, before: Sequence[Group], names: Collection[str], call: Call) -> list[Group]:
        """Those of the groups that are named; where a name differs in case, the directory says which group
        it means.
        """
        exact = [group for group in before if group.name in names]
        folded = {group.name.casefold() for group in before}
        near = set(names) - {group.name for group in before}
        meant = self._named(sorted(name for name in near if name.casefold() in folded), call)
        ids = {group.id for group in meant.values()} - {group.id for group in exact}
        return exact + [group for group in before if group.id in ids]

    def _change(
        self, user: User, added: Sequence[Group], removed: Sequence[Group], call: Call, *, key: str
    ) -> None:
        done = False
        for group in (*added, *removed):
            try:
                if group in added:
                    self._add(user, group, call, key=key)
                else:
                    self._remove(user, group, call, key=key)
            except ConnectorError as error:
                raise partly(error, done=done) from error
            done = True

    def _add(self, user: User, group: Group, call: Call, *, key: str) -> None:
        """Microsoft answers 400 also where it is in there already, by a text alone: so the group is asked."""
        body = {"@odata.id": self.graph.address(f"directoryObjects/{segment(user.id)}")}
        try:
            self.graph.change("POST", f"groups/{segment(group.id)}/members/$ref", call, body=body, key=key)
        except Rejected as error:
            if error.status != 400 or not self._is_in(user, group, call):
                raise

    def _is_in(self, user: User, group: Group, call: Call) -> bool:
        return any(each.id == group.id for each in self._groups_of(user, call.reading()))

    def _remove(self, user: User, group: Group, call: Call, *, key: str) -> None:
        """`$ref` takes away the membership; without it the user would be deleted."""
        path = f"groups/{segment(group.id)}/members/{segment(user.id)}/$ref"
        try:
            self.graph.send("DELETE", path, call, key=key)
        except NotFound:
            if self._is_in(user, group, call):
                raise

    def _read_back(self, user: User, right: _Right, call: Call) -> Account:
        with after_write():
            groups = self.graph.settled(lambda: self._groups_of(user, call), right)
            if not right(groups):
                names = sorted(each.name for each in groups)
                raise call.nothing_happened(
                    f"account {user.user_principal_name} reads back in the groups {names}"
                )
            return user.account(self.settings, groups)


def _called(name: str, groups: Sequence[Group], call: Call) -> Group | None:
    """The group of this name; one that differs from it in case only, where none is called exactly so."""
    known = {group.id: group for group in groups if group.display_name is not None}.values()
    found = [group for group in known if group.name == name]
    found = found or [group for group in known if group.name.casefold() == name.casefold()]
    if len(found) > 1:
        raise call.error(Conflict, f"{len(found)} groups are called {name!r}")
    return found[0] if found else None


def _changeable(groups: Iterable[Group], call: Call) -> None:
    for group in groups:
        if group.fixed:
            raise call.error(Rejected, f"who is in the group {group.name!r} cannot be changed: {group.fixed}")
