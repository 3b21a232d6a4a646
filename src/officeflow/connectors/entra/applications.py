"""Who may use which application, and with which of its roles.

https://learn.microsoft.com/graph/api/resources/approleassignment
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.entra import batch
from officeflow.connectors.entra.app_roles import Given, given_by, role_of
from officeflow.connectors.entra.base import Tenant
from officeflow.connectors.entra.errors import valid
from officeflow.connectors.entra.graph import Read, quoted, segment
from officeflow.connectors.entra.types import Assignment, Principal
from officeflow.connectors.entra.user import User
from officeflow.connectors.families.identity import AssignsApplications, Entitlement
from officeflow.errors import Conflict, NotFound, Rejected

PRINCIPAL_FIELDS = "id,appId,displayName,accountEnabled,appRoles"


_Right = Callable[[list[Given]], bool]


class Applications(Tenant, AssignsApplications):
    """An application is a service principal; its id is that one's, or the application's (client) id."""

    def applications_of(self, account_id: str) -> Sequence[Entitlement]:
        call = self.call("applications_of")
        return [each.entitlement() for each in self._given(self._user(account_id, call), call)]

    def find_application(self, application: str) -> Entitlement | None:
        found = self._principal(application, self.call("find_application"))
        return None if found is None else Entitlement(id=found.id, name=found.name)

    def assign_application(
        self, account_id: str, application: str, *, role: str | None = None, key: str
    ) -> Sequence[Entitlement]:
        call = self.call("assign_application", writes=True)
        reading = call.reading()
        user = self._user(account_id, reading)
        principal = self._principal(application, reading)
        if principal is None:
            raise call.error(NotFound, f"there is no application {application!r}")
        before = self._given(user, reading)
        held = [each for each in before if each.assignment.resource_id == principal.id]
        if role is None and held:
            return [each.entitlement() for each in before]
        wanted = role_of(principal, role, call)
        if any(each.assignment.app_role_id == wanted for each in held):
            return [each.entitlement() for each in before]
        body = {"principalId": user.id, "resourceId": principal.id, "appRoleId": wanted}
        self.graph.change("POST", f"users/{segment(user.id)}/appRoleAssignments", call, body=body, key=key)

        def right(found: list[Given]) -> bool:
            own = [each.assignment for each in found if each.is_direct]
            return any((each.resource_id, each.app_role_id) == (principal.id, wanted) for each in own)

        return self._after_change(user, right, call)

    def unassign_application(self, account_id: str, application: str, *, key: str) -> Sequence[Entitlement]:
        call = self.call("unassign_application", writes=True)
        reading = call.reading()
        user = self._user(account_id, reading)
        before = self._given(user, reading)
        named = [each for each in before if each.is_of(application)]
        if not named and (principal := self._by_id(application, reading)):
            named = [each for each in before if each.assignment.resource_id == principal.id]
        if len({each.assignment.resource_id for each in named}) > 1:
            raise call.error(Conflict, f"several applications of the account are called {application!r}")
        direct = [each for each in named if each.is_direct]
        if named and not direct:
            group = named[0].entitlement().by_group
            raise call.error(Rejected, f"the application {application!r} comes from the group {group!r}")
        if not direct:
            return [each.entitlement() for each in before]
        paths = [
            f"users/{segment(user.id)}/appRoleAssignments/{segment(each.assignment.id)}" for each in direct
        ]
        self.graph.delete_each(paths, call, key=key)
        gone = {each.assignment.id for each in direct}
        return self._after_change(user, lambda found: not gone & {each.assignment.id for each in found}, call)

    def _after_change(self, user: User, right: _Right, call: Call) -> Sequence[Entitlement]:
        with after_write():
            given = self.graph.settled(lambda: self._given_now(user, call), right)
            told = [each.entitlement() for each in given]
            if not right(given):
                names = sorted(each.name for each in told)
                raise call.nothing_happened(
                    f"account {user.user_principal_name} reads back with the applications {names}"
                )
            return told

    def _given(self, user: User, call: Call) -> list[Given]:
        """The user's own, and those of groups that it is directly in.

        Of those of many groups only the index has all, and that lags; so both are asked.
        """
        path = f"users/{segment(user.id)}/appRoleAssignments"
        reads = [Read(path=path), Read(path=path, advanced=True)]
        listed = [
            valid(Assignment, each, call)
            for read, answer in zip(reads, batch.answers(self.graph, reads, call), strict=True)
            for page in self.graph.pages_from(answer, read, call)
            for each in page
        ]
        return self._with_names(listed, call)

    def _given_now(self, user: User, call: Call) -> list[Given]:
        """What the directory itself says, for what was just written."""
        path = f"users/{segment(user.id)}/appRoleAssignments"
        return self._with_names(self.graph.every(Read(path=path), Assignment, call), call)

    def _with_names(self, listed: Sequence[Assignment], call: Call) -> list[Given]:
        held = list({each.id: each for each in listed}.values())
        resources = self._resources(sorted({each.resource_id for each in held}), call)
        return [given_by(each, resources.get(each.resource_id)) for each in held]

    def _resources(self, ids: Sequence[str], call: Call) -> dict[str, Principal]:
        """Those that are still there."""
        reads = [
            Read(path=f"servicePrincipals/{segment(each)}", params={"$select": PRINCIPAL_FIELDS})
            for each in ids
        ]
        found = {}
        for identifier, answer in zip(ids, batch.answers(self.graph, reads, call), strict=True):
            try:
                found[identifier] = self.graph.model_of(answer, Principal, call)
            except NotFound:
                continue
        return found

    def _principal(self, application: str, call: Call) -> Principal | None:
        """By name, whose case only counts where it tells two apart, or id."""
        found = self._called(application, call)
        exact = [each for each in found if each.display_name == application]
        chosen = exact or found
        if len(chosen) > 1:
            raise call.error(Conflict, f"{len(chosen)} applications are called {application!r}")
        return chosen[0] if chosen else self._by_id(application, call)

    def _called(self, name: str, call: Call, fields: str = PRINCIPAL_FIELDS) -> list[Principal]:
        params = {"$select": fields, "$filter": f"displayName eq {quoted(name)}"}
        listed = self.graph.every(Read(path="servicePrincipals", params=params), Principal, call)
        return [
            each
            for each in {one.id: one for one in listed}.values()
            if (each.display_name or "").casefold() == name.casefold()
        ]

    def _by_id(self, identifier: str, call: Call) -> Principal | None:
        try:
            own = self._id(identifier, "application", call)
        except NotFound:
            return None
        where = f"id eq {quoted(own)}", f"appId eq {quoted(own)}"
        for each in where:
            params = {"$select": PRINCIPAL_FIELDS, "$filter": each}
            found = self.graph.every(Read(path="servicePrincipals", params=params), Principal, call)
            known = [one for one in found if own.casefold() in {one.id.casefold(), one.app_id.casefold()}]
            if known:
                return known[0]
        return None
