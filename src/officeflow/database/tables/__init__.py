"""The tables, a file per subject. Importing this package fills `Base.metadata`."""

from officeflow.database.tables.access import AccessRulesVersion
from officeflow.database.tables.api import ApiToken, IdempotencyKey, ServiceAccount
from officeflow.database.tables.audit import AuditHead, AuditRecord, AuditVerification
from officeflow.database.tables.base import Base, OrgScoped
from officeflow.database.tables.events import DeadLetter, InboxEvent, OutboxMessage
from officeflow.database.tables.inquiries import Inquiry
from officeflow.database.tables.names import NameReservation
from officeflow.database.tables.people import AnswerLink, Delegation, HumanAssignment, HumanRequest, UserGroup
from officeflow.database.tables.privacy import Erasure, KeyPass, LegalHold, OrganizationKey, PersonKey
from officeflow.database.tables.releases import EventSender, Release
from officeflow.database.tables.runs import NodeRefusal, NodeRun, Plan, WorkflowRun
from officeflow.database.tables.scim import OrgGroup, ScimUser
from officeflow.database.tables.sources import WebhookSource
from officeflow.database.tables.tenants import Employee, Organization, User
from officeflow.database.tables.turns import RunTurn
from officeflow.database.tables.waiting import ControlRequest, EventWait, RunRequest, Wake
from officeflow.database.tables.workflows import (
    Workflow,
    WorkflowDraft,
    WorkflowEdge,
    WorkflowNode,
    WorkflowRevision,
    WorkflowVersion,
)

__all__ = [
    "AccessRulesVersion",
    "AnswerLink",
    "ApiToken",
    "AuditHead",
    "AuditRecord",
    "AuditVerification",
    "Base",
    "ControlRequest",
    "DeadLetter",
    "Delegation",
    "Employee",
    "Erasure",
    "EventSender",
    "EventWait",
    "HumanAssignment",
    "HumanRequest",
    "IdempotencyKey",
    "InboxEvent",
    "Inquiry",
    "KeyPass",
    "LegalHold",
    "NameReservation",
    "NodeRefusal",
    "NodeRun",
    "OrgGroup",
    "OrgScoped",
    "Organization",
    "OrganizationKey",
    "OutboxMessage",
    "PersonKey",
    "Plan",
    "Release",
    "RunRequest",
    "RunTurn",
    "ScimUser",
    "ServiceAccount",
    "User",
    "UserGroup",
    "Wake",
    "WebhookSource",
    "Workflow",
    "WorkflowDraft",
    "WorkflowEdge",
    "WorkflowNode",
    "WorkflowRevision",
    "WorkflowRun",
    "WorkflowVersion",
]
