"""Licences: https://learn.microsoft.com/graph/api/user-assignlicense."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.entra import batch
from officeflow.connectors.entra.base import Tenant
from officeflow.connectors.entra.graph import Read, segment
from officeflow.connectors.entra.types import Group, Sku
from officeflow.connectors.entra.user import LicenceState, User
from officeflow.connectors.families.identity import Entitlement, KeepsLicences, Seats
from officeflow.errors import Conflict, NotFound, Rejected, Unauthorized

STATES = "licenseAssignmentStates"
IN_FORCE = frozenset({"Active", "ActiveWithError"})

_Wrong = Callable[[User], str]


class Licences(Tenant, KeepsLicences):
    def licences_of(self, account_id: str) -> Sequence[Entitlement]:
        call = self.call("licences_of")
        return self._licences(self._user(account_id, call, STATES), self._skus(call), call)

    def find_licence(self, licence: str) -> Seats | None:
        call = self.call("find_licence")
        found = _named(licence, self._skus(call), call)
        return None if found is None else _seats(found)

    def assign_licence(self, account_id: str, licence: str, *, key: str) -> Sequence[Entitlement]:
        """One that a group gives is not assigned a second time."""
        call = self.call("assign_licence", writes=True)
        reading = call.reading()
        user = self._user(account_id, reading, STATES)
        skus = self._skus(reading)
        sku = self._known(licence, skus, call)
        if any(each.sku_id == sku.sku_id for each in _in_force(user)):
            return self._licences(user, skus, reading)
        if not user.get("usageLocation"):
            raise call.error(
                Rejected,
                f"account {user.user_principal_name} has no usageLocation, and a licence needs it first",
                hint="set the attribute usageLocation to a country's two letters, such as DE",
            )
        if _seats(sku).free == 0:
            raise call.error(Rejected, f"there is no {sku.name} left")
        body = {"addLicenses": [{"skuId": sku.sku_id, "disabledPlans": []}], "removeLicenses": []}
        self.graph.change("POST", f"users/{segment(user.id)}/assignLicense", call, body=body, key=key)
        return self._after_licence(
            user, skus, lambda found: "" if _direct(found, sku.sku_id) else f"it has no {sku.name}", call
        )

    def unassign_licence(self, account_id: str, licence: str, *, key: str) -> Sequence[Entitlement]:
        call = self.call("unassign_licence", writes=True)
        reading = call.reading()
        user = self._user(account_id, reading, STATES)
        skus = self._skus(reading)
        sku = self._known(licence, skus, call)
        held = self._licences(user, skus, reading)
        if not _assigned(user, sku.sku_id):
            group = next((each.by_group for each in held if each.id == sku.sku_id and each.by_group), None)
            if group is not None:
                raise call.error(Rejected, f"the licence {sku.name} comes from the group {group!r}")
            return held
        body = {"addLicenses": [], "removeLicenses": [sku.sku_id]}
        self.graph.change("POST", f"users/{segment(user.id)}/assignLicense", call, body=body, key=key)
        return self._after_licence(
            user, skus, lambda found: f"it still has {sku.name}" if _assigned(found, sku.sku_id) else "", call
        )

    def _after_licence(
        self, user: User, skus: Sequence[Sku], wrong: _Wrong, call: Call
    ) -> Sequence[Entitlement]:
        with after_write():
            return self._licences(self._settled(user.id, wrong, call, STATES), skus, call)

    def _known(self, licence: str, skus: Sequence[Sku], call: Call) -> Sku:
        found = _named(licence, skus, call)
        if found is None:
            raise call.error(NotFound, f"there is no licence {licence!r}")
        return found

    def _skus(self, call: Call) -> list[Sku]:
        listed = self.graph.every(Read(path="subscribedSkus"), Sku, call)
        return list({each.sku_id: each for each in listed}.values())

    def _licences(self, user: User, skus: Sequence[Sku], call: Call) -> list[Entitlement]:
        states = _in_force(user)
        names = {each.sku_id: each.name for each in skus}
        groups = self._group_names(sorted({e.assigned_by_group for e in states if e.assigned_by_group}), call)
        return [
            Entitlement(
                id=each.sku_id,
                name=names.get(each.sku_id, each.sku_id),
                by_group=groups[each.assigned_by_group] if each.assigned_by_group else None,
            )
            for each in states
        ]

    def _group_names(self, ids: Sequence[str], call: Call) -> Mapping[str, str]:
        """A group that is gone, or not for us to see, keeps its id."""
        reads = [Read(path=f"groups/{segment(each)}", params={"$select": "id,displayName"}) for each in ids]
        found = {}
        for identifier, answer in zip(ids, batch.answers(self.graph, reads, call), strict=True):
            try:
                found[identifier] = self.graph.model_of(answer, Group, call).name
            except (NotFound, Unauthorized):
                found[identifier] = identifier
        return found


def _in_force(user: User) -> list[LicenceState]:
    """Those that the account has, each once for each of its sources."""
    states = [each for each in user.license_assignment_states or () if each.state in IN_FORCE]
    return list({(each.sku_id, each.assigned_by_group): each for each in states}.values())


def _direct(user: User, sku_id: str) -> bool:
    return any(each.sku_id == sku_id and not each.assigned_by_group for each in _in_force(user))


def _assigned(user: User, sku_id: str) -> bool:
    """Whether it is assigned to the account itself, in force or not."""
    states = user.license_assignment_states or ()
    return any(each.sku_id == sku_id and not each.assigned_by_group for each in states)


def _named(licence: str, skus: Sequence[Sku], call: Call) -> Sku | None:
    wanted = licence.casefold()
    found = [
        each for each in skus if wanted in {each.sku_id.casefold(), (each.sku_part_number or "").casefold()}
    ]
    if len(found) > 1:
        raise call.error(Conflict, f"{len(found)} licences are called {licence!r}")
    return found[0] if found else None


def _seats(sku: Sku) -> Seats:
    """Units in their time of grace (`warning`) can be used still."""
    units = sku.prepaid_units
    total = None if units is None or units.enabled is None else units.enabled + (units.warning or 0)
    return Seats(licence=Entitlement(id=sku.sku_id, name=sku.name), total=total, used=sku.consumed_units)
