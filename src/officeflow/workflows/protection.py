"""Workflows to which nobody publishes alone.

That a workflow is protected is a setting beside its definition: one admin protects it, two people together
take that back. Deactivating it needs one alone: it stops.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from sqlalchemy.orm import Session

from officeflow.audit.actions import AuditAction
from officeflow.audit.entry import reason
from officeflow.database.engine import Database
from officeflow.database.tables import Release, Workflow
from officeflow.statuses import ReleaseKind
from officeflow.workflows import release_store, store
from officeflow.workflows.models import Definition, content_hash, to_json


def protect(database: Database, org_id: uuid.UUID, slug: str, *, why: str, by: str) -> bool:
    """From now on a second person releases what is published to it; False where that was so."""
    why = reason(why)
    with database.service() as session:
        store.lock_revisions(session)
        workflow = store.find(session, org_id, slug)
        if workflow.is_protected:
            return False
        workflow.is_protected = True
        store.record(session, workflow, AuditAction.WORKFLOW_PROTECTED, by=by, why=why)
    return True


def ask_to_unprotect(
    database: Database, org_id: uuid.UUID, slug: str, *, why: str, by: str
) -> Release | None:
    """Have a second person decide whether it is protected any more; None where it is not."""
    why = reason(why)
    with database.service() as session:
        store.lock_revisions(session)
        workflow = store.find(session, org_id, slug)
        if not workflow.is_protected:
            return None
        return release_store.ask(
            session, org_id, kind=ReleaseKind.UNPROTECT, subject=slug, wanted={}, why=why, by=by
        )


def unprotect(session: Session, workflow: Workflow, *, by: str, release_id: uuid.UUID) -> None:
    """It was released."""
    workflow.is_protected = False
    store.record(session, workflow, AuditAction.WORKFLOW_UNPROTECTED, by=by, release=str(release_id))


def ask_to_publish(
    session: Session,
    org_id: uuid.UUID,
    definitions: Mapping[str, Definition],
    *,
    by: str,
    why: str = "",
    correlation_id: str | None = None,
) -> Release | None:
    """Have a second person decide about all of these together, where one of them would change a protected
    workflow; None where none would. Needs `store.lock_revisions`.
    """
    newest = {each.slug: store.newest(session, org_id, each.slug) for each in definitions.values()}
    changing = [
        each.slug
        for each in definitions.values()
        if (found := newest[each.slug]) is not None
        and found[0].is_protected
        and not (found[0].is_active and found[1].content_hash == content_hash(each))
    ]
    if not changing:
        return None
    return release_store.ask(
        session,
        org_id,
        kind=ReleaseKind.PUBLISH,
        subject=", ".join(sorted(changing)),
        wanted={
            "definitions": {file: to_json(each) for file, each in definitions.items()},
            "base": {slug: found[0].version if found else None for slug, found in newest.items()},
        },
        why=why,
        by=by,
        correlation_id=correlation_id,
    )
