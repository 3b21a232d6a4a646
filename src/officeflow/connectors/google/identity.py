"""Where an account keeps whose it is: an external id of a type, or a field of a custom schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from officeflow.connectors.google.types import Entry, User, value_of
from officeflow.errors import InvalidInput

TYPES = ("organization", "account", "custom", "customer", "login_id", "network")
"""Of external ids. `organization` is what the Admin console calls the employee id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """`mark` is what stands before the numbers of one of several organizations in the directory."""

    type: str = ""
    schema: str = ""
    field: str = ""
    mark: str = ""

    @property
    def queried(self) -> str:
        """The field of a search."""
        return "externalId" if self.type else f"{self.schema}.{self.field}"

    def kept(self, external_id: str) -> str:
        """As it stands in the directory."""
        return f"{self.mark}:{external_id}" if self.mark else external_id

    def stored(self, user: User) -> str | None:
        """What stands there, with its mark."""
        if self.type:
            return value_of(user.externalIds, self.type)
        found = ((user.customSchemas or {}).get(self.schema) or {}).get(self.field)
        return str(found) if found not in (None, "") else None

    def read(self, user: User) -> tuple[str | None, bool]:
        """The external id, and whether it is another organization's."""
        stored = self.stored(user)
        if not stored or not self.mark:
            return stored, False
        ours = stored.startswith(f"{self.mark}:")
        return (stored.removeprefix(f"{self.mark}:") if ours else stored), not ours

    def body(self, external_id: str, before: User | None) -> dict[str, Any]:
        """What to send so that it is there; an empty text removes it. All else of the list stays."""
        if not self.type:
            return {
                "customSchemas": {self.schema: {self.field: self.kept(external_id) if external_id else None}}
            }
        kept: list[Entry] = [
            each for each in (before.externalIds if before else None) or [] if each.get("type") != self.type
        ]
        new: Mapping[str, Any] = {"type": self.type, "value": self.kept(external_id)}
        return {"externalIds": [*kept, dict(new)] if external_id else kept}


def identity(text: str, *, mark: str, source: str) -> Identity:
    """Of `organization`, another type of external ids, or `Schema.field`."""
    if text in TYPES:
        return Identity(type=text, mark=mark)
    schema, _, field = text.partition(".")
    if not schema or not field or "." in field:
        raise InvalidInput(
            f"{source}: {text!r} is no place for a person's identity",
            hint=f"one of {', '.join(TYPES)}, or Schema.field of a custom schema",
        )
    return Identity(schema=schema, field=field, mark=mark)
