"""What people wrote, and that may name somebody: definitions of workflows, drafts, releases, sources.

None of it is a record about a person, and an erasure leaves it as it is; it is looked through for the
person's identifier and their work address, so that who erases is told what to look at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from officeflow.privacy.about import Person

MOST = 100
"""So many of each kind are named."""


@dataclass(frozen=True, slots=True)
class Named:
    """`where` is the table, `name` what people call it, `id` by what it is found."""

    where: str
    id: str
    name: str

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


QUERIES = {
    "workflow_versions": """
        SELECT workflow.slug, workflow.slug || ' version ' || it.version
        FROM workflow_versions AS it JOIN workflows AS workflow USING (workflow_id)
        WHERE it.org_id = :org AND {named} ORDER BY workflow.slug, it.version LIMIT :most""",
    "workflow_drafts": """
        SELECT it.draft_id, it.title FROM workflow_drafts AS it
        WHERE it.org_id = :org AND {named} ORDER BY it.updated_at, it.draft_id LIMIT :most""",
    "releases": """
        SELECT it.release_id, it.kind || ' ' || it.subject FROM releases AS it
        WHERE it.org_id = :org AND {named} ORDER BY it.requested_at, it.release_id LIMIT :most""",
    "webhook_sources": """
        SELECT it.slug, it.slug FROM webhook_sources AS it
        WHERE it.org_id = :org AND {named} ORDER BY it.slug LIMIT :most""",
    "delegations": """
        SELECT it.delegation_id, it.starts_on || ' to ' || it.ends_on FROM delegations AS it
        WHERE it.org_id = :org AND {named} ORDER BY it.starts_on, it.delegation_id LIMIT :most""",
    "organizations": """
        SELECT it.slug, it.name FROM organizations AS it WHERE it.org_id = :org AND {named} LIMIT :most""",
}
COLUMNS: dict[str, tuple[str, ...]] = {
    "workflow_versions": ("definition",),
    "workflow_drafts": ("title", "content"),
    "releases": ("subject", "wanted", "why", "decision"),
    "webhook_sources": ("definition",),
    "delegations": ("why",),
    "organizations": ("settings",),
}
"""What is looked through. `workflows`, `workflow_nodes` and `workflow_edges` repeat what is in a version."""


def naming(session: Session, person: Person) -> list[Named]:
    """Whatever names the person, by kind; a service's session or the tenant's."""
    return list(_naming(session, person))


def _naming(session: Session, person: Person) -> Iterator[Named]:
    asked = {"org": person.org_id, "most": MOST, "name": _pattern(person.external_id)}
    if person.work_email:
        asked["address"] = person.work_email.lower()
    for table, query in QUERIES.items():
        named = " OR ".join(_names(column, by_address="address" in asked) for column in COLUMNS[table])
        for found, name in session.execute(text(query.format(named=f"({named})")), asked):
            yield Named(table, str(found), str(name))


def _names(column: str, *, by_address: bool) -> str:
    said = f"it.{column}::text ~ :name"
    if by_address:
        said += f" OR strpos(lower(it.{column}::text), :address) > 0"
    return said


def _pattern(external_id: str) -> str:
    """The identifier as a text of its own, in quotes of JSON or CEL; or as `employee:…`; or, where it could
    be no ordinary number or word, wherever it stands alone.
    """
    name = re.sub(r"([^\w])", r"\\\1", external_id)
    quoted = rf"""[:"'\\]{name}["'\\]|employee:{name}([^[:alnum:]]|$)"""
    if not re.search(r"\d", external_id) or external_id.isdigit():
        return quoted
    return rf"{quoted}|(^|[^[:alnum:]_-]){name}([^[:alnum:]_-]|$)"
