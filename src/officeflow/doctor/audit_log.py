"""Whether an organization's audit log is whole, by everything that can tell: its chain, the other tables, and
what is noted of it outside of the database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from officeflow.audit import chain, comparison, store, tags
from officeflow.database.engine import Database
from officeflow.doctor import anchors
from officeflow.errors import Problem
from officeflow.settings import Settings
from officeflow.tenants import organizations


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found; the log is whole where there are no `problems`.

    `has_anchors`: whether a head that was noted outside of the database was at hand.
    """

    org: str
    head: chain.Head
    waiting: int
    has_anchors: bool
    sources: Sequence[anchors.Source]
    problems: Sequence[Problem]

    def to_json(self) -> dict[str, Any]:
        return {
            "org": self.org,
            "records": self.head.sequence,
            "waiting": self.waiting,
            "anchor": str(self.head),
            "anchors": [source.as_json() for source in self.sources],
            "problems": list(map(str, self.problems)),
        }

    def compared(self) -> list[str]:
        """What the chain was compared with, a sentence each."""
        return [str(source) if source.away else f"compared with {source}" for source in self.sources]


def examine(database: Database, settings: Settings, org: str, given: chain.Head | None = None) -> Examined:
    """Of the organization's log (slug or UUID). `given` is a head that was kept elsewhere: the chain must
    still hold it. `InvalidInput` where this process has not the keys.
    """
    key = chain.key_from_settings(settings)
    tags.require_key()
    with database.service() as session:
        organization = organizations.find(session, org)
        # Asked before the chain is read: what is noted meanwhile is of records that are there by then.
        sources = anchors.consult(settings, [organization.org_id], key)[organization.org_id]
        noted = [each.head for source in sources for each in source.found.anchors] + (
            [given] if given else []
        )
        problems = chain.verify(session, organization.org_id, key=key, anchors=noted)
        problems += comparison.missing(session, organization.org_id)
        problems += [problem for source in sources for problem in source.problems()]
        return Examined(
            org=organization.slug,
            head=chain.head_of(session, organization.org_id),
            waiting=store.waiting(session, organization.org_id),
            has_anchors=bool(noted),
            sources=sources,
            problems=problems,
        )
