""" Contains all the data models used in inputs/outputs """

from .capability import Capability
from .connection_added import ConnectionAdded
from .connection_added_fields import ConnectionAddedFields
from .connection_checked import ConnectionChecked
from .connection_shown import ConnectionShown
from .connection_shown_fields import ConnectionShownFields
from .decision import Decision
from .effect import Effect
from .employee_listed import EmployeeListed
from .employee_shown import EmployeeShown
from .employee_shown_fields import EmployeeShownFields
from .employee_sort import EmployeeSort
from .employee_status import EmployeeStatus
from .family import Family
from .group_shown import GroupShown
from .health import Health
from .health_database import HealthDatabase
from .health_limits import HealthLimits
from .health_status import HealthStatus
from .listed_connection_shown import ListedConnectionShown
from .listed_employee_listed import ListedEmployeeListed
from .listed_group_shown import ListedGroupShown
from .listed_node_type import ListedNodeType
from .listed_organization_shown import ListedOrganizationShown
from .listed_provider_shown import ListedProviderShown
from .listed_service_account_shown import ListedServiceAccountShown
from .listed_template_listed import ListedTemplateListed
from .listed_token_shown import ListedTokenShown
from .listed_user_shown import ListedUserShown
from .me import Me
from .membership import Membership
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
from .node_type import NodeType
from .node_type_output import NodeTypeOutput
from .node_type_params import NodeTypeParams
from .node_type_undo_ways import NodeTypeUndoWays
from .organization_created import OrganizationCreated
from .organization_created_topics import OrganizationCreatedTopics
from .organization_settings import OrganizationSettings
from .organization_shown import OrganizationShown
from .permission import Permission
from .problem_document import ProblemDocument
from .problem_item import ProblemItem
from .provider_field import ProviderField
from .provider_shown import ProviderShown
from .role import Role
from .service_account_shown import ServiceAccountShown
from .settings_change import SettingsChange
from .template_listed import TemplateListed
from .template_shown import TemplateShown
from .template_shown_definition import TemplateShownDefinition
from .test_with import TestWith
from .test_with_fields import TestWithFields
from .token_created import TokenCreated
from .token_rotation import TokenRotation
from .token_shown import TokenShown
from .token_state import TokenState
from .user_shown import UserShown

__all__ = (
    "Capability",
    "ConnectionAdded",
    "ConnectionAddedFields",
    "ConnectionChecked",
    "ConnectionShown",
    "ConnectionShownFields",
    "Decision",
    "Effect",
    "EmployeeListed",
    "EmployeeShown",
    "EmployeeShownFields",
    "EmployeeSort",
    "EmployeeStatus",
    "Family",
    "GroupShown",
    "Health",
    "HealthDatabase",
    "HealthLimits",
    "HealthStatus",
    "ListedConnectionShown",
    "ListedEmployeeListed",
    "ListedGroupShown",
    "ListedNodeType",
    "ListedOrganizationShown",
    "ListedProviderShown",
    "ListedServiceAccountShown",
    "ListedTemplateListed",
    "ListedTokenShown",
    "ListedUserShown",
    "Me",
    "Membership",
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
    "NodeType",
    "NodeTypeOutput",
    "NodeTypeParams",
    "NodeTypeUndoWays",
    "OrganizationCreated",
    "OrganizationCreatedTopics",
    "OrganizationSettings",
    "OrganizationShown",
    "Permission",
    "ProblemDocument",
    "ProblemItem",
    "ProviderField",
    "ProviderShown",
    "Role",
    "ServiceAccountShown",
    "SettingsChange",
    "TemplateListed",
    "TemplateShown",
    "TemplateShownDefinition",
    "TestWith",
    "TestWithFields",
    "TokenCreated",
    "TokenRotation",
    "TokenShown",
    "TokenState",
    "UserShown",
)
