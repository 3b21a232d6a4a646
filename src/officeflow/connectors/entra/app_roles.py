"""What assignments of an application's roles say, and which role a name means."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from officeflow.connectors.call import Call
from officeflow.connectors.entra.types import AppRole, Assignment, Principal
from officeflow.connectors.families.identity import Entitlement
from officeflow.errors import Conflict, NotFound, Rejected

NO_ROLE = str(uuid.UUID(int=0))
"""The default access to an application that has no roles of its own."""


@dataclass(frozen=True, slots=True)
class Given:
    assignment: Assignment
    application: str
    role: str
    """Empty for the default access."""

    @property
    def is_direct(self) -> bool:
        return self.assignment.principal_type != "Group"

    def entitlement(self) -> Entitlement:
        name = f"{self.application}/{self.role}" if self.role else self.application
        group = None if self.is_direct else self.assignment.principal_display_name
        by_group = group if self.is_direct else group or self.assignment.principal_id
        return Entitlement(id=self.assignment.id, name=name, by_group=by_group)

    def is_of(self, application: str) -> bool:
        """The application, by its name or id, or the one assignment, by its own."""
        told = self.entitlement()
        known = (self.application, self.assignment.resource_id, told.name, told.id)
        return application.casefold() in {each.casefold() for each in known}


def given_by(assignment: Assignment, principal: Principal | None) -> Given:
    name = (principal.name if principal else assignment.resource_display_name) or assignment.resource_id
    if assignment.app_role_id == NO_ROLE:
        return Given(assignment, name, "")
    roles: Sequence[AppRole] = principal.app_roles if principal else ()
    known = next((role for role in roles if role.id == assignment.app_role_id), None)
    return Given(assignment, name, known.name if known else assignment.app_role_id)


def role_of(principal: Principal, role: str | None, call: Call) -> str:
    """The id of the application's own role that is meant."""
    roles = [each for each in principal.app_roles if each.for_people]
    names = ", ".join(sorted(each.name for each in roles)) or "none"
    if role is not None:
        found = [each for each in roles if each.is_called(role)]
        if not found:
            raise call.error(
                NotFound, f"the application {principal.name!r} has no role {role!r}: it has {names}"
            )
        if len(found) > 1:
            raise call.error(Conflict, f"{len(found)} roles of {principal.name!r} are called {role!r}")
        return found[0].id
    if len(roles) > 1:
        raise call.error(
            Rejected, f"the application {principal.name!r} has several roles: {names}", hint="name one"
        )
    return roles[0].id if roles else NO_ROLE
