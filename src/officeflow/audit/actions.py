"""What audit records say was done.

OfficeFlow's own actions are `AuditAction`: what it was done to, a dot, and what was done. A workflow that
writes a record itself (`audit.record`, a node type's `audit`) says it in its own words, `OwnWords`.

Records are never changed, so those that were written under a name that has another one now keep theirs.
Whoever looks for records of an action or a subject asks `names_of` or `subjects_of`, and finds both.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NewType


class AuditAction(StrEnum):
    ORGANIZATION_CREATED = "organization.created"
    ORGANIZATION_EVENTS_SETTLED = "organization.events_settled"
    ORGANIZATION_TIME_ZONE_SETTLED = "organization.time_zone_settled"
    USER_CREATED = "user.created"
    USER_CHANGED = "user.changed"
    USER_REMOVED = "user.removed"
    USER_RESTORED = "user.restored"
    USER_ROLE_CHANGED = "user.role_changed"
    USER_DEACTIVATED = "user.deactivated"
    USER_ACTIVATED = "user.activated"
    USER_LOGIN_CREATED = "user.login_created"
    USER_LOGIN_LINKED = "user.login_linked"
    ACCOUNT_CREATED = "account.created"
    ACCOUNT_DEACTIVATED = "account.deactivated"
    ACCOUNT_ACTIVATED = "account.activated"
    TOKEN_ISSUED = "token.issued"  # noqa: S105 - what was done to one
    TOKEN_ROTATED = "token.rotated"  # noqa: S105
    TOKEN_REVOKED = "token.revoked"  # noqa: S105
    EMPLOYEE_CREATED = "employee.created"
    EMPLOYEE_REVEALED = "employee.revealed"
    CONNECTION_ADDED = "connection.added"
    CONNECTION_CHANGED = "connection.changed"
    CONNECTION_ROTATED = "connection.rotated"
    CONNECTION_REMOVED = "connection.removed"
    CONNECTION_TESTED = "connection.tested"
    WORKFLOW_PUBLISHED = "workflow.published"
    WORKFLOW_DEACTIVATED = "workflow.deactivated"
    WORKFLOW_RETIRED = "workflow.retired"
    WORKFLOW_PROTECTED = "workflow.protected"
    WORKFLOW_UNPROTECTED = "workflow.unprotected"
    WORKFLOW_PLANNED = "workflow.planned"
    DRAFT_DELETED = "draft.deleted"
    RELEASE_REQUESTED = "release.requested"
    RELEASE_APPROVED = "release.approved"
    RELEASE_REFUSED = "release.refused"
    RELEASE_OVERRIDDEN = "release.overridden"
    RELEASE_REPLACED = "release.replaced"
    ACCESS_RULES_SETTLED = "access.rules_settled"
    ACCESS_RULES_PROTECTED = "access.rules_protected"
    ACCESS_RULES_UNPROTECTED = "access.rules_unprotected"
    ACCESS_COMPARED = "access.compared"
    ACCESS_COMPARISON_WITHDRAWN = "access.comparison_withdrawn"
    ORGANIZATION_LIMITS_SETTLED = "organization.limits_settled"
    EVENT_SENT = "event.sent"
    EVENT_DISPATCHED = "event.dispatched"
    EVENT_REDISPATCHED = "event.redispatched"
    EVENT_RUN_ID_TAKEN = "event.run_id_taken"
    QUARANTINE_REPLAYED = "quarantine.replayed"
    QUARANTINE_READ = "quarantine.read"
    QUARANTINE_DISCARDED = "quarantine.discarded"
    OUTBOX_RETRIED = "outbox.retried"
    OUTBOX_DISCARDED = "outbox.discarded"
    RUN_ENDED = "run.ended"
    RUN_RESTARTED = "run.restarted"
    RUN_STARTED = "run.started"
    RUN_PAUSED = "run.paused"
    RUN_RESUMED = "run.resumed"
    RUN_CANCELLED = "run.cancelled"
    NODE_RETRIED = "node.retried"
    NODE_SKIPPED = "node.skipped"
    RUN_QUEUED = "run.queued"
    RUN_REPLACED = "run.replaced"
    RUN_TURN_CAME = "run.turn_came"
    RUN_PLANNED = "run.planned"
    NODE_REFUSED = "node.refused"
    ACT_DONE = "act.done"
    ACT_FAILED = "act.failed"
    ACT_ASKED = "act.asked"
    ACT_LEFT_OPEN = "act.left_open"
    ACT_REDO_ALLOWED = "act.redo_allowed"
    ACT_RESOLVED = "act.resolved"
    REQUEST_OPENED = "request.opened"
    REQUEST_ANSWERED = "request.answered"
    REQUEST_DECIDED = "request.decided"
    REQUEST_EXPIRED = "request.expired"
    REQUEST_ESCALATED = "request.escalated"
    REQUEST_REASSIGNED = "request.reassigned"
    REQUEST_WITHDRAWN = "request.withdrawn"
    DELEGATION_MADE = "delegation.made"
    DELEGATION_ENDED = "delegation.ended"
    GROUP_CREATED = "group.created"
    GROUP_RENAMED = "group.renamed"
    GROUP_REMOVED = "group.removed"
    GROUP_ROLE_SET = "group.role_set"
    GROUP_JOINED = "group.joined"
    GROUP_LEFT = "group.left"
    ACT_UNDONE = "act.undone"
    RUN_UNDO_ASKED = "run.undo_asked"
    RUN_UNDONE = "run.undone"
    SOURCE_CREATED = "source.created"
    SOURCE_CHANGED = "source.changed"
    SOURCE_ROTATED = "source.rotated"
    SOURCE_DELETED = "source.deleted"
    AUDIT_EXPORTED = "audit.exported"
    AUDIT_VERIFICATION_ASKED = "audit.verification_asked"
    AUDIT_VERIFIED = "audit.verified"
    PERSON_EXPORTED = "person.exported"
    PERSON_ERASURE_ASKED = "person.erasure_asked"
    PERSON_ERASURE_WITHDRAWN = "person.erasure_withdrawn"
    PERSON_ERASED = "person.erased"
    PERSON_ERASURE_DONE = "person.erasure_done"
    PERSON_HELD = "person.held"
    PERSON_RELEASED = "person.released"
    KEYS_ROTATION_ASKED = "keys.rotation_asked"
    KEYS_ROTATED = "keys.rotated"
    ORGANIZATION_PRIVACY_SETTLED = "organization.privacy_settled"
    RETENTION_APPLIED = "retention.applied"


OwnWords = NewType("OwnWords", str)
"""An action in the words of who wrote a workflow or a node type."""

EARLIER_NAMES: Mapping[str, AuditAction] = MappingProxyType(
    {
        "org.create": AuditAction.ORGANIZATION_CREATED,
        "org.events": AuditAction.ORGANIZATION_EVENTS_SETTLED,
        "user.create": AuditAction.USER_CREATED,
        "employee.create": AuditAction.EMPLOYEE_CREATED,
        "employee.reveal": AuditAction.EMPLOYEE_REVEALED,
        "connection.add": AuditAction.CONNECTION_ADDED,
        "connection.remove": AuditAction.CONNECTION_REMOVED,
        "workflow.publish": AuditAction.WORKFLOW_PUBLISHED,
        "workflow.deactivate": AuditAction.WORKFLOW_DEACTIVATED,
        "workflow.retire": AuditAction.WORKFLOW_RETIRED,
        "inbox.redispatch": AuditAction.EVENT_REDISPATCHED,
        "quarantine.replay": AuditAction.QUARANTINE_REPLAYED,
        "quarantine.discard": AuditAction.QUARANTINE_DISCARDED,
        "outbox.retry": AuditAction.OUTBOX_RETRIED,
        "outbox.discard": AuditAction.OUTBOX_DISCARDED,
        "act.open": AuditAction.ACT_LEFT_OPEN,
        "act.redo": AuditAction.ACT_REDO_ALLOWED,
    }
)
"""Names that stand in records and are given to none any more, each with the action that it means."""

_ORGANIZATION, _EARLIER_ORGANIZATION = "organization:", "org:"


def names_of(action: str) -> list[str]:
    """Every name that records of this action have; `action` is any of them, or somebody's own words."""
    known = EARLIER_NAMES.get(action, action)
    return [str(known), *(name for name, meant in EARLIER_NAMES.items() if meant == known)]


def organization_subject(slug: str) -> str:
    """An organization, as the subject of records about it."""
    return f"{_ORGANIZATION}{slug}"


def subjects_of(subject: str) -> list[str]:
    """Every subject that means the same: an organization has two."""
    for prefix in (_ORGANIZATION, _EARLIER_ORGANIZATION):
        if subject.startswith(prefix):
            slug = subject.removeprefix(prefix)
            return [organization_subject(slug), f"{_EARLIER_ORGANIZATION}{slug}"]
    return [subject]
