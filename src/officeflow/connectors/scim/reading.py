"""How values are read that servers write in several ways."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

V = TypeVar("V")

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

# RFC 7643 sections 4.1.1 and 4.3: the plain string attributes that a workflow may set beside the named ones.
CORE_ATTRIBUTES = frozenset({"nickName", "profileUrl", "userType", "preferredLanguage", "locale", "timezone"})
ENTERPRISE_ATTRIBUTES = frozenset({"employeeNumber", "costCenter", "organization", "division"})
SHORT: Mapping[tuple[str, str], str] = {
    (schema.casefold(), name.casefold()): name
    for schema, names in ((USER, CORE_ATTRIBUTES), (ENTERPRISE, ENTERPRISE_ATTRIBUTES))
    for name in names
}


def lenient_bool(value: object) -> object:
    """Some servers send `active` as the string "True" or "False"."""
    return (
        {"true": True, "false": False}.get(value.strip().lower(), value) if isinstance(value, str) else value
    )


def preferred(values: Sequence[V]) -> list[V]:
    """The primary one first, then those at work."""
    return sorted(
        values, key=lambda each: (lenient_bool(_told(each, "primary")) is not True, _kind(each) != "work")
    )


def at_work(values: Sequence[V]) -> list[V]:
    """Those at work, the primary one first: a mobile's number or a home's address is none of them."""
    return [each for each in preferred(values) if _kind(each) in {"work", ""}]


def further_attributes(resource: Mapping[str, Any]) -> dict[str, str]:
    """Plain attributes by the names that `NewAccount.attributes` takes: short where those are known, in full
    where they are an extension's.
    """
    found = {}
    for schema, name, value in _plain(resource):
        text = str(value).lower() if isinstance(value, bool) else str(value)
        if text and (short := SHORT.get((schema.casefold(), name.casefold()))):
            found[short] = text
        if text and schema != USER:
            found[f"{schema}:{name}"] = text
    return found


def _plain(resource: Mapping[str, Any]) -> Iterator[tuple[str, str, str | int]]:
    """Schema, name and value of each plain attribute; an extension's may stand beside the core's, in full."""
    for key, value in resource.items():
        is_urn = str(key).casefold().startswith("urn:")
        if isinstance(value, str | int):
            schema, _, name = str(key).rpartition(":") if is_urn else (USER, "", str(key))
            yield schema, name, value
        elif is_urn and isinstance(value, Mapping):
            for name, inner in value.items():
                if isinstance(inner, str | int):
                    yield str(key), str(name), inner


def _kind(each: object) -> str:
    return str(_told(each, "type") or "").casefold()


def _told(each: object, name: str) -> object:
    if isinstance(each, Mapping):
        return next((value for key, value in each.items() if str(key).casefold() == name), None)
    return getattr(each, name, None)
