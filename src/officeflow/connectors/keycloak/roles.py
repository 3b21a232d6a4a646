"""Roles of the realm and of its clients."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.families.identity import Entitlement, KeepsRoles
from officeflow.connectors.keycloak.base import RealmClient
from officeflow.connectors.keycloak.realm import path_of, searchable
from officeflow.connectors.keycloak.types import ClientApplication, Group, Mappings, Role
from officeflow.errors import Conflict, NotFound, Rejected

UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class KeepsRolesOfRealm(RealmClient, KeepsRoles):
    """`employee` is a role of the realm, `expenses/approver` one of the client `expenses`."""

    def roles_of(self, account_id: str) -> Sequence[Entitlement]:
        call = self.call("roles_of")
        self._realm.user(account_id, call)
        return self._roles_of(account_id, call)

    def find_role(self, role: str) -> Entitlement | None:
        call = self.call("find_role")
        found = self._role_named(role, call)
        return Entitlement(id=found[0].id, name=found[1]) if found else None

    def assign_role(self, account_id: str, role: str, *, key: str) -> Sequence[Entitlement]:
        call = self.call("assign_role", writes=True)
        return self._change_role(account_id, role, call, key, assign=True)

    def unassign_role(self, account_id: str, role: str, *, key: str) -> Sequence[Entitlement]:
        call = self.call("unassign_role", writes=True)
        return self._change_role(account_id, role, call, key, assign=False)

    def _change_role(
        self, account_id: str, name: str, call: Call, key: str, *, assign: bool
    ) -> Sequence[Entitlement]:
        reading = call.reading()
        self._realm.user(account_id, reading)
        meant = self._role_named(name, reading)
        if meant is None:
            raise call.error(NotFound, f"there is no role {name!r}")
        role = meant[0]
        before = self._roles_of(account_id, reading)
        given = next((each.by_group for each in before if each.id == role.id), None)
        if not assign and given:
            raise call.error(
                Rejected, f"the role {meant[1]} is given by {given}, and not to the account itself"
            )
        if _is_direct(before, role) is assign:
            return before
        kind = ("clients", role.container_id or "") if role.client_role else ("realm",)
        self._realm.send(
            "POST" if assign else "DELETE",
            path_of("users", account_id, "role-mappings", *kind),
            call,
            body=[{"id": role.id, "name": role.name}],
            key=key,
        )
        with after_write():
            after = self._roles_of(account_id, reading)
            if _is_direct(after, role) is not assign:
                raise call.nothing_happened(
                    f"the account has the roles {sorted(each.name for each in after)}"
                )
            return after

    def _roles_of(self, account_id: str, call: Call) -> list[Entitlement]:
        """Its own, those of its groups and of the groups that these are in, and what composite ones give."""
        found: dict[str, Entitlement] = {}
        composite: list[tuple[Role, str]] = []
        for giver, path in [("", path_of("users", account_id)), *self._givers(account_id, call)]:
            mappings = self._realm.read(f"{path}/role-mappings", Mappings, call)
            for role, name in _named_roles(mappings):
                found.setdefault(role.id, Entitlement(id=role.id, name=name, by_group=giver or None))
                composite += [(role, name)] if role.composite else []
        if composite:
            self._add_composites(found, composite, call)
        return sorted(found.values(), key=lambda each: each.name)

    def _givers(self, account_id: str, call: Call) -> Iterator[tuple[str, str]]:
        """Names and paths of groups that give roles to the account."""
        seen: set[str] = set()
        for group in self._groups_of(account_id, call):
            above: Group | None = group
            while above and above.id not in seen:
                seen.add(above.id)
                yield above.called, path_of("groups", above.id)
                parent = above.parent_id
                above = self._realm.read(path_of("groups", parent), Group, call) if parent else None

    def _add_composites(
        self, found: dict[str, Entitlement], composite: list[tuple[Role, str]], call: Call
    ) -> None:
        clients: dict[str, str] = {}
        asked: set[str] = set()
        while composite:
            role, giver = composite.pop()
            if role.id in asked:
                continue
            asked.add(role.id)
            for part in self._realm.read_list(path_of("roles-by-id", role.id, "composites"), Role, call):
                name = self._name_of(part, clients, call)
                found.setdefault(part.id, Entitlement(id=part.id, name=name, by_group=f"role {giver}"))
                composite += [(part, name)] if part.composite else []

    def _name_of(self, role: Role, clients: dict[str, str], call: Call) -> str:
        if not (role.client_role and role.container_id):
            return role.name
        if role.container_id not in clients:
            path = path_of("clients", role.container_id)
            clients[role.container_id] = self._realm.read(path, ClientApplication, call).client_id
        return f"{clients[role.container_id]}/{role.name}"

    def _role_named(self, name: str, call: Call) -> tuple[Role, str] | None:
        """The role and its name. Every slash may be the one between a client and its role, or none may."""
        if UUID.fullmatch(name):
            try:
                role = self._realm.read(path_of("roles-by-id", name), Role, call)
            except NotFound:
                pass
            else:
                return role, self._name_of(role, {}, call)
        found = [(role, role.name) for role in self._roles_in("roles", name, call)]
        for slash in (place for place, sign in enumerate(name) if sign == "/"):
            client_id, role_name = name[:slash], name[slash + 1 :]
            if client_id and role_name:
                for client in self._clients_with_id(client_id, call):
                    roles = self._roles_in(path_of("clients", client.id, "roles"), role_name, call)
                    found += [(role, f"{client.client_id}/{role.name}") for role in roles]
        exactly = [each for each in found if each[1] == name]
        if len(exactly or found) > 1:
            raise call.error(Conflict, f"{len(exactly or found)} roles are called {name!r}")
        return next(iter(exactly or found), None)

    def _roles_in(self, path: str, name: str, call: Call) -> list[Role]:
        """Roles of this name, apart from case, in a list of roles."""
        pages = self._realm.pages(path, Role, call, {"search": searchable(name)})
        return [role for page in pages for role in page if role.name.casefold() == name.casefold()]

    def _clients_with_id(self, client_id: str, call: Call) -> list[ClientApplication]:
        found = self._realm.read_list("clients", ClientApplication, call, params={"clientId": client_id})
        return [client for client in found if client.client_id == client_id]


def _named_roles(mappings: Mappings) -> Iterator[tuple[Role, str]]:
    for role in mappings.realm_mappings:
        yield role, role.name
    for client in mappings.client_mappings.values():
        for role in client.mappings:
            yield role, f"{client.client}/{role.name}"


def _is_direct(roles: Sequence[Entitlement], role: Role) -> bool:
    return any(each.id == role.id and each.by_group is None for each in roles)
