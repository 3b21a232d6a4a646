"""Whether the heads of the audit log are noted outside of the database, and what is noted there."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from officeflow.audit import anchors, chain, store
from officeflow.audit.anchors import Anchor, Folder, Found
from officeflow.counts import counted
from officeflow.database.engine import Database
from officeflow.doctor.finding import Check, Finding, Subject, ok, problem, warning
from officeflow.errors import Problem, Unavailable
from officeflow.events import read_back, topics
from officeflow.program import typed
from officeflow.settings import Settings

AREA = "audit"
NO_FOLDER = "folder"
TOPIC_SECONDS = 5.0
ROUNDS = 4
GRACE_SECONDS = 10.0
"""A record that was not noted for so many rounds of the steward, and some seconds more, is too old."""


@dataclass(frozen=True, slots=True)
class Source:
    """A place where anchors are, and what it had of one organization; `away` says why it could not be asked,
    or is "".
    """

    name: str
    found: Found = field(default_factory=lambda: Found(()))
    away: str = ""
    only_ours_write: bool = False

    @property
    def newest(self) -> Anchor | None:
        return self.found.newest

    def problems(self) -> Iterator[Problem]:
        """What is on the topic, others can write too; a line in the folder was changed by somebody."""
        if self.only_ours_write and self.found.strange:
            yield Problem(
                self.name, f"{self.found.strange} lines are no anchors that were written with our key"
            )

    def as_json(self) -> dict[str, Any]:
        newest = self.newest
        return {
            "source": self.name,
            "anchors": len(self.found.anchors),
            "newest": newest and {"sequence": newest.head.sequence, "at": newest.at.isoformat()},
            "strange": self.found.strange,
            "away": self.away or None,
        }

    def __str__(self) -> str:
        if self.away:
            return f"{self.name}: not consulted, {self.away}"
        newest, strange = (
            self.newest,
            f", and {self.found.strange} that are not ours" if self.found.strange else "",
        )
        if newest is None:
            return f"{self.name}: no anchors{strange}"
        last = f"the newest names record {newest.head.sequence}, at {newest.at:%Y-%m-%d %H:%M:%S}Z"
        return f"{self.name}: {counted(len(self.found.anchors), 'anchor')}, {last}{strange}"


def consult(settings: Settings, org_ids: Collection[uuid.UUID], key: bytes) -> dict[uuid.UUID, list[Source]]:
    """What is noted of each organization's chain: in the folder that the settings name, and on the topic."""
    topic = f"topic {topics.AUDIT_ANCHORS}"
    try:
        names = [topics.org_key(org_id).encode() for org_id in org_ids]
        values = read_back.values_of(settings.kafka, topics.AUDIT_ANCHORS, names, timeout=TOPIC_SECONDS)
    except Unavailable as error:
        away = Source(topic, away=error.message)
        return {org_id: [_in_folder(settings, org_id, key), away] for org_id in org_ids}
    on_topic = {
        org_id: anchors.found(values[topics.org_key(org_id).encode()], org_id, key) for org_id in org_ids
    }
    return {
        org_id: [_in_folder(settings, org_id, key), Source(topic, on_topic[org_id])] for org_id in org_ids
    }


def _in_folder(settings: Settings, org_id: uuid.UUID, key: bytes) -> Source:
    if not settings.audit_anchors:
        return Source(NO_FOLDER, away="OFFICEFLOW_AUDIT_ANCHORS names none")
    folder = Folder(Path(settings.audit_anchors))
    try:
        return Source(f"folder {folder.path}", folder.read(org_id, key), only_ours_write=True)
    except Unavailable as error:
        return Source(f"folder {folder.path}", away=error.message)


def anchored(subject: Subject) -> Iterator[Finding]:
    """Without anchors, who empties the database takes the audit log along unseen."""
    settings = subject.known
    if not settings.audit_anchors:
        do = "name a folder, best one that this machine cannot empty"
        yield warning(
            "the heads of the audit log are noted in no folder: OFFICEFLOW_AUDIT_ANCHORS is empty", do
        )
    key = chain.key_from_settings(settings)
    with Database.from_settings(settings) as database, database.service() as session:
        heads = store.heads(session)
        noted = consult(settings, [org_id for _, org_id, _ in heads], key)
        yield from (warning(away) for away in sorted(_away(noted.values())))
        for slug, org_id, sequence in heads:
            yield from _findings(
                session, slug, Place(org_id, sequence, noted[org_id]), settings.audit_anchor_seconds
            )


@dataclass(frozen=True, slots=True)
class Place:
    """Where an organization's chain ends, and what is noted of it elsewhere."""

    org_id: uuid.UUID
    sequence: int
    sources: Sequence[Source]


def _away(sources: Iterable[Sequence[Source]]) -> set[str]:
    """Places that could not be asked; that no folder is named is said once already."""
    return {str(source) for each in sources for source in each if source.away and source.name != NO_FOLDER}


def _findings(session: Session, slug: str, at: Place, every: float) -> Iterator[Finding]:
    late = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=ROUNDS * every + GRACE_SECONDS)
    noted = [source.newest for source in at.sources if source.newest]
    newest = max(noted, key=lambda anchor: anchor.head.sequence, default=None)
    if newest is not None and newest.head.sequence > at.sequence:
        says = (
            f"{slug}: record {newest.head.sequence} of the audit log was noted at"
            f" {newest.at:%Y-%m-%d %H:%M}Z, and is gone"
        )
        yield problem(says, f"{typed('audit verify')} {slug}")
        return
    for source in at.sources:
        if not source.away and _is_behind(session, at, source, late):
            yield problem(
                f"{slug}: of {at.sequence} records, {source}",
                f"is the steward running? `{typed('logs steward')}`",
            )
    if newest is not None:
        seconds = (dt.datetime.now(dt.UTC) - newest.at).total_seconds()
        yield ok(
            f"{slug}: record {newest.head.sequence} of {at.sequence} is noted outside of the database,"
            f" {seconds:.0f} s ago"
        )


def _is_behind(session: Session, at: Place, source: Source, late: dt.datetime) -> bool:
    """Whether a record that is not noted there yet was written before `late`."""
    last = source.newest.head.sequence if source.newest else 0
    since = store.oldest_after(session, at.org_id, last)
    return since is not None and since < late


CHECKS = (
    Check(area=AREA, name="anchors", examine=anchored, needs=("settings.secrets", "database.revision")),
)
