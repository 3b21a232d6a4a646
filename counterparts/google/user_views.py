"""Users as the API shows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from counterparts.google import holdings, ids, roles, units
from counterparts.google.people import TEST_DOMAIN
from counterparts.vendors.store import Document, Store

Json = dict[str, Any]
PUBLIC = frozenset(
    {
        "kind", "id", "etag", "primaryEmail", "name", "emails", "aliases", "addresses", "externalIds", "ims",
        "locations", "organizations", "phones", "relations", "thumbnailPhotoUrl", "customerId", "languages",
        "websites", "keywords", "gender", "notes",
    }
)  # fmt: skip
"""What is seen with `viewType=domain_public`."""


class Views:
    """`projection` is `basic` (no custom fields), `custom` (those of the schemas in `custom`) or `full`."""

    def __init__(
        self, store: Store, *, projection: str = "full", custom: Iterable[str] = (), public: bool = False
    ) -> None:
        self._store = store
        self._custom = {"basic": frozenset(), "custom": frozenset(custom)}.get(projection)
        self._public = public
        self._customer: Document = store.get("customer", "customer") or {}
        assigned = [(each["assignedTo"], each["roleId"]) for each in store.all(holdings.ROLE_ASSIGNMENTS)]
        self._admins = {who for who, role in assigned if role == roles.SUPER_ADMIN}
        self._delegated = {who for who, role in assigned if role != roles.SUPER_ADMIN}
        self._paths: dict[str, str] = {}

    def facts(self, user: Document) -> Json:
        """The document, with what is known of the user from elsewhere."""
        return {
            **user,
            "isAdmin": user["id"] in self._admins,
            "isDelegatedAdmin": user["id"] in self._delegated,
            "orgUnitPath": self._path(user["orgUnitId"]),
        }

    def of(self, user: Document, *, tagged: bool = True) -> Json:
        """All that may be seen of the user; `etag` only where it is `tagged`."""
        facts = self.facts(user).items()
        shown: Json = {
            "kind": "admin#directory#user",
            **{name: value for name, value in facts if name not in {"orgUnitId", "customSchemas"}},
            "name": self._name(user["name"]),
            "isEnforcedIn2Sv": False,
            "customerId": self._customer["id"],
            "emails": self._emails(user),
            "nonEditableAliases": [self._test_address(user["primaryEmail"])],
        }
        if custom := self._custom_schemas(user.get("customSchemas", {})):
            shown["customSchemas"] = custom
        if not user["aliases"]:
            shown.pop("aliases")
        if self._public:
            shown = {name: value for name, value in shown.items() if name in PUBLIC}
        return {**shown, "etag": ids.etag(shown)} if tagged else shown

    def _path(self, identity: str) -> str:
        if identity not in self._paths:
            self._paths[identity] = units.path(self._store, identity)
        return self._paths[identity]

    def _custom_schemas(self, values: Mapping[str, Any]) -> Json:
        if self._custom is None:
            return dict(values)
        return {name: value for name, value in values.items() if name in self._custom}

    def _emails(self, user: Document) -> list[Json]:
        own = [{"address": user["primaryEmail"], "primary": True}]
        own += [{"address": alias} for alias in user["aliases"]]
        return [*own, *user.get("emails", ()), {"address": self._test_address(user["primaryEmail"])}]

    def _test_address(self, address: str) -> str:
        return f"{address.partition('@')[0]}@{self._customer['customerDomain']}{TEST_DOMAIN}"

    @staticmethod
    def _name(name: Mapping[str, Any]) -> Json:
        return {**name, "fullName": f"{name['givenName']} {name['familyName']}"}
