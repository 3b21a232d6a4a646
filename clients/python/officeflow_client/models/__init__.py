""" Contains all the data models used in inputs/outputs """

from .bulk_action import BulkAction
from .change_shown import ChangeShown
from .changed import Changed
from .counted import Counted
from .decided import Decided
from .definition import Definition
from .definition_concurrency import DefinitionConcurrency
from .definition_inputs_type_0 import DefinitionInputsType0
from .definition_onfailure import DefinitionOnfailure
from .definition_outputs import DefinitionOutputs
from .discarded_shown import DiscardedShown
from .dispatched import Dispatched
from .done_in_bulk import DoneInBulk
from .draft_content import DraftContent
from .draft_shown import DraftShown
from .edge import Edge
from .event_shown import EventShown
from .event_status import EventStatus
from .failed_shown import FailedShown
from .health import Health
from .health_database import HealthDatabase
from .health_limits import HealthLimits
from .health_status import HealthStatus
from .letter_body import LetterBody
from .letter_shown import LetterShown
from .limit_shown import LimitShown
from .limits import Limits
from .limits_limits import LimitsLimits
from .limits_to_settle import LimitsToSettle
from .limits_to_settle_limits import LimitsToSettleLimits
from .listed_draft_shown import ListedDraftShown
from .listed_event_shown import ListedEventShown
from .listed_letter_shown import ListedLetterShown
from .listed_message_shown import ListedMessageShown
from .listed_release_shown import ListedReleaseShown
from .listed_version_shown import ListedVersionShown
from .listed_workflow_shown import ListedWorkflowShown
from .matching import Matching
from .me import Me
from .membership import Membership
from .message_shown import MessageShown
from .node import Node
from .node_compensation_type_type_0 import NodeCompensationTypeType0
from .node_join import NodeJoin
from .node_params import NodeParams
from .output import Output
from .output_schema import OutputSchema
from .permission import Permission
from .plan_shown import PlanShown
from .planned_node_shown import PlannedNodeShown
from .planned_node_shown_params import PlannedNodeShownParams
from .position import Position
from .problem_document import ProblemDocument
from .problem_item import ProblemItem
from .published_shown import PublishedShown
from .quarantine_status import QuarantineStatus
from .reason import Reason
from .redispatched import Redispatched
from .refusal_reason import RefusalReason
from .release_kind import ReleaseKind
from .release_shown import ReleaseShown
from .release_state import ReleaseState
from .replayed_shown import ReplayedShown
from .resolution import Resolution
from .retry_policy import RetryPolicy
from .role import Role
from .run_of_event import RunOfEvent
from .run_status import RunStatus
from .send_event_event import SendEventEvent
from .sent import Sent
from .to_decide_in_bulk import ToDecideInBulk
from .to_plan import ToPlan
from .to_plan_event_type_0 import ToPlanEventType0
from .to_publish import ToPublish
from .to_publish_draft import ToPublishDraft
from .to_replay import ToReplay
from .to_replay_event_type_0 import ToReplayEventType0
from .to_validate import ToValidate
from .trigger import Trigger
from .unknown_shown import UnknownShown
from .unprotecting import Unprotecting
from .unsent_state import UnsentState
from .validated import Validated
from .verdict import Verdict
from .version_shown import VersionShown
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
    "BulkAction",
    "Changed",
    "ChangeShown",
    "Counted",
    "Decided",
    "Definition",
    "DefinitionConcurrency",
    "DefinitionInputsType0",
    "DefinitionOnfailure",
    "DefinitionOutputs",
    "DiscardedShown",
    "Dispatched",
    "DoneInBulk",
    "DraftContent",
    "DraftShown",
    "Edge",
    "EventShown",
    "EventStatus",
    "FailedShown",
    "Health",
    "HealthDatabase",
    "HealthLimits",
    "HealthStatus",
    "LetterBody",
    "LetterShown",
    "Limits",
    "LimitShown",
    "LimitsLimits",
    "LimitsToSettle",
    "LimitsToSettleLimits",
    "ListedDraftShown",
    "ListedEventShown",
    "ListedLetterShown",
    "ListedMessageShown",
    "ListedReleaseShown",
    "ListedVersionShown",
    "ListedWorkflowShown",
    "Matching",
    "Me",
    "Membership",
    "MessageShown",
    "Node",
    "NodeCompensationTypeType0",
    "NodeJoin",
    "NodeParams",
    "Output",
    "OutputSchema",
    "Permission",
    "PlannedNodeShown",
    "PlannedNodeShownParams",
    "PlanShown",
    "Position",
    "ProblemDocument",
    "ProblemItem",
    "PublishedShown",
    "QuarantineStatus",
    "Reason",
    "Redispatched",
    "RefusalReason",
    "ReleaseKind",
    "ReleaseShown",
    "ReleaseState",
    "ReplayedShown",
    "Resolution",
    "RetryPolicy",
    "Role",
    "RunOfEvent",
    "RunStatus",
    "SendEventEvent",
    "Sent",
    "ToDecideInBulk",
    "ToPlan",
    "ToPlanEventType0",
    "ToPublish",
    "ToPublishDraft",
    "ToReplay",
    "ToReplayEventType0",
    "ToValidate",
    "Trigger",
    "UnknownShown",
    "Unprotecting",
    "UnsentState",
    "Validated",
    "Verdict",
    "VersionShown",
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
