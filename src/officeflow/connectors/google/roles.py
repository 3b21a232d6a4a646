"""Administrators' roles. One within a unit is called by the unit's path and its name: `/Staff/Help desk`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.families.identity import Entitlement, KeepsRoles
from officeflow.connectors.google import services
from officeflow.connectors.google.types import Role, RoleAssignment, Unit, User, valid
from officeflow.connectors.google.workspace import Workspace
from officeflow.errors import Conflict, NotFound, Rejected


class Roles(Workspace, KeepsRoles):
    def roles_of(self, account_id: str) -> Sequence[Entitlement]:
        call = self.call("roles_of")
        return self._told_roles(self._user(account_id, call), call)

    def find_role(self, role: str) -> Entitlement | None:
        call = self.call("find_role")
        found, unit = self._named_role(role, call)
        return None if found is None else Entitlement(id=found.roleId, name=_name(found.roleName, unit))

    def assign_role(self, account_id: str, role: str, *, key: str) -> Sequence[Entitlement]:
        call = self.call("assign_role", writes=True)
        reading = call.reading()
        user = self._user(account_id, reading)
        wanted, unit = self._demanded(role, reading)
        if any(
            _is(each, wanted, unit) and each.assignedTo == user.id for each in self._assigned(user, reading)
        ):
            return self._told_roles(user, reading)
        body = {"roleId": wanted.roleId, "assignedTo": user.id, "scopeType": "CUSTOMER"}
        if unit is not None:
            body |= {"scopeType": "ORG_UNIT", "orgUnitId": unit.orgUnitId.removeprefix("id:")}
        try:
            answer = self._ask(
                services.DIRECTORY,
                "roleAssignments",
                "insert",
                call,
                key=key,
                customer=self._customer,
                body=body,
            )
        except Conflict:
            return self._told_roles(user, reading)
        with after_write():
            made = valid(RoleAssignment, answer, call).roleAssignmentId

            def look() -> tuple[RoleAssignment | None, bool]:
                found = self._assignment(made, call)
                return found, found is not None

            found = self._settled(look)
            if found is None or not (_is(found, wanted, unit) and found.assignedTo == user.id):
                raise call.nothing_happened(f"account {user.primaryEmail} has not the role {role}")
            told = self._told_roles(user, call)
            mine = Entitlement(id=wanted.roleId, name=_name(wanted.roleName, unit))
            return told if mine in told else [*told, mine]

    def unassign_role(self, account_id: str, role: str, *, key: str) -> Sequence[Entitlement]:
        call = self.call("unassign_role", writes=True)
        reading = call.reading()
        user = self._user(account_id, reading)
        wanted, unit = self._demanded(role, reading)
        having = [each for each in self._assigned(user, reading) if _is(each, wanted, unit)]
        own = [each for each in having if each.assignedTo == user.id]
        if having and not own:
            by = self._group_name(having[0].assignedTo, reading)
            raise call.error(Rejected, f"the role {role} comes from the group {by}")
        for each in own:
            self._drop(each, call, key=key)
        with after_write():
            gone = {each.roleAssignmentId for each in own}
            for each in own:

                def look(asked: RoleAssignment = each) -> tuple[bool, bool]:
                    there = self._assignment(asked.roleAssignmentId, call) is not None
                    return there, not there

                if self._settled(look):
                    raise call.nothing_happened(f"account {user.primaryEmail} still has the role {role}")
            return self._told_roles(user, call, without=gone)

    def _drop(self, assignment: RoleAssignment, call: Call, *, key: str) -> None:
        try:
            self._do(
                services.DIRECTORY,
                "roleAssignments",
                "delete",
                call,
                key=key,
                customer=self._customer,
                roleAssignmentId=assignment.roleAssignmentId,
            )
        except NotFound:
            return

    def _told_roles(self, user: User, call: Call, *, without: set[str] | None = None) -> list[Entitlement]:
        names = {role.roleId: role.roleName for role in self._roles(call)}
        units: dict[str, Unit | None] = {}
        found = []
        for each in self._assigned(user, call):
            if each.roleAssignmentId in (without or ()):
                continue
            if each.orgUnitId and each.orgUnitId not in units:
                units[each.orgUnitId] = self._unit(f"id:{each.orgUnitId.removeprefix('id:')}", call)
            unit = units.get(each.orgUnitId) if each.orgUnitId else None
            by = None if each.assignedTo == user.id else self._group_name(each.assignedTo, call)
            name = _name(names.get(each.roleId, each.roleId), unit)
            found.append(Entitlement(id=each.roleId, name=name, by_group=by))
        return found

    def _assigned(self, user: User, call: Call) -> list[RoleAssignment]:
        """Those of the account and of the groups that it is in."""
        listed = self._pages(
            services.DIRECTORY,
            "roleAssignments",
            "list",
            "items",
            call,
            customer=self._customer,
            userKey=user.id,
            includeIndirectRoleAssignments=True,
        )
        found = [valid(RoleAssignment, each, call) for page in listed for each in page]
        return list({each.roleAssignmentId: each for each in found}.values())

    def _assignment(self, assignment_id: str, call: Call) -> RoleAssignment | None:
        try:
            found = self._ask(
                services.DIRECTORY,
                "roleAssignments",
                "get",
                call,
                customer=self._customer,
                roleAssignmentId=assignment_id,
            )
        except NotFound:
            return None
        return valid(RoleAssignment, found, call)

    def _roles(self, call: Call) -> Iterator[Role]:
        for page in self._pages(services.DIRECTORY, "roles", "list", "items", call, customer=self._customer):
            for each in page:
                yield valid(Role, each, call)

    def _named_role(self, text: str, call: Call) -> tuple[Role | None, Unit | None]:
        """By id or name, within a unit where it says one."""
        every = {role.roleId: role for role in self._roles(call)}
        path, slash, name = text.rpartition("/") if text.startswith("/") else ("", "", text)
        for wanted, unit_path in ((text, ""), (name, path if slash else "")):
            named = [each for each in every.values() if each.roleName == wanted]
            named = named or [e for e in every.values() if e.roleName.casefold() == wanted.casefold()]
            found = every.get(wanted) or self._one(named, f"roles are called {wanted!r}", call)
            if found is not None and not unit_path:
                return found, None
            if found is not None and (unit := self._unit(unit_path, call)) is not None:
                return found, unit
        return None, None

    def _demanded(self, text: str, call: Call) -> tuple[Role, Unit | None]:
        found, unit = self._named_role(text, call)
        if found is None:
            raise call.error(NotFound, f"there is no role {text!r}", status=404)
        return found, unit

    def _group_name(self, group_id: str, call: Call) -> str:
        found = self._group(group_id, call)
        return found.name if found else group_id


def _name(role: str, unit: Unit | None) -> str:
    return f"{unit.orgUnitPath.rstrip('/')}/{role}" if unit else role


def _is(assignment: RoleAssignment, role: Role, unit: Unit | None) -> bool:
    there = (assignment.orgUnitId or "").removeprefix("id:")
    return assignment.roleId == role.roleId and there == (unit.orgUnitId.removeprefix("id:") if unit else "")
