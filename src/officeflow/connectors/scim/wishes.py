"""A change of an account in SCIM's terms, and whether it is so when it is read back."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from officeflow.connectors.families.identity import Account, AccountChange
from officeflow.connectors.scim.edits import Edit, held, key_of
from officeflow.connectors.scim.reading import ENTERPRISE, USER, at_work, preferred
from officeflow.connectors.scim.types import marked, place_of

PLAIN: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "external_id": (USER, ("externalId",)),
    "given_name": (USER, ("name", "givenName")),
    "family_name": (USER, ("name", "familyName")),
    "display_name": (USER, ("displayName",)),
    "title": (USER, ("title",)),
    "department": (ENTERPRISE, ("department",)),
}
SEVERAL: Mapping[str, tuple[str, str, Callable[[Sequence[Any]], Sequence[Any]]]] = {
    "email": ("emails", "value", preferred),
    "phone": ("phoneNumbers", "value", at_work),
    "location": ("addresses", "locality", at_work),
}
"""Attributes that hold several values, of which one is meant: that which is read as the field."""


def edits_of(change: AccountChange, resource: Mapping[str, Any], mark: str, operation: str) -> list[Edit]:
    """What is sent for the fields that are set, by the resource as it was read."""
    edits = []
    for name, (schema, path) in PLAIN.items():
        value = getattr(change, name)
        if name == "external_id" and value:
            value = marked(value, mark)
        if value is not None:
            edits.append(Edit(path, value or None, schema))
    for name, (attribute, inner, pick) in SEVERAL.items():
        value = getattr(change, name)
        if value is not None:
            values = _with(held(resource, USER, attribute), inner, value, pick)
            edits.append(Edit((attribute,), values or None))
    for name, value in change.attributes.items():
        schema, attribute = place_of(name, operation)
        edits.append(Edit((attribute,), _like(held(resource, schema, attribute), value), schema))
    return edits


def otherwise(read: Account, change: AccountChange) -> str:
    """What is not as wished, in words."""
    wrong = []
    for name in (*PLAIN, *SEVERAL):
        wished = getattr(change, name)
        if wished is not None and _plain(name, getattr(read, name)) != _plain(name, wished):
            wrong.append(f"{name} {getattr(read, name) or 'missing'}")
    there = {name.casefold(): value for name, value in read.attributes.items()}
    for name, wished in change.attributes.items():
        if (found := there.get(name.casefold(), "")) != wished:
            wrong.append(f"{name} {found or 'missing'}")
    if change.external_id and read.foreign:
        wrong.append(f"external_id {read.external_id}")
    return ", ".join(wrong)


def _plain(name: str, value: str | None) -> str:
    """Apart from how a server writes it: case of an address, signs in a number (RFC 3966)."""
    text = (value or "").strip()
    if name == "phone":
        return re.sub(r"[^0-9+]", "", text)
    return text.casefold() if name == "email" else text


def _with(
    found: Any, inner: str, value: str, pick: Callable[[Sequence[Any]], Sequence[Any]]
) -> list[dict[str, Any]]:
    """All the values that there are, with another one in the place of that which is meant."""
    values = [dict(each) for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []
    meant = next(iter(pick(values)), None)
    if meant is None:
        first = {"primary": True} if not values else {}
        return [*values, {inner: value, "type": "work", **first}] if value else values
    if value:
        meant[key_of(meant, inner)] = value
        return values
    if inner == "value":
        return [each for each in values if each is not meant]
    meant.pop(key_of(meant, inner), None)
    return [each for each in values if each.keys() - {"type", "primary"}]


def _like(before: Any, text: str) -> Any:
    """The text as the kind of value that is there now."""
    if not text:
        return None
    if isinstance(before, bool) and text.lower() in {"true", "false"}:
        return text.lower() == "true"
    if isinstance(before, int) and not isinstance(before, bool) and re.fullmatch(r"-?[0-9]{1,15}", text):
        return int(text)
    return text
