""" Contains all the data models used in inputs/outputs """

from .health import Health
from .health_database import HealthDatabase
from .health_limits import HealthLimits
from .health_status import HealthStatus
from .me import Me
from .membership import Membership
from .permission import Permission
from .problem_document import ProblemDocument
from .problem_item import ProblemItem
from .role import Role

__all__ = (
    "Health",
    "HealthDatabase",
    "HealthLimits",
    "HealthStatus",
    "Me",
    "Membership",
    "Permission",
    "ProblemDocument",
    "ProblemItem",
    "Role",
)
