"""Directory roles: https://learn.microsoft.com/graph/api/resources/unifiedroleassignment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.entra import batch
from officeflow.connectors.entra.base import Tenant
from officeflow.connectors.entra.errors import valid
from officeflow.connectors.entra.graph import Read, quoted, segment
from officeflow.connectors.entra.types import RoleAssignment, RoleDefinition
from officeflow.connectors.entra.user import User
from officeflow.connectors.families.identity import Entitlement, KeepsRoles
from officeflow.errors import Conflict, NotFound, Rejected

ASSIGNMENTS = "roleManagement/directory/roleAssignments"
DEFINITIONS = "roleManagement/directory/roleDefinitions"
WHOLE = "/"
"""The scope of a role that holds in the whole tenant."""


@dataclass(frozen=True, slots=True)
class Held:
    """A role that an account has, and how it has it."""

    assignment: RoleAssignment
    entitlement: Entitlement

    def is_called(self, role: str) -> bool:
        return role.casefold() in {self.entitlement.name.casefold(), self.entitlement.id.casefold()}


_Right = Callable[[list[Held]], bool]


class Roles(Tenant, KeepsRoles):
    """One that holds in a part of the tenant is called by that first: `administrativeUnits/<id>/<role>`."""

    def roles_of(self, account_id: str) -> Sequence[Entitlement]:
        call = self.call("roles_of")
        return [each.entitlement for each in self._held(self._user(account_id, call), call)]

    def find_role(self, role: str) -> Entitlement | None:
        found = self._definition(role, self.call("find_role"))
        return None if found is None else Entitlement(id=found.id, name=found.display_name or found.id)

    def assign_role(self, account_id: str, role: str, *, key: str) -> Sequence[Entitlement]:
        call = self.call("assign_role", writes=True)
        reading = call.reading()
        user = self._user(account_id, reading)
        before = self._held(user, reading)
        if any(each.is_called(role) for each in before):
            return [each.entitlement for each in before]
        known = self._definition(role, reading)
        if known is None:
            raise call.error(NotFound, f"there is no role {role!r}")
        if any(_is_whole(each, known.id) for each in before):
            return [each.entitlement for each in before]
        body = {
            "@odata.type": "#microsoft.graph.unifiedRoleAssignment",
            "principalId": user.id,
            "roleDefinitionId": known.id,
            "directoryScopeId": WHOLE,
        }
        self.graph.change("POST", ASSIGNMENTS, call, body=body, key=key)
        return self._after(
            user, lambda held: any(_is_whole(each, known.id) and _is_direct(each) for each in held), call
        )

    def unassign_role(self, account_id: str, role: str, *, key: str) -> Sequence[Entitlement]:
        call = self.call("unassign_role", writes=True)
        reading = call.reading()
        user = self._user(account_id, reading)
        before = self._held(user, reading)
        named = [each for each in before if each.is_called(role)]
        if len({each.entitlement.id for each in named}) > 1:
            raise call.error(Conflict, f"several roles of the account are called {role!r}")
        direct = [each for each in named if _is_direct(each)]
        if named and not direct:
            raise call.error(
                Rejected, f"the role {role!r} comes from the group {named[0].entitlement.by_group!r}"
            )
        if not direct:
            return [each.entitlement for each in before]
        paths = [f"{ASSIGNMENTS}/{segment(each.assignment.id)}" for each in direct]
        self.graph.delete_each(paths, call, key=key)
        gone = {each.assignment.id for each in direct}
        return self._after(user, lambda held: not gone & {each.assignment.id for each in held}, call)

    def _after(self, user: User, right: _Right, call: Call) -> Sequence[Entitlement]:
        with after_write():
            held = self.graph.settled(lambda: self._held(user, call), right)
            if not right(held):
                names = sorted(each.entitlement.name for each in held)
                raise call.nothing_happened(
                    f"account {user.user_principal_name} reads back with the roles {names}"
                )
            return [each.entitlement for each in held]

    def _held(self, user: User, call: Call) -> list[Held]:
        """The user's own, and those of its groups that roles are assigned to."""
        groups = {
            group.id: group.name for group in self._groups_of(user, call) if group.is_assignable_to_role
        }
        principals = {user.id: None, **groups}
        reads = [
            Read(path=DEFINITIONS, params={"$select": "id,displayName"}),
            *(
                Read(path=ASSIGNMENTS, params={"$filter": f"principalId eq {quoted(each)}"})
                for each in principals
            ),
        ]
        answers = batch.answers(self.graph, reads, call)
        lists = [
            [each for page in self.graph.pages_from(answer, read, call) for each in page]
            for read, answer in zip(reads, answers, strict=True)
        ]
        known = {each.id: each for each in (valid(RoleDefinition, item, call) for item in lists[0])}
        held = [valid(RoleAssignment, item, call) for items in lists[1:] for item in items]
        return [
            Held(each, _entitlement(each, known, principals[each.principal_id]))
            for each in {one.id: one for one in held}.values()
            if each.principal_id in principals
        ]

    def _definition(self, role: str, call: Call) -> RoleDefinition | None:
        read = Read(path=DEFINITIONS, params={"$select": "id,displayName"})
        listed = {each.id: each for each in self.graph.every(read, RoleDefinition, call)}
        wanted = role.casefold()
        if by_id := next((each for each in listed.values() if each.id.casefold() == wanted), None):
            return by_id
        found = [each for each in listed.values() if (each.display_name or "").casefold() == wanted]
        if len(found) > 1:
            raise call.error(Conflict, f"{len(found)} roles are called {role!r}")
        return found[0] if found else None


def _entitlement(
    assignment: RoleAssignment, known: Mapping[str, RoleDefinition], group: str | None
) -> Entitlement:
    identifier = assignment.role_definition_id
    definition = known.get(identifier)
    name = (definition.display_name if definition else None) or identifier
    scope = (assignment.directory_scope_id or WHOLE).strip("/")
    if scope:
        return Entitlement(id=f"{scope}/{identifier}", name=f"{scope}/{name}", by_group=group)
    return Entitlement(id=identifier, name=name, by_group=group)


def _is_whole(held: Held, definition: str) -> bool:
    scope = held.assignment.directory_scope_id or WHOLE
    return held.assignment.role_definition_id == definition and scope == WHOLE


def _is_direct(held: Held) -> bool:
    return held.entitlement.by_group is None
