"""One server: its routes, and how it answers by its behaviour."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from counterparts.scim_odd import discovery
from counterparts.scim_odd.dialects import Behaviour
from counterparts.scim_odd.resources import EXTENSION, GROUP, USER, Refused, matches, patched

PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
GROUPS = ("Staff", "Engineering", "Sales", "Board")
Resource = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    method: str
    path: tuple[str, ...]
    query: dict[str, str]
    body: Any
    if_match: str | None


@dataclass(slots=True)
class Answer:
    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


class Server:
    """`base` is where it is reached."""

    def __init__(self, behaviour: Behaviour, base: str) -> None:
        self.behaviour = behaviour
        self._base = base
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        self.kept: dict[str, dict[str, Resource]] = {"Users": {}, "Groups": {}}
        self.passwords: dict[str, str] = {}
        self._number = 1000
        self._paused = False
        for name in GROUPS if self.behaviour.groups else ():
            self._keep("Groups", {"schemas": [GROUP], "displayName": name, "members": []})

    def answer(self, asked: Asked) -> Answer:
        """`Refused` where the server does not do it."""
        with self._lock:
            return self._route(asked)

    def _route(self, asked: Asked) -> Answer:
        match asked.path:
            case ("ServiceProviderConfig" | "ResourceTypes" | "Schemas" as name,) if asked.method == "GET":
                return self._told(name)
            case ("Bulk",) if asked.method == "POST" and self.behaviour.bulk:
                return self._bulk(asked.body)
            case (endpoint,) if endpoint in self._endpoints():
                act = {"GET": self._list, "POST": self._create}.get(asked.method)
            case (endpoint, _) if endpoint in self._endpoints():
                act = {
                    "GET": self._get,
                    "PATCH": self._patch,
                    "PUT": self._replace,
                    "DELETE": self._delete,
                }.get(asked.method)
            case _:
                raise Refused(404, "", "there is nothing here")
        if act is None:
            raise Refused(405, "", f"no {asked.method} here")
        done: Callable[[Asked], Answer] = act
        return done(asked)

    def _endpoints(self) -> set[str]:
        return {"Users", "Groups"} if self.behaviour.groups else {"Users"}

    def _told(self, name: str) -> Answer:
        if not self.behaviour.tells:
            raise Refused(404, "", "there is nothing here")
        if name == "ServiceProviderConfig":
            return Answer(200, discovery.configuration(self.behaviour))
        found = {"ResourceTypes": discovery.resource_types, "Schemas": discovery.schemas}[name](
            self.behaviour
        )
        return Answer(200, {"totalResults": len(found), "Resources": found})

    def _list(self, asked: Asked) -> Answer:
        text = asked.query.get("filter")
        if text is not None and not self.behaviour.filters:
            raise Refused(400, "invalidFilter", "there are no filters")
        there = [each for each in self.kept[asked.path[0]].values() if text is None or matches(each, text)]
        size = min(int(asked.query.get("count", "100")), self.behaviour.pages)
        if self.behaviour.cursor and "cursor" in asked.query:
            return self._cursor_page(there, asked.query["cursor"], size)
        start = int(asked.query.get("startIndex", "1"))
        page = there[start - 1 : start - 1 + size]
        if self.behaviour.pauses and start > 1 and not self._paused:
            self._paused, page = True, []
        shown = [self._shown(each) for each in page]
        return Answer(200, {"totalResults": len(there), "startIndex": start, "Resources": shown})

    def _cursor_page(self, there: list[Resource], cursor: str, size: int) -> Answer:
        """The page after the first is empty, and names one more."""
        if cursor == "empty":
            return Answer(200, {"Resources": [], "nextCursor": str(size)})
        start = int(cursor or "0")
        body: Resource = {"Resources": [self._shown(each) for each in there[start : start + size]]}
        if start + size < len(there):
            body["nextCursor"] = str(start + size) if start else "empty"
        return Answer(200, body)

    def _create(self, asked: Asked) -> Answer:
        body = self._checked(asked.body)
        login = str(body.get("userName", "")).casefold()
        if any(each.get("userName", "").casefold() == login for each in self.kept["Users"].values()):
            raise Refused(409, "uniqueness", "the userName is taken")
        created = self._keep(asked.path[0], body)
        location = f"{self._base}/{asked.path[0]}/{created['id']}"
        return Answer(201, self._shown(created), {"Location": location, **self._version(created)})

    def _get(self, asked: Asked) -> Answer:
        found = self._found(asked)
        return Answer(200, self._shown(found), self._version(found))

    def _patch(self, asked: Asked) -> Answer:
        if self.behaviour.patch == "none":
            raise Refused(405, "", "there is no PATCH")
        found = self._found(asked)
        self._same_version(found, asked)
        if self.behaviour.patch != "ignored":
            self._apply(asked.path[0], found, asked.body)
        return Answer(204)

    def _apply(self, endpoint: str, found: Resource, body: Any) -> None:
        if not isinstance(body, dict) or body.get("schemas") != [PATCH_OP]:
            raise Refused(400, "invalidSyntax", "that is no PatchOp")
        if found.get("displayName") in self.behaviour.locked and endpoint == "Groups":
            raise Refused(403, "", "nobody may change this group")
        known = discovery.known_attributes(self.behaviour)
        changed = patched(found, body, known, pathless=self.behaviour.patch == "pathless")
        self._keep(endpoint, self._checked(changed), found["id"])

    def _replace(self, asked: Asked) -> Answer:
        found = self._found(asked)
        self._same_version(found, asked)
        if self.behaviour.versions and asked.if_match is None:
            raise Refused(428, "", "say which version you replace")
        kept = self._keep(asked.path[0], self._checked(asked.body), found["id"])
        return Answer(200, self._shown(kept), self._version(kept))

    def _delete(self, asked: Asked) -> Answer:
        found = self._found(asked)
        self._same_version(found, asked)
        del self.kept[asked.path[0]][found["id"]]
        return Answer(204)

    def _bulk(self, body: Any) -> Answer:
        operations = body.get("Operations", []) if isinstance(body, dict) else []
        if not operations or body.get("schemas") != [BULK] or len(operations) > self.behaviour.bulk:
            raise Refused(413 if operations else 400, "tooMany", f"at most {self.behaviour.bulk} operations")
        results = []
        for operation in operations:
            path = tuple(unquote(part) for part in operation["path"].strip("/").split("/"))
            try:
                done = self._route(Asked(operation["method"], path, {}, operation["data"], None))
                results.append({"method": operation["method"], "status": str(done.status)})
            except Refused as error:
                told = {"detail": error.detail, "scimType": error.scim_type, "status": str(error.status)}
                results.append({"method": operation["method"], "status": str(error.status), "response": told})
        return Answer(200, {"Operations": results})

    def _found(self, asked: Asked) -> Resource:
        found = self.kept[asked.path[0]].get(asked.path[1])
        if found is None:
            raise Refused(404, "", f"there is no {asked.path[1]}")
        return found

    def _same_version(self, found: Resource, asked: Asked) -> None:
        if asked.if_match is not None and asked.if_match != found["meta"]["version"]:
            raise Refused(412, "", "it has changed")

    def _version(self, found: Resource) -> dict[str, str]:
        return {"ETag": found["meta"]["version"]} if self.behaviour.versions else {}

    def _checked(self, body: Any) -> Resource:
        """What is to be kept: attributes of the schema alone, in the kinds that the server takes."""
        if not isinstance(body, dict) or not body.get("schemas"):
            raise Refused(400, "invalidSyntax", "there are no schemas")
        known = discovery.known_attributes(self.behaviour)
        if unknown := sorted(name for name in body if name not in known):
            raise Refused(400, "invalidSyntax", f"there is no {unknown[0]}")
        if USER in body["schemas"] and not body.get("userName"):
            raise Refused(400, "invalidValue", "there is no userName")
        manager = body.get(EXTENSION, {}).get("manager")
        if manager is not None and isinstance(manager, str) is not self.behaviour.as_text:
            raise Refused(400, "invalidValue", "that is no manager")
        active = body.get("active")
        if active is not None and isinstance(active, str) is not self.behaviour.as_text and "id" in body:
            raise Refused(400, "invalidValue", "that is no value of active")
        return body

    def _keep(self, endpoint: str, body: Resource, known: str = "") -> Resource:
        self._number += 1
        identity = known or str(self._number)
        if password := body.pop("password", None):
            self.passwords[identity] = password
        version = f'W/"{uuid.uuid4().hex}"'
        meta = {"resourceType": endpoint[:-1], "version": version} if self.behaviour.versions else {}
        body.pop("groups", None)
        if self.behaviour.as_text and isinstance(body.get("active"), bool):
            body["active"] = str(body["active"])
        self.kept[endpoint][identity] = {**body, "id": identity, "meta": meta}
        return self.kept[endpoint][identity]

    def _shown(self, found: Resource) -> Resource:
        shown: Resource = json.loads(json.dumps(found))
        if "userName" in shown:
            groups = [
                g for g in self.kept["Groups"].values() if matches(g, f'members.value eq "{found["id"]}"')
            ]
            shown["groups"] = [{"value": g["id"], "display": g["displayName"]} for g in groups]
        if self.behaviour.as_text:
            shown["id"] = int(shown["id"])
            shown["active"] = str(shown.get("active", True))
            if "roles" in shown:
                shown["roles"] = [
                    each["value"] if isinstance(each, dict) else each for each in shown["roles"]
                ]
        return shown
