"""What would change, were a release carried out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from officeflow.access import store as rules
from officeflow.database.tables import Release
from officeflow.statuses import ReleaseKind
from officeflow.workflows import shown, store
from officeflow.workflows.diff import Change, diff

NOTHING: dict[str, Any] = {"nodes": [], "edges": []}


def of_rules(session: Session, release: Release) -> dict[str, Any] | None:
    """The access rules that would be set, and the names of those that differ from what counts now: `rules`,
    `added`, `changed`, `removed`. None where it sets none.
    """
    if release.kind != ReleaseKind.ACCESS_RULES:
        return None
    wanted: dict[str, Any] = release.wanted["document"]
    now = rules.newest(session, release.org_id).document
    return {**wanted, **rules.difference(now, wanted)}


@dataclass(frozen=True, slots=True)
class Changes:
    """Of one workflow, against the version `against`; None where there is none so far."""

    slug: str
    against: int | None
    changes: tuple[Change, ...]

    def to_json(self) -> dict[str, Any]:
        changes = [shown.change_to_json(each) for each in self.changes]
        return {"slug": self.slug, "against": self.against, "changes": changes}


def of(session: Session, release: Release) -> list[Changes]:
    """Workflow by workflow, against what is published now; empty where it publishes nothing."""
    if release.kind != ReleaseKind.PUBLISH:
        return []
    found = []
    for definition in release.wanted["definitions"].values():
        newest = store.newest(session, release.org_id, definition["slug"])
        before = newest[1].definition if newest else NOTHING
        version = newest[0].version if newest else None
        found.append(Changes(definition["slug"], version, tuple(diff(before, definition))))
    return found
