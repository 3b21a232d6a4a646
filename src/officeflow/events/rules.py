"""Changing what an organization has settled about the payloads of its events."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from officeflow.database.tables import Organization
from officeflow.errors import InvalidInput, Problem
from officeflow.events.names import plain, sounds_private
from officeflow.events.payloads import EMPTY_TEXT_IS_NULL, SHOWN_FIELDS, is_public, is_sensitive, rules_of

LONGEST_NAME = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Fields to show and to hide from now on, and whether empty text is read as null (None: as before).

    A field whose name sounds private is shown only with `although_private`.
    """

    show: Sequence[str] = ()
    hide: Sequence[str] = ()
    empty_text_is_null: bool | None = None
    although_private: bool = False


def current(organization: Organization) -> dict[str, Any]:
    """`shown_fields`, as they were named, and `empty_text_is_null`."""
    names = organization.settings.get(SHOWN_FIELDS)
    return {
        SHOWN_FIELDS: [name for name in names if isinstance(name, str)] if isinstance(names, list) else [],
        EMPTY_TEXT_IS_NULL: rules_of(organization.settings).empty_text_is_null,
    }


def apply(organization: Organization, change: Change) -> dict[str, Any]:
    """Settle it, for events that arrive from now on; returns `current` afterwards.

    `InvalidInput` names every field that cannot be shown or hidden.
    """
    before = current(organization)
    shown = {plain(name): name for name in before[SHOWN_FIELDS]}
    problems = [*_shown_problems(change), *_hidden_problems(change, shown)]
    if problems:
        raise InvalidInput("nothing was changed", problems=problems)
    shown |= {plain(name): name for name in change.show}
    for name in change.hide:
        del shown[plain(name)]
    after = {SHOWN_FIELDS: sorted(shown.values()), EMPTY_TEXT_IS_NULL: before[EMPTY_TEXT_IS_NULL]}
    if change.empty_text_is_null is not None:
        after[EMPTY_TEXT_IS_NULL] = change.empty_text_is_null
    organization.settings = organization.settings | after
    return after


def _shown_problems(change: Change) -> Iterator[Problem]:
    for name in change.show:
        if not plain(name) or len(name) > LONGEST_NAME:
            yield Problem(name[:40], "that is no name of a field")
        elif is_public(name):
            yield Problem(name, "every event shows it: it is in the schemas")
        elif is_sensitive(name):
            yield Problem(
                name, "the schemas say that it is private", "an expression reads it as employee." + name
            )
        elif sounds_private(name) and not change.although_private:
            yield Problem(name, "by its name it is private", "--although-private shows it all the same")


def _hidden_problems(change: Change, shown: dict[str, str]) -> Iterator[Problem]:
    for name in change.hide:
        if plain(name) not in shown:
            yield Problem(name, "it is not one of the fields that the organization shows")
        elif plain(name) in map(plain, change.show):
            yield Problem(name, "it is to be shown and to be hidden")
