"""What tests do to the organization beside Okta's interface: `POST /__control/<the method's name>`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from counterparts.okta import groups, log, membership, roles
from counterparts.okta.access import CLIENTS, PERMITS, add_api_token
from counterparts.okta.leaving import GRANT, REFRESH_TOKEN, SESSION
from counterparts.okta.people import KIND, password_is
from counterparts.okta.schema import KIND as SCHEMA
from counterparts.okta.schema import KINDS, custom
from counterparts.okta.seeds import ADMINISTRATOR, put_user
from counterparts.okta.vendor import Okta
from counterparts.vendors.clock import Clock
from counterparts.vendors.store import Document, Store

SIGNS_IN = frozenset({"ACTIVE", "PASSWORD_EXPIRED"})
Control = Callable[[Any, Store], Any]


class Controls:
    """Each method is one; its docstring begins with the body that it takes."""

    def __init__(self, okta: Okta, clock: Clock) -> None:
        self._okta = okta
        self._clock = clock

    def by_name(self) -> Mapping[str, Control]:
        return {
            "api_token": self.api_token,
            "client": self.client,
            "sign_in": self.sign_in,
            "lock": self.lock,
            "people": self.people,
            "group": self.group,
            "member": self.member,
            "custom_role": self.custom_role,
            "resource_set": self.resource_set,
            "attribute": self.attribute,
            "rate_limit": self.rate_limit,
        }

    @staticmethod
    def api_token(body: Any, store: Store) -> None:
        """{"token", "role"}: an SSWS token of an administrator with this role."""
        if body["role"] not in PERMITS:
            raise ValueError(f"role is one of {', '.join(PERMITS)}")
        add_api_token(store, body["token"], body["role"], _user(store, ADMINISTRATOR)["id"])

    @staticmethod
    def client(body: Any, store: Store) -> None:
        """{"client_id", "keys" (PEM or JWK), "scopes", "roles", "audiences"}: a service app. The audiences
        are right besides the token endpoint's own address, as those of a custom domain are.
        """
        names = ("keys", "scopes", "roles")
        known = {**{name: list(body[name]) for name in names}, "audiences": body.get("audiences", [])}
        store.put(CLIENTS, body["client_id"], known)

    def sign_in(self, body: Any, store: Store) -> Any:
        """{"login", "password"}: whether the user is let in; who is, has a session and a token of an app."""
        user = _user(store, body["login"])
        right = "password" not in body or password_is(store, user, body["password"])
        if not right or user["status"] not in SIGNS_IN:
            return {"signed_in": False, "status": user["status"]}
        for kind, prefix in ((SESSION, "102"), (REFRESH_TOKEN, "oar"), (GRANT, "oag")):
            identity = log.new_id(prefix)
            document = {"id": identity, "userId": user["id"], "created": self._clock.text()}
            if kind != SESSION:
                document |= {"clientId": body.get("client_id", "0oa1mail"), "scopeId": "openid"}
            store.put(kind, identity, document)
        store.change(KIND, user["id"], lastLogin=self._clock.text())
        return {"signed_in": True, "status": user["status"]}

    def lock(self, body: Any, store: Store) -> None:
        """{"login"}: as after too many wrong passwords."""
        identity = _user(store, body["login"])["id"]
        store.change(KIND, identity, status="LOCKED_OUT", statusChanged=self._clock.text())

    def people(self, body: Any, store: Store) -> None:
        """{"count", "group" (a name)}: that many active users, in the group if one is named."""
        named = [each for each in store.all(membership.GROUP) if each["profile"]["name"] == body.get("group")]
        for number in range(int(body["count"])):
            user = put_user(store, self._clock.text(), f"person{number:05}@example.com", "ACTIVE")
            for group in named:
                membership.put(store, group["id"], user["id"], manual=True)

    def group(self, body: Any, store: Store) -> Document:
        """{"name", "type"}: a group of an application's (`APP_GROUP`), for example."""
        return groups.put(store, self._clock.text(), {"name": body["name"]}, body.get("type", "APP_GROUP"))

    @staticmethod
    def member(body: Any, store: Store) -> None:
        """{"group" (an id), "login"}: in a group that the interface lets nobody into, for example."""
        membership.put(store, body["group"], _user(store, body["login"])["id"], manual=True)

    def custom_role(self, body: Any, store: Store) -> Document:
        """{"label"}: a role of the organization's own."""
        return roles.put_labelled(store, self._clock.text(), roles.CUSTOM_ROLE, body["label"])

    def resource_set(self, body: Any, store: Store) -> Document:
        """{"label"}: what such a role reaches."""
        return roles.put_labelled(store, self._clock.text(), roles.RESOURCE_SET, body["label"])

    @staticmethod
    def attribute(body: Any, store: Store) -> None:
        """{"name", "type"}: an attribute of the organization's own."""
        if body["type"] not in KINDS:
            raise ValueError(f"type is one of {', '.join(KINDS)}")
        store.put(SCHEMA, "default", {"custom": {**custom(store), body["name"]: body["type"]}})

    def rate_limit(self, body: Any, store: Store) -> None:
        """{"limit"}: requests for each route and minute."""
        del store
        self._okta.set_limit(int(body["limit"]))


def _user(store: Store, login: str) -> Document:
    for user in store.all(KIND):
        if user["profile"]["login"].casefold() == login.casefold():
            return user
    raise ValueError("there is no user with this login")
