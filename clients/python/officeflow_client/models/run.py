from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.shown_run_status import ShownRunStatus
from typing import cast
from uuid import UUID
import datetime

if TYPE_CHECKING:
  from ..models.failure import Failure
  from ..models.waiting import Waiting





T = TypeVar("T", bound="Run")



@_attrs_define
class Run:
    """ A run in a list.

        Attributes:
            airflow (None | str): Where Airflow shows it; null of a trial.
            asked (int): Nodes of which nobody knows whether they were done.
            correlation_id (str):
            dag_id (str):
            dag_run_id (str):
            employee (None | str):
            ended_at (datetime.datetime | None):
            error (Failure | None):
            failed (int): Nodes whose act failed.
            needs_attention (bool):
            refused (int): Nodes that could not begin.
            run_id (UUID):
            started_at (datetime.datetime):
            status (ShownRunStatus): How a run is shown: as it is stored, or WAITING where it has not ended, waits, and does
                nothing else
                meanwhile.
            trigger (str): The event's kind, `manual`, or `dag.test` for a trial.
            version (int | None):
            waits (list[Waiting]):
            workflow (None | str): null: a DAG that was written by hand.
     """

    airflow: None | str
    asked: int
    correlation_id: str
    dag_id: str
    dag_run_id: str
    employee: None | str
    ended_at: datetime.datetime | None
    error: Failure | None
    failed: int
    needs_attention: bool
    refused: int
    run_id: UUID
    started_at: datetime.datetime
    status: ShownRunStatus
    trigger: str
    version: int | None
    waits: list[Waiting]
    workflow: None | str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.failure import Failure # noqa: PLC0415
        from ..models.waiting import Waiting # noqa: PLC0415
        airflow: None | str
        airflow = self.airflow

        asked = self.asked

        correlation_id = self.correlation_id

        dag_id = self.dag_id

        dag_run_id = self.dag_run_id

        employee: None | str
        employee = self.employee

        ended_at: None | str
        if isinstance(self.ended_at, datetime.datetime):
            ended_at = self.ended_at.isoformat()
        else:
            ended_at = self.ended_at

        error: dict[str, Any] | None
        if isinstance(self.error, Failure):
            error = self.error.to_dict()
        else:
            error = self.error

        failed = self.failed

        needs_attention = self.needs_attention

        refused = self.refused

        run_id = str(self.run_id)

        started_at = self.started_at.isoformat()

        status = self.status.value

        trigger = self.trigger

        version: int | None
        version = self.version

        waits = []
        for waits_item_data in self.waits:
            waits_item = waits_item_data.to_dict()
            waits.append(waits_item)



        workflow: None | str
        workflow = self.workflow


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "airflow": airflow,
            "asked": asked,
            "correlation_id": correlation_id,
            "dag_id": dag_id,
            "dag_run_id": dag_run_id,
            "employee": employee,
            "ended_at": ended_at,
            "error": error,
            "failed": failed,
            "needs_attention": needs_attention,
            "refused": refused,
            "run_id": run_id,
            "started_at": started_at,
            "status": status,
            "trigger": trigger,
            "version": version,
            "waits": waits,
            "workflow": workflow,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.failure import Failure # noqa: PLC0415
        from ..models.waiting import Waiting # noqa: PLC0415
        d = dict(src_dict)
        def _parse_airflow(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        airflow = _parse_airflow(d.pop("airflow"))


        asked = d.pop("asked")

        correlation_id = d.pop("correlation_id")

        dag_id = d.pop("dag_id")

        dag_run_id = d.pop("dag_run_id")

        def _parse_employee(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        employee = _parse_employee(d.pop("employee"))


        def _parse_ended_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                ended_at_type_0 = datetime.datetime.fromisoformat(data)



                return ended_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        ended_at = _parse_ended_at(d.pop("ended_at"))


        def _parse_error(data: object) -> Failure | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                error_type_0 = Failure.from_dict(data)



                return error_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Failure | None, data)

        error = _parse_error(d.pop("error"))


        failed = d.pop("failed")

        needs_attention = d.pop("needs_attention")

        refused = d.pop("refused")

        run_id = UUID(d.pop("run_id"))




        started_at = datetime.datetime.fromisoformat(d.pop("started_at"))




        status = ShownRunStatus(d.pop("status"))




        trigger = d.pop("trigger")

        def _parse_version(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        version = _parse_version(d.pop("version"))


        waits = []
        _waits = d.pop("waits")
        for waits_item_data in (_waits):
            waits_item = Waiting.from_dict(waits_item_data)



            waits.append(waits_item)


        def _parse_workflow(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        workflow = _parse_workflow(d.pop("workflow"))


        run = cls(
            airflow=airflow,
            asked=asked,
            correlation_id=correlation_id,
            dag_id=dag_id,
            dag_run_id=dag_run_id,
            employee=employee,
            ended_at=ended_at,
            error=error,
            failed=failed,
            needs_attention=needs_attention,
            refused=refused,
            run_id=run_id,
            started_at=started_at,
            status=status,
            trigger=trigger,
            version=version,
            waits=waits,
            workflow=workflow,
        )


        run.additional_properties = d
        return run

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
