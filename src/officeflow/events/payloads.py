"""What of an event's payload may be shown, and what is encrypted.

A field that a model of `lifecycle` names is what its model says. Any other is private, unless the
organization shows it: whoever sends it alone knows what it holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from officeflow.events.lifecycle import KNOWN_NAMES, SENSITIVE_NAMES
from officeflow.events.names import names_in, plain, sounds_private

SHOWN_FIELDS, EMPTY_TEXT_IS_NULL = "shown_fields", "empty_text_is_null"
"""Names in `organizations.settings`."""

_PUBLIC = frozenset(plain(name) for name in KNOWN_NAMES - SENSITIVE_NAMES)
_SENSITIVE = frozenset(map(plain, SENSITIVE_NAMES))


@dataclass(frozen=True, slots=True)
class PayloadRules:
    """What an organization has settled: `shown` are the fields (`plain` names) that it shows beside those of
    the schemas.
    """

    shown: frozenset[str] = frozenset()
    empty_text_is_null: bool = False


def rules_of(settings: Mapping[str, Any]) -> PayloadRules:
    """The rules in an organization's settings."""
    names = settings.get(SHOWN_FIELDS)
    shown = (
        frozenset(plain(name) for name in names if isinstance(name, str))
        if isinstance(names, list)
        else frozenset()
    )
    return PayloadRules(shown, settings.get(EMPTY_TEXT_IS_NULL) is True)


def split(payload: Mapping[str, Any], rules: PayloadRules) -> tuple[dict[str, Any], dict[str, Any]]:
    """Divide a payload into what may be shown and what may not.

    An object or list goes whole: it is shown only where its own name is and no name at any depth inside it
    sounds private.
    """
    shown: dict[str, Any] = {}
    hidden: dict[str, Any] = {}
    for name, value in payload.items():
        (shown if _is_shown(name, value, rules) else hidden)[name] = value
    return shown, hidden


def with_null(value: Any) -> Any:
    """The same, with null for every field of an object that is empty text."""
    if isinstance(value, Mapping):
        return {name: None if inner == "" else with_null(inner) for name, inner in value.items()}
    return [with_null(inner) for inner in value] if isinstance(value, list) else value


def is_public(name: str) -> bool:
    """Whether the schemas show the field, whatever the organization has settled."""
    return plain(name) in _PUBLIC


def is_sensitive(name: str) -> bool:
    """Whether the schemas hide the field, whatever the organization has settled."""
    return plain(name) in _SENSITIVE


def _is_shown(name: str, value: Any, rules: PayloadRules) -> bool:
    key = plain(name)
    if key in _SENSITIVE:
        return False
    if key in _PUBLIC and not any(True for _ in names_in(value)):
        return True
    return key in rules.shown and not any(
        plain(inner) in _SENSITIVE or sounds_private(inner) for inner in names_in(value)
    )
