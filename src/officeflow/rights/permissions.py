"""What one may be allowed to do, and what each role of an organization may.

A permission is what it is done to, a dot, and what is done. It is of one organization; `PLATFORM` ones are of
the installation, and only the platform's own admins have them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType


class Permission(StrEnum):
    ORGANIZATION_READ = "organization.read"
    ORGANIZATION_SETTLE = "organization.settle"
    ORGANIZATION_CREATE = "organization.create"
    USER_READ = "user.read"
    USER_MANAGE = "user.manage"
    SERVICE_ACCOUNT_READ = "service_account.read"
    SERVICE_ACCOUNT_MANAGE = "service_account.manage"
    EMPLOYEE_READ = "employee.read"
    EMPLOYEE_WRITE = "employee.write"
    EMPLOYEE_REVEAL = "employee.reveal"
    PERSON_EXPORT = "person.export"
    PERSON_ERASE = "person.erase"
    CONNECTION_READ = "connection.read"
    CONNECTION_MANAGE = "connection.manage"
    CATALOG_READ = "catalog.read"
    WORKFLOW_READ = "workflow.read"
    WORKFLOW_EDIT = "workflow.edit"
    WORKFLOW_PUBLISH = "workflow.publish"
    RELEASE_READ = "release.read"
    RELEASE_APPROVE = "release.approve"
    RELEASE_OVERRIDE = "release.override"
    SOURCE_READ = "source.read"
    SOURCE_MANAGE = "source.manage"
    EVENT_READ = "event.read"
    EVENT_SEND = "event.send"
    EVENT_CORRECT = "event.correct"
    RUN_READ = "run.read"
    RUN_START = "run.start"
    RUN_STEER = "run.steer"
    LEDGER_READ = "ledger.read"
    LEDGER_CORRECT = "ledger.correct"
    REQUEST_READ = "request.read"
    REQUEST_ANSWER = "request.answer"
    REQUEST_MANAGE = "request.manage"
    OUTBOX_READ = "outbox.read"
    OUTBOX_CORRECT = "outbox.correct"
    AUDIT_READ = "audit.read"
    METRICS_READ = "metrics.read"
    PLATFORM_READ = "platform.read"
    PLATFORM_MANAGE = "platform.manage"


class Role(StrEnum):
    """What a user of an organization may be, the strongest first."""

    ADMIN = "admin"
    EDITOR = "editor"
    OPERATOR = "operator"
    APPROVER = "approver"
    AUDITOR = "auditor"
    VIEWER = "viewer"


def strongest(roles: Iterable[Role]) -> Role | None:
    """The first of `Role`'s own order; None where there is none."""
    return min(roles, key=list(Role).index, default=None)


PLATFORM = frozenset({Permission.ORGANIZATION_CREATE, Permission.PLATFORM_READ, Permission.PLATFORM_MANAGE})
"""Of the installation, not of an organization: no role has them."""

_SEES = frozenset(
    {
        Permission.ORGANIZATION_READ,
        Permission.CATALOG_READ,
        Permission.WORKFLOW_READ,
        Permission.RUN_READ,
        Permission.METRICS_READ,
    }
)
_EDITS = frozenset(
    {
        Permission.WORKFLOW_EDIT,
        Permission.WORKFLOW_PUBLISH,
        Permission.RELEASE_READ,
        Permission.CONNECTION_READ,
        Permission.SOURCE_READ,
        Permission.USER_READ,
        Permission.REQUEST_READ,
        Permission.EVENT_READ,
    }
)
_OPERATES = frozenset(
    {
        Permission.RUN_START,
        Permission.RUN_STEER,
        Permission.LEDGER_READ,
        Permission.REQUEST_READ,
        Permission.REQUEST_ANSWER,
        Permission.EVENT_READ,
        Permission.EVENT_SEND,
        Permission.EVENT_CORRECT,
        Permission.RELEASE_READ,
        Permission.OUTBOX_READ,
        Permission.OUTBOX_CORRECT,
        Permission.EMPLOYEE_READ,
        Permission.CONNECTION_READ,
        Permission.SOURCE_READ,
        Permission.USER_READ,
    }
)
_READS_ALL = frozenset(each for each in Permission if each not in PLATFORM and each.value.endswith(".read"))

GRANTS: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.ADMIN: frozenset(Permission) - PLATFORM,
        Role.EDITOR: _SEES | _EDITS,
        Role.OPERATOR: _SEES | _OPERATES,
        Role.APPROVER: _SEES | {Permission.REQUEST_READ, Permission.REQUEST_ANSWER},
        Role.AUDITOR: _READS_ALL,
        Role.VIEWER: _SEES,
    }
)
"""Role to what it may do within its organization."""
