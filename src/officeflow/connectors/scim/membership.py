"""Groups that an account is put into and taken out of."""

from __future__ import annotations

from collections.abc import Sequence

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.families import Capability, identity
from officeflow.connectors.families.identity import Account, KeepsGroups
from officeflow.connectors.scim import bulk
from officeflow.connectors.scim.base import ScimClient
from officeflow.connectors.scim.resources import path_of
from officeflow.connectors.scim.types import Group, User, patch_member
from officeflow.errors import ConnectorError, NotFound

Move = tuple[Group, bool]
"""A group, and whether the account joins it rather than leaves."""


class Membership(ScimClient, KeepsGroups):
    def find_groups(self, names: Sequence[str]) -> Sequence[identity.Group]:
        call = self.call("find_groups")
        found = []
        for name in dict.fromkeys(names):
            try:
                group = self._memberships.named(name, call)
            except NotFound:
                continue
            found.append(identity.Group(id=group.id, name=group.displayName))
        return found

    def set_groups(self, account_id: str, groups: Sequence[str], *, key: str) -> Account:
        call = self.call("set_groups", writes=True)
        reading = call.reading()
        user = self._resources.user(account_id, reading).user
        before = self._memberships.of(user, reading)
        changes = self._memberships.changes(before, groups, reading)
        if not changes.add and not changes.remove:
            return self._account(user, before)
        moves = [(group, True) for group in changes.add] + [(group, False) for group in changes.remove]
        self._move(moves, account_id, call, key=key)
        with after_write():
            user, after = self._read_back_groups(account_id, call)
            if {group.id for group in after} != changes.wanted:
                raise _other_groups(call, user, after)
            return self._account(user, after)

    def add_groups(self, account_id: str, groups: Sequence[str], *, key: str) -> Account:
        call = self.call("add_groups", writes=True)
        reading = call.reading()
        user = self._resources.user(account_id, reading).user
        before = self._memberships.of(user, reading)
        named = [*(group.displayName for group in before), *groups]
        joining = {group.id: group for group in self._memberships.changes(before, named, reading).add}
        if not joining:
            return self._account(user, before)
        self._move([(group, True) for group in joining.values()], account_id, call, key=key)
        with after_write():
            user, after = self._read_back_groups(account_id, call)
            if joining.keys() - {group.id for group in after}:
                raise _other_groups(call, user, after)
            return self._account(user, after)

    def remove_groups(self, account_id: str, groups: Sequence[str], *, key: str) -> Account:
        call = self.call("remove_groups", writes=True)
        reading = call.reading()
        user = self._resources.user(account_id, reading).user
        before = self._memberships.of(user, reading)
        leaving = {group.id: group for group in self._memberships.among(before, groups, reading)}
        if not leaving:
            return self._account(user, before)
        self._move([(group, False) for group in leaving.values()], account_id, call, key=key)
        with after_write():
            user, after = self._read_back_groups(account_id, call)
            if leaving.keys() & {group.id for group in after}:
                raise _other_groups(call, user, after)
            return self._account(user, after)

    def _move(self, moves: Sequence[Move], account_id: str, call: Call, *, key: str) -> None:
        """All of them in one request where the server takes that, or one by one."""
        self._discovery.require(Capability.KEEP_GROUPS, call)
        left = self._in_bulk(moves, account_id, call, key=key) if len(moves) > 1 else moves
        done = len(moves) - len(left)
        for group, joins in left:
            try:
                self._writer.change_member(group, account_id, call, key=key, joins=joins)
            except ConnectorError as error:
                error.maybe_done = error.maybe_done or done > 0
                raise
            done += 1

    def _in_bulk(self, moves: Sequence[Move], account_id: str, call: Call, *, key: str) -> Sequence[Move]:
        """Those that are still to be done, as the server does not take them so."""
        how = self._discovery.how(call.reading())
        if how.bulk is None or not how.bulk.supported or not self._writer.patches(call):
            return moves
        operations = [
            bulk.Operation(
                f"/{path_of('Groups', group.id)}", patch_member(account_id, joins=joins, by_value=False)
            )
            for group, joins in moves
        ]
        try:
            answers = bulk.sent(operations, how.bulk, self._resources, call, key=key)
        except ConnectorError as error:
            if error.maybe_done or error.status not in {400, 404, 405, 413, 501}:
                raise
            return moves
        failed = [error for error in answers if error is not None and error.status != 400]
        if failed:
            failed[0].maybe_done = failed[0].maybe_done or len(failed) < len(answers)
            raise failed[0]
        return [move for move, error in zip(moves, answers, strict=True) if error is not None]

    def _read_back_groups(self, account_id: str, call: Call) -> tuple[User, list[Group]]:
        user = self._user_read_back(account_id, call)
        return user, self._memberships.of(user, call)


def _other_groups(call: Call, user: User, groups: Sequence[Group]) -> ConnectorError:
    return call.nothing_happened(
        f"account {user.userName} reads back in the groups {sorted(group.displayName for group in groups)}",
    )
