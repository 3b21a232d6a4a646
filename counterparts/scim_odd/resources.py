"""Users and groups of one server: kept in memory, changed by PATCH and PUT (RFC 7644 section 3.5)."""

from __future__ import annotations

import json
import re
from typing import Any

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
EXTENSION = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PLAIN = {
    *("id", "userName", "externalId", "displayName", "title", "active", "name", "emails", "phoneNumbers"),
    *(
        "addresses",
        "password",
        "nickName",
        "userType",
        "preferredLanguage",
        "locale",
        "timezone",
        "profileUrl",
    ),
    *("schemas", "meta", "groups", "members", EXTENSION),
}
FILTER = re.compile(r'([\w.:]+) eq ("(?:[^"\\]|\\.)*")( and |$)')
IN_PATH = re.compile(r'(\w+)\[value eq ("(?:[^"\\]|\\.)*")\]')


class Refused(Exception):
    def __init__(self, status: int, scim_type: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.scim_type, self.detail = status, scim_type, detail


def matches(resource: dict[str, Any], text: str) -> bool:
    """`attribute eq "value"`, several joined by `and`."""
    place = 0
    while place < len(text):
        found = FILTER.match(text, place)
        if found is None:
            raise Refused(400, "invalidFilter", f"no filter: {text}")
        wanted = json.loads(found[2])
        values = _values(resource, found[1])
        fold = found[1] not in {"externalId", "members.value"}
        if not any((v.casefold() == wanted.casefold()) if fold else v == wanted for v in values):
            return False
        place = found.end()
    return True


def _values(resource: dict[str, Any], path: str) -> list[str]:
    if path.startswith(f"{EXTENSION}:"):
        return _values(resource.get(EXTENSION, {}), path.removeprefix(f"{EXTENSION}:"))
    first, _, rest = path.partition(".")
    held = resource.get(first)
    members = held if isinstance(held, list) else [held]
    if rest:
        members = [each.get(rest) for each in members if isinstance(each, dict)]
    return [str(each) for each in members if each is not None]


def patched(resource: dict[str, Any], body: Any, known: set[str], *, pathless: bool) -> dict[str, Any]:
    """The resource after all the operations, or `Refused`."""
    changed: dict[str, Any] = json.loads(json.dumps(resource))
    operations = body.get("Operations") if isinstance(body, dict) else None
    if not isinstance(operations, list) or not operations:
        raise Refused(400, "invalidSyntax", "there are no Operations")
    for operation in operations:
        op, path, value = operation.get("op"), operation.get("path"), operation.get("value")
        if op not in {"add", "replace", "remove"} or (op != "remove" and "value" not in operation):
            raise Refused(400, "invalidSyntax", f"no operation: {operation}")
        if path is None and (op == "remove" or not isinstance(value, dict)):
            raise Refused(400, "noTarget", "there is no path")
        if pathless and path not in {None, "members"}:
            raise Refused(400, "invalidPath", "write no paths here")
        if path is None:
            for name, each in value.items():
                _merge(changed, name, each, known)
        else:
            _at(changed, path, op, value, known, by_value=pathless)
    return changed


def _merge(resource: dict[str, Any], name: str, value: Any, known: set[str]) -> None:
    if name not in known:
        raise Refused(400, "invalidPath", f"there is no {name}")
    if isinstance(value, dict) and name in {"name", EXTENSION}:
        inner = {**resource.get(name, {}), **value}
        resource[name] = {key: each for key, each in inner.items() if each is not None}
    elif value is None:
        resource.pop(name, None)
    else:
        resource[name] = value


def _at(resource: dict[str, Any], path: str, op: str, value: Any, known: set[str], *, by_value: bool) -> None:
    if found := IN_PATH.fullmatch(path):
        if op != "remove" or by_value:
            raise Refused(400, "invalidPath", f"no filter in {path}")
        gone = json.loads(found[2])
        resource[found[1]] = [each for each in resource.get(found[1], []) if each["value"] != gone]
        return
    place, name = resource, path
    if path.startswith(f"{EXTENSION}:"):
        place, name = resource.setdefault(EXTENSION, {}), path.removeprefix(f"{EXTENSION}:")
    elif "." in path:
        first, _, name = path.partition(".")
        place = resource.setdefault(first, {})
    elif path not in known:
        raise Refused(400, "invalidPath", f"there is no {path}")
    if name == "members" and op == "remove" and value is not None:
        if not by_value:
            raise Refused(400, "invalidSyntax", "remove has a value")
        gone_ids = {each["value"] for each in value}
        place[name] = [each for each in place.get(name, []) if each["value"] not in gone_ids]
    elif op == "remove":
        place.pop(name, None)
    elif op == "add" and isinstance(value, list):
        place[name] = [*place.get(name, []), *(each for each in value if each not in place.get(name, []))]
    else:
        place[name] = value
