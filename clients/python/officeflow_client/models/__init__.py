""" Contains all the data models used in inputs/outputs """

from .act import Act
from .act_filter import ActFilter
from .act_output_type_0 import ActOutputType0
from .act_status import ActStatus
from .answer import Answer
from .answer_values_type_0 import AnswerValuesType0
from .answered import Answered
from .asked import Asked
from .asked_values import AskedValues
from .assignment_state import AssignmentState
from .bulk_action import BulkAction
from .by import By
from .came import Came
from .capability import Capability
from .capability_tested import CapabilityTested
from .change_shown import ChangeShown
from .changed import Changed
from .changed_fields import ChangedFields
from .changed_fields_fields import ChangedFieldsFields
from .check_with import CheckWith
from .check_with_fields import CheckWithFields
from .compared_shown import ComparedShown
from .compared_shown_counts import ComparedShownCounts
from .comparison_shown import ComparisonShown
from .connection_added import ConnectionAdded
from .connection_added_fields import ConnectionAddedFields
from .connection_checked import ConnectionChecked
from .connection_shown import ConnectionShown
from .connection_shown_fields import ConnectionShownFields
from .connection_tested import ConnectionTested
from .counted import Counted
from .decided import Decided
from .decision_rule import DecisionRule
from .definition import Definition
from .definition_concurrency import DefinitionConcurrency
from .definition_inputs_type_0 import DefinitionInputsType0
from .definition_onfailure import DefinitionOnfailure
from .definition_outputs import DefinitionOutputs
from .delegating import Delegating
from .delegation_shown import DelegationShown
from .deserved import Deserved
from .difference_shown import DifferenceShown
from .discarded_shown import DiscardedShown
from .dispatched import Dispatched
from .doing import Doing
from .done_in_bulk import DoneInBulk
from .draft_content import DraftContent
from .draft_shown import DraftShown
from .durations import Durations
from .edge import Edge
from .effect import Effect
from .employee_listed import EmployeeListed
from .employee_shown import EmployeeShown
from .employee_shown_fields import EmployeeShownFields
from .employee_sort import EmployeeSort
from .employee_status import EmployeeStatus
from .enough import Enough
from .entitlement_kind import EntitlementKind
from .entitlement_shown import EntitlementShown
from .event_shown import EventShown
from .event_status import EventStatus
from .events import Events
from .failed import Failed
from .failed_shown import FailedShown
from .failure import Failure
from .failure_reason import FailureReason
from .family import Family
from .field_change_shown import FieldChangeShown
from .format_ import Format
from .goes_on import GoesOn
from .group_shown import GroupShown
from .health import Health
from .health_database import HealthDatabase
from .health_limits import HealthLimits
from .health_status import HealthStatus
from .inquiry_state import InquiryState
from .letter_body import LetterBody
from .letter_resolution import LetterResolution
from .letter_shown import LetterShown
from .limit_shown import LimitShown
from .limits import Limits
from .limits_limits import LimitsLimits
from .limits_to_settle import LimitsToSettle
from .limits_to_settle_limits import LimitsToSettleLimits
from .listed_act import ListedAct
from .listed_connection_shown import ListedConnectionShown
from .listed_delegation_shown import ListedDelegationShown
from .listed_draft_shown import ListedDraftShown
from .listed_employee_listed import ListedEmployeeListed
from .listed_event_shown import ListedEventShown
from .listed_group_shown import ListedGroupShown
from .listed_letter_shown import ListedLetterShown
from .listed_message_shown import ListedMessageShown
from .listed_node_type import ListedNodeType
from .listed_organization_shown import ListedOrganizationShown
from .listed_provider_shown import ListedProviderShown
from .listed_record import ListedRecord
from .listed_release_shown import ListedReleaseShown
from .listed_request_shown import ListedRequestShown
from .listed_run import ListedRun
from .listed_service_account_shown import ListedServiceAccountShown
from .listed_template_listed import ListedTemplateListed
from .listed_token_shown import ListedTokenShown
from .listed_user_shown import ListedUserShown
from .listed_verification import ListedVerification
from .listed_version_shown import ListedVersionShown
from .listed_workflow_shown import ListedWorkflowShown
from .many_runs import ManyRuns
from .many_steered import ManySteered
from .matching import Matching
from .me import Me
from .membership import Membership
from .message_decided import MessageDecided
from .message_header import MessageHeader
from .message_shown import MessageShown
from .new_connection import NewConnection
from .new_connection_fields import NewConnectionFields
from .new_credentials import NewCredentials
from .new_credentials_fields import NewCredentialsFields
from .new_employee import NewEmployee
from .new_employee_fields import NewEmployeeFields
from .new_organization import NewOrganization
from .new_role import NewRole
from .new_service_account import NewServiceAccount
from .new_token import NewToken
from .new_user import NewUser
from .node import Node
from .node_act import NodeAct
from .node_compensation_type_type_0 import NodeCompensationTypeType0
from .node_decision import NodeDecision
from .node_join import NodeJoin
from .node_params import NodeParams
from .node_refused import NodeRefused
from .node_step import NodeStep
from .node_type import NodeType
from .node_type_output import NodeTypeOutput
from .node_type_params import NodeTypeParams
from .node_type_tested import NodeTypeTested
from .node_type_undo_ways import NodeTypeUndoWays
from .not_counted import NotCounted
from .of import Of
from .of_days_durations import OfDaysDurations
from .of_days_failed import OfDaysFailed
from .of_days_runs_of_day import OfDaysRunsOfDay
from .of_now_open_runs import OfNowOpenRuns
from .of_now_questions import OfNowQuestions
from .one_steered import OneSteered
from .open_runs import OpenRuns
from .organization_created import OrganizationCreated
from .organization_created_topics import OrganizationCreatedTopics
from .organization_settings import OrganizationSettings
from .organization_shown import OrganizationShown
from .outbox import Outbox
from .output import Output
from .output_schema import OutputSchema
from .permission import Permission
from .plan_shown import PlanShown
from .planned_act_shown import PlannedActShown
from .planned_node_shown import PlannedNodeShown
from .planned_node_shown_params import PlannedNodeShownParams
from .position import Position
from .problem_document import ProblemDocument
from .problem_item import ProblemItem
from .provider_field import ProviderField
from .provider_shown import ProviderShown
from .published_shown import PublishedShown
from .quarantine_status import QuarantineStatus
from .quarantined import Quarantined
from .questions import Questions
from .reader import Reader
from .reason import Reason
from .reassigned import Reassigned
from .reassignment import Reassignment
from .record import Record
from .record_details import RecordDetails
from .record_filter import RecordFilter
from .redispatched import Redispatched
from .redo import Redo
from .redone import Redone
from .refusal_reason import RefusalReason
from .relative import Relative
from .release_kind import ReleaseKind
from .release_shown import ReleaseShown
from .release_state import ReleaseState
from .remaining import Remaining
from .replayed_shown import ReplayedShown
from .request_detail import RequestDetail
from .request_detail_form_type_0 import RequestDetailFormType0
from .request_filter import RequestFilter
from .request_kind import RequestKind
from .request_shown import RequestShown
from .request_state import RequestState
from .resolution import Resolution
from .resolution_output_type_0 import ResolutionOutputType0
from .retry_policy import RetryPolicy
from .role import Role
from .rules_changes import RulesChanges
from .rules_changes_rules_item import RulesChangesRulesItem
from .rules_checked import RulesChecked
from .rules_protected import RulesProtected
from .rules_settled import RulesSettled
from .rules_settled_rules_item import RulesSettledRulesItem
from .rules_shown import RulesShown
from .rules_shown_rules_item import RulesShownRulesItem
from .rules_to_check import RulesToCheck
from .rules_to_check_rules_item import RulesToCheckRulesItem
from .rules_to_set import RulesToSet
from .rules_to_set_rules_item import RulesToSetRulesItem
from .rules_unprotecting import RulesUnprotecting
from .run import Run
from .run_detail import RunDetail
from .run_event import RunEvent
from .run_filter import RunFilter
from .run_of_event import RunOfEvent
from .run_status import RunStatus
from .runs_of_day import RunsOfDay
from .send_event_event import SendEventEvent
from .sent import Sent
from .service_account_shown import ServiceAccountShown
from .service_tested import ServiceTested
from .settings_change import SettingsChange
from .shown_run_status import ShownRunStatus
from .silent_task import SilentTask
from .sort import Sort
from .sought_runs import SoughtRuns
from .start import Start
from .start_payload import StartPayload
from .started import Started
from .steered import Steered
from .steering_decision import SteeringDecision
from .steering_outcome import SteeringOutcome
from .step import Step
from .template_listed import TemplateListed
from .template_shown import TemplateShown
from .template_shown_definition import TemplateShownDefinition
from .to_compare import ToCompare
from .to_decide_in_bulk import ToDecideInBulk
from .to_plan import ToPlan
from .to_plan_event_type_0 import ToPlanEventType0
from .to_plan_rest import ToPlanRest
from .to_publish import ToPublish
from .to_publish_draft import ToPublishDraft
from .to_replay import ToReplay
from .to_replay_event_type_0 import ToReplayEventType0
from .to_validate import ToValidate
from .token_created import TokenCreated
from .token_rotation import TokenRotation
from .token_shown import TokenShown
from .token_state import TokenState
from .topic import Topic
from .trigger import Trigger
from .unacted_status import UnactedStatus
from .undo_plan import UndoPlan
from .undo_step import UndoStep
from .undone_act import UndoneAct
from .unknown_shown import UnknownShown
from .unprotecting import Unprotecting
from .unsent_state import UnsentState
from .user_decision import UserDecision
from .user_shown import UserShown
from .validated import Validated
from .verdict import Verdict
from .verification import Verification
from .version_shown import VersionShown
from .waiting import Waiting
from .waits_for import WaitsFor
from .what_went_wrong import WhatWentWrong
from .whole_draft import WholeDraft
from .whole_event import WholeEvent
from .whole_event_payload import WholeEventPayload
from .whole_letter import WholeLetter
from .whole_release import WholeRelease
from .whole_release_limits import WholeReleaseLimits
from .whole_version import WholeVersion
from .whole_workflow import WholeWorkflow
from .workflow_changes import WorkflowChanges
from .workflow_shown import WorkflowShown

