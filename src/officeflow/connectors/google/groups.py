"""Groups that an account is directly in. Membership by way of another group is that one's.

After a change each group is asked for the member itself: the list of an account's groups comes later.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.families import identity
from officeflow.connectors.families.identity import Account, KeepsGroups
from officeflow.connectors.google import query, services
from officeflow.connectors.google.types import Group, Member, User, valid
from officeflow.connectors.google.workspace import Workspace
from officeflow.errors import Conflict, ConnectorError, NotFound


class Groups(Workspace, KeepsGroups):
    def find_groups(self, names: Sequence[str]) -> Sequence[identity.Group]:
        call = self.call("find_groups")
        found = [self._named(name, call) for name in dict.fromkeys(names)]
        return [identity.Group(id=group.id, name=group.name) for group in found if group is not None]

    def set_groups(self, account_id: str, groups: Sequence[str], *, key: str) -> Account:
        call = self.call("set_groups", writes=True)
        reading = call.reading()
        user = self._user(account_id, reading)
        before = self._groups_of(user, reading)
        wanted = self._wanted(before, groups, reading)
        there = {group.id for group in before}
        add = [group for group in wanted.values() if group.id not in there]
        remove = [group for group in before if group.id not in wanted]
        return self._changed(user, before, add, remove, call, key=key)

    def add_groups(self, account_id: str, groups: Sequence[str], *, key: str) -> Account:
        """Make the account a direct member of these groups too, and leave it in all others. One that it is in
        is left as it is; `NotFound` names one that there is not, before anything is done.
        """
        call = self.call("add_groups", writes=True)
        reading = call.reading()
        user = self._user(account_id, reading)
        before = self._groups_of(user, reading)
        there = {group.id for group in before}
        add = [each for each in self._wanted(before, groups, reading).values() if each.id not in there]
        return self._changed(user, before, add, [], call, key=key)

    def remove_groups(self, account_id: str, groups: Sequence[str], *, key: str) -> Account:
        call = self.call("remove_groups", writes=True)
        reading = call.reading()
        user = self._user(account_id, reading)
        before = self._groups_of(user, reading)
        names = [name for name in dict.fromkeys(groups) if _called(before, name)]
        leaving = {group.id: group for name in names for group in [self._meant(before, name, reading)]}
        remove = [group for group in before if group.id in leaving]
        return self._changed(user, before, [], remove, call, key=key)

    def _named(self, name: str, call: Call) -> Group | None:
        """The group of this name; one that differs in case only, where none is called exactly so."""
        if not name.strip():
            return None
        where = query.equals(name=name)
        listed = self._pages(
            services.DIRECTORY, "groups", "list", "groups", call, customer=self._customer, query=where
        )
        every = {group.id: group for page in listed for group in [valid(Group, each, call) for each in page]}
        return self._one(_called(every.values(), name), f"groups are called {name!r}", call)

    def _meant(self, before: Collection[Group], name: str, call: Call) -> Group:
        """The one among the account's groups that is called so; another one where that has the exact name."""
        here = _called(before, name)
        if len(here) > 1:
            raise call.error(Conflict, f"{len(here)} groups are called {name!r}")
        if here[0].name == name:
            return here[0]
        return self._named(name, call) or here[0]

    def _wanted(self, before: Collection[Group], names: Iterable[str], call: Call) -> dict[str, Group]:
        found = {}
        for name in dict.fromkeys(names):
            group = next((each for each in before if each.name == name), None) or self._named(name, call)
            if group is None:
                raise call.error(NotFound, f"there is no group {name!r}", status=404)
            found[group.id] = group
        return found

    def _changed(
        self,
        user: User,
        before: Collection[Group],
        add: Sequence[Group],
        remove: Sequence[Group],
        call: Call,
        *,
        key: str,
    ) -> Account:
        for done, (group, joins) in enumerate(
            [(each, True) for each in add] + [(each, False) for each in remove]
        ):
            try:
                self._member(group, user, call, joins=joins, key=key)
            except ConnectorError as error:
                error.maybe_done = error.maybe_done or done > 0
                raise
        with after_write():
            for group in add:
                self._demand(group, user, call, member=True)
            for group in remove:
                self._demand(group, user, call, member=False)
            gone = {group.id for group in remove}
            after = [group.name for group in before if group.id not in gone] + [group.name for group in add]
            return self._as_account(user, call, groups=after)

    def _member(self, group: Group, user: User, call: Call, *, joins: bool, key: str) -> None:
        """Whoever is in it already, or not, as it should be, is left alone."""
        try:
            if joins:
                body = {"email": user.primaryEmail, "role": "MEMBER"}
                self._do(services.DIRECTORY, "members", "insert", call, key=key, groupKey=group.id, body=body)
            else:
                self._do(
                    services.DIRECTORY,
                    "members",
                    "delete",
                    call,
                    key=key,
                    groupKey=group.id,
                    memberKey=user.id,
                )
        except (Conflict, NotFound) as error:
            if isinstance(error, Conflict) is not joins:
                raise

    def _demand(self, group: Group, user: User, call: Call, *, member: bool) -> None:
        def look() -> tuple[bool, bool]:
            there = self._is_member(group, user, call)
            return there, there is member

        if self._settled(look) is not member:
            raise call.nothing_happened(
                f"account {user.primaryEmail} is {'still' if not member else 'not'} in {group.name}"
            )

    def _is_member(self, group: Group, user: User, call: Call) -> bool:
        try:
            found = self._ask(
                services.DIRECTORY, "members", "get", call, groupKey=group.id, memberKey=user.id
            )
        except NotFound:
            return False
        return valid(Member, found, call).id == user.id


def _called(groups: Iterable[Group], name: str) -> list[Group]:
    """Those of exactly this name, or else those whose name differs in case only."""
    found = list(groups)
    exactly = [group for group in found if group.name == name]
    return exactly or [group for group in found if group.name.casefold() == name.casefold()]
