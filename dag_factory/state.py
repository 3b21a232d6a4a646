"""Which definitions a revision shows: the bundle's only question to the database."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, bindparam, func, select, text
from sqlalchemy.orm import Session

from officeflow.database.tables import WorkflowRevision, WorkflowVersion
from officeflow.workflows.store import SHOWN_VERSIONS

_STATE = text("""
    WITH newest AS (
        SELECT DISTINCT ON (workflow_id) workflow_id, action FROM workflow_revisions
        WHERE revision <= :revision ORDER BY workflow_id, revision DESC
    ), published AS (
        SELECT workflow_id, version, row_number() OVER (PARTITION BY workflow_id ORDER BY version DESC) AS age
        FROM (SELECT DISTINCT workflow_id, version FROM workflow_revisions WHERE revision <= :revision
              AND action = 'publish') AS p
    )
    SELECT o.slug AS org, w.slug AS slug, w.place AS place, v.version AS version,
        v.content_hash AS content_hash
    FROM newest AS n
    JOIN published AS p ON p.workflow_id = n.workflow_id AND p.age <= :fallbacks
    JOIN workflow_versions AS v ON v.workflow_id = p.workflow_id AND v.version = p.version
    JOIN workflows AS w ON w.workflow_id = n.workflow_id
    JOIN organizations AS o ON o.org_id = w.org_id
    WHERE n.action <> 'retire'
    ORDER BY o.slug, w.place, v.version DESC
""").bindparams(bindparam("revision", type_=BigInteger), fallbacks=SHOWN_VERSIONS)


@dataclass(frozen=True, slots=True)
class Shown:
    """A version of a workflow that a revision may show. `content_hash` names the definition."""

    org: str
    slug: str
    place: int
    version: int
    content_hash: str


def newest_revision(session: Session) -> int:
    """0 before the first publish."""
    return session.scalar(select(func.max(WorkflowRevision.revision))) or 0


def shown(session: Session, revision: int) -> list[Shown]:
    """By organization and place; of each workflow up to `SHOWN_VERSIONS` versions, the newest first.

    A retired workflow is not shown.
    """
    return [Shown(*row) for row in session.execute(_STATE, {"revision": revision})]


def definitions(session: Session, hashes: Collection[str]) -> Iterable[tuple[str, bytes]]:
    """The definitions with these content hashes, as JSON text."""
    query = select(WorkflowVersion.content_hash, WorkflowVersion.definition).where(
        WorkflowVersion.content_hash.in_(hashes)
    )
    for content_hash, definition in session.execute(query):
        yield content_hash, _json(definition)


def _json(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