__all__ = (
    "Act",
    "ActFilter",
    "ActOutputType0",
    "ActStatus",
    "Answer",
    "Answered",
    "AnswerValuesType0",
    "Asked",
    "AskedValues",
    "AssignmentState",
    "BulkAction",
    "By",
    "Came",
    "Capability",
    "CapabilityTested",
    "Changed",
    "ChangedFields",
    "ChangedFieldsFields",
    "ChangeShown",
    "CheckWith",
    "CheckWithFields",
    "ComparedShown",
    "ComparedShownCounts",
    "ComparisonShown",
    "ConnectionAdded",
    "ConnectionAddedFields",
    "ConnectionChecked",
    "ConnectionShown",
    "ConnectionShownFields",
    "ConnectionTested",
    "Counted",
    "Decided",
    "DecisionRule",
    "Definition",
    "DefinitionConcurrency",
    "DefinitionInputsType0",
    "DefinitionOnfailure",
    "DefinitionOutputs",
    "Delegating",
    "DelegationShown",
    "Deserved",
    "DifferenceShown",
    "DiscardedShown",
    "Dispatched",
    "Doing",
    "DoneInBulk",
    "DraftContent",
    "DraftShown",
    "Durations",
    "Edge",
    "Effect",
    "EmployeeListed",
    "EmployeeShown",
    "EmployeeShownFields",
    "EmployeeSort",
    "EmployeeStatus",
    "Enough",
    "EntitlementKind",
    "EntitlementShown",
    "Events",
    "EventShown",
    "EventStatus",
    "Failed",
    "FailedShown",
    "Failure",
    "FailureReason",
    "Family",
    "FieldChangeShown",
    "Format",
    "GoesOn",
    "GroupShown",
    "Health",
    "HealthDatabase",
    "HealthLimits",
    "HealthStatus",
    "InquiryState",
    "LetterBody",
    "LetterResolution",
    "LetterShown",
    "Limits",
    "LimitShown",
    "LimitsLimits",
    "LimitsToSettle",
    "LimitsToSettleLimits",
    "ListedAct",
    "ListedConnectionShown",
    "ListedDelegationShown",
    "ListedDraftShown",
    "ListedEmployeeListed",
    "ListedEventShown",
    "ListedGroupShown",
    "ListedLetterShown",
    "ListedMessageShown",
    "ListedNodeType",
    "ListedOrganizationShown",
    "ListedProviderShown",
    "ListedRecord",
    "ListedReleaseShown",
    "ListedRequestShown",
    "ListedRun",
    "ListedServiceAccountShown",
    "ListedTemplateListed",
    "ListedTokenShown",
    "ListedUserShown",
    "ListedVerification",
    "ListedVersionShown",
    "ListedWorkflowShown",
    "ManyRuns",
    "ManySteered",
    "Matching",
    "Me",
    "Membership",
    "MessageDecided",
    "MessageHeader",
    "MessageShown",
    "NewConnection",
    "NewConnectionFields",
    "NewCredentials",
    "NewCredentialsFields",
    "NewEmployee",
    "NewEmployeeFields",
    "NewOrganization",
    "NewRole",
    "NewServiceAccount",
    "NewToken",
    "NewUser",
    "Node",
    "NodeAct",
    "NodeCompensationTypeType0",
    "NodeDecision",
    "NodeJoin",
    "NodeParams",
    "NodeRefused",
    "NodeStep",
    "NodeType",
    "NodeTypeOutput",
    "NodeTypeParams",
    "NodeTypeTested",
    "NodeTypeUndoWays",
    "NotCounted",
    "Of",
    "OfDaysDurations",
    "OfDaysFailed",
    "OfDaysRunsOfDay",
    "OfNowOpenRuns",
    "OfNowQuestions",
    "OneSteered",
    "OpenRuns",
    "OrganizationCreated",
    "OrganizationCreatedTopics",
    "OrganizationSettings",
    "OrganizationShown",
    "Outbox",
    "Output",
    "OutputSchema",
    "Permission",
    "PlannedActShown",
    "PlannedNodeShown",
    "PlannedNodeShownParams",
    "PlanShown",
    "Position",
    "ProblemDocument",
    "ProblemItem",
    "ProviderField",
    "ProviderShown",
    "PublishedShown",
    "Quarantined",
    "QuarantineStatus",
    "Questions",
    "Reader",
    "Reason",
    "Reassigned",
    "Reassignment",
    "Record",
    "RecordDetails",
    "RecordFilter",
    "Redispatched",
    "Redo",
    "Redone",
    "RefusalReason",
    "Relative",
    "ReleaseKind",
    "ReleaseShown",
    "ReleaseState",
    "Remaining",
    "ReplayedShown",
    "RequestDetail",
    "RequestDetailFormType0",
    "RequestFilter",
    "RequestKind",
    "RequestShown",
    "RequestState",
    "Resolution",
    "ResolutionOutputType0",
    "RetryPolicy",
    "Role",
    "RulesChanges",
    "RulesChangesRulesItem",
    "RulesChecked",
    "RulesProtected",
    "RulesSettled",
    "RulesSettledRulesItem",
    "RulesShown",
    "RulesShownRulesItem",
    "RulesToCheck",
    "RulesToCheckRulesItem",
    "RulesToSet",
    "RulesToSetRulesItem",
    "RulesUnprotecting",
    "Run",
    "RunDetail",
    "RunEvent",
    "RunFilter",
    "RunOfEvent",
    "RunsOfDay",
    "RunStatus",
    "SendEventEvent",
    "Sent",
    "ServiceAccountShown",
    "ServiceTested",
    "SettingsChange",
    "ShownRunStatus",
    "SilentTask",
    "Sort",
    "SoughtRuns",
    "Start",
    "Started",
    "StartPayload",
    "Steered",
    "SteeringDecision",
    "SteeringOutcome",
    "Step",
    "TemplateListed",
    "TemplateShown",
    "TemplateShownDefinition",
    "ToCompare",
    "ToDecideInBulk",
    "TokenCreated",
    "TokenRotation",
    "TokenShown",
    "TokenState",
    "Topic",
    "ToPlan",
    "ToPlanEventType0",
    "ToPlanRest",
    "ToPublish",
    "ToPublishDraft",
    "ToReplay",
    "ToReplayEventType0",
    "ToValidate",
    "Trigger",
    "UnactedStatus",
    "UndoneAct",
    "UndoPlan",
    "UndoStep",
    "UnknownShown",
    "Unprotecting",
    "UnsentState",
    "UserDecision",
    "UserShown",
    "Validated",
    "Verdict",
    "Verification",
    "VersionShown",
    "Waiting",
    "WaitsFor",
    "WhatWentWrong",
    "WholeDraft",
    "WholeEvent",
    "WholeEventPayload",
    "WholeLetter",
    "WholeRelease",
    "WholeReleaseLimits",
    "WholeVersion",
    "WholeWorkflow",
    "WorkflowChanges",
    "WorkflowShown",
)
