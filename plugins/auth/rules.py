"""Which of our permissions it takes to do what to an organization's DAG in Airflow.

Whatever is not named here is done by the platform's admins alone: deleting anything (a run is evidence),
writing XComs (a task's output), Airflow's own log of who did what.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.api_fastapi.common.types import MenuItem

from officeflow.rights.permissions import Permission

Act = tuple[str, DagAccessEntity | None]
"""A method, and what of the DAG it is done to; None is the DAG itself."""

_Entity = DagAccessEntity

NEEDED: Mapping[Act, Permission] = MappingProxyType(
    {
        ("GET", None): Permission.WORKFLOW_READ,
        ("GET", _Entity.CODE): Permission.WORKFLOW_READ,
        ("GET", _Entity.DEPENDENCIES): Permission.WORKFLOW_READ,
        ("GET", _Entity.TASK): Permission.WORKFLOW_READ,
        ("GET", _Entity.VERSION): Permission.WORKFLOW_READ,
        ("GET", _Entity.WARNING): Permission.WORKFLOW_READ,
        ("GET", _Entity.RUN): Permission.RUN_READ,
        ("GET", _Entity.TASK_INSTANCE): Permission.RUN_READ,
        ("GET", _Entity.TASK_LOGS): Permission.RUN_READ,
        ("GET", _Entity.XCOM): Permission.LEDGER_READ,  # what a node returned stands in the ledger too
        ("GET", _Entity.HITL_DETAIL): Permission.REQUEST_READ,
        ("POST", _Entity.RUN): Permission.RUN_START,
        ("PUT", None): Permission.RUN_STEER,
        ("PUT", _Entity.RUN): Permission.RUN_STEER,
        ("PUT", _Entity.TASK_INSTANCE): Permission.RUN_STEER,
        ("PUT", _Entity.HITL_DETAIL): Permission.REQUEST_ANSWER,
    }
)

UNNAMED = frozenset({("PUT", None), ("PUT", _Entity.TASK_INSTANCE)})
"""What may be asked without naming a DAG, besides reading: Airflow then asks of each DAG that it comes to."""

MENU: Mapping[MenuItem, Permission] = MappingProxyType(
    {
        MenuItem.DAGS: Permission.WORKFLOW_READ,
        MenuItem.REQUIRED_ACTIONS: Permission.REQUEST_READ,
        MenuItem.XCOMS: Permission.LEDGER_READ,
        MenuItem.DEADLINES: Permission.RUN_READ,
    }
)
"""The pages that are there for whoever has this in some organization."""


def needed(method: str, entity: DagAccessEntity | None) -> Permission | None:
    """None where only the platform's admins may."""
    return NEEDED.get((str(method), entity))
