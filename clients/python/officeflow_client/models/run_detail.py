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
  from ..models.node_act import NodeAct
  from ..models.node_refused import NodeRefused
  from ..models.relative import Relative
  from ..models.run_event import RunEvent
  from ..models.silent_task import SilentTask
  from ..models.waiting import Waiting





T = TypeVar("T", bound="RunDetail")



@_attrs_define
class RunDetail:
    """ All that is known of a run.

        Attributes:
            about (list[str]): Sentences about its DAG in Airflow.
            airflow (None | str): Where Airflow shows it; null of a trial.
            asked (int): Nodes of which nobody knows whether they were done.
            called (list[Relative]):
            caller (None | Relative):
            control (str): What somebody wanted of it last, who, when and why; empty: nobody.
            correlation_id (str):
            dag_id (str):
            dag_run_id (str):
            employee (None | str):
            ended_at (datetime.datetime | None):
            error (Failure | None):
            event (RunEvent): The event that started a run, without its payload.
            failed (int): Nodes whose act failed.
            needs_attention (bool):
            nodes (list[NodeAct]):
            not_acted (list[NodeRefused]):
            refused (int): Nodes that could not begin.
            run_id (UUID):
            started_at (datetime.datetime):
            status (ShownRunStatus): How a run is shown: as it is stored, or WAITING where it has not ended, waits, and does
                nothing else
                meanwhile.
            tasks (list[SilentTask]):
            trigger (str): The event's kind, `manual`, or `dag.test` for a trial.
            unknown (str): Why Airflow could not be asked; empty: it was, or need not be.
            version (int | None):
            waits (list[Waiting]):
            workflow (None | str): null: a DAG that was written by hand.
     """

    about: list[str]
    airflow: None | str
    asked: int
    called: list[Relative]
    caller: None | Relative
    control: str
    correlation_id: str
    dag_id: str
    dag_run_id: str
    employee: None | str
    ended_at: datetime.datetime | None
    error: Failure | None
    event: RunEvent
    failed: int
    needs_attention: bool
    nodes: list[NodeAct]
    not_acted: list[NodeRefused]
    refused: int
    run_id: UUID
    started_at: datetime.datetime
    status: ShownRunStatus
    tasks: list[SilentTask]
    trigger: str
    unknown: str
    version: int | None
    waits: list[Waiting]
    workflow: None | str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.failure import Failure # noqa: PLC0415
        from ..models.node_act import NodeAct # noqa: PLC0415
        from ..models.node_refused import NodeRefused # noqa: PLC0415
        from ..models.relative import Relative # noqa: PLC0415
        from ..models.run_event import RunEvent # noqa: PLC0415
        from ..models.silent_task import SilentTask # noqa: PLC0415
        from ..models.waiting import Waiting # noqa: PLC0415
        about = self.about



        airflow: None | str
        airflow = self.airflow

        asked = self.asked

        called = []
        for called_item_data in self.called:
            called_item = called_item_data.to_dict()
            called.append(called_item)



        caller: dict[str, Any] | None
        if isinstance(self.caller, Relative):
            caller = self.caller.to_dict()
        else:
            caller = self.caller

        control = self.control

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

        event = self.event.to_dict()

        failed = self.failed

        needs_attention = self.needs_attention

        nodes = []
        for nodes_item_data in self.nodes:
            nodes_item = nodes_item_data.to_dict()
            nodes.append(nodes_item)



        not_acted = []
        for not_acted_item_data in self.not_acted:
            not_acted_item = not_acted_item_data.to_dict()
            not_acted.append(not_acted_item)



        refused = self.refused

        run_id = str(self.run_id)

        started_at = self.started_at.isoformat()

        status = self.status.value

        tasks = []
        for tasks_item_data in self.tasks:
            tasks_item = tasks_item_data.to_dict()
            tasks.append(tasks_item)



        trigger = self.trigger

        unknown = self.unknown

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
            "about": about,
            "airflow": airflow,
            "asked": asked,
            "called": called,
            "caller": caller,
            "control": control,
            "correlation_id": correlation_id,
            "dag_id": dag_id,
            "dag_run_id": dag_run_id,
            "employee": employee,
            "ended_at": ended_at,
            "error": error,
            "event": event,
            "failed": failed,
            "needs_attention": needs_attention,
            "nodes": nodes,
            "not_acted": not_acted,
            "refused": refused,
            "run_id": run_id,
            "started_at": started_at,
            "status": status,
            "tasks": tasks,
            "trigger": trigger,
            "unknown": unknown,
            "version": version,
            "waits": waits,
            "workflow": workflow,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.failure import Failure # noqa: PLC0415
        from ..models.node_act import NodeAct # noqa: PLC0415
        from ..models.node_refused import NodeRefused # noqa: PLC0415
        from ..models.relative import Relative # noqa: PLC0415
        from ..models.run_event import RunEvent # noqa: PLC0415
        from ..models.silent_task import SilentTask # noqa: PLC0415
        from ..models.waiting import Waiting # noqa: PLC0415
        d = dict(src_dict)
        about = cast(list[str], d.pop("about"))


        def _parse_airflow(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        airflow = _parse_airflow(d.pop("airflow"))


        asked = d.pop("asked")

        called = []
        _called = d.pop("called")
        for called_item_data in (_called):
            called_item = Relative.from_dict(called_item_data)



            called.append(called_item)


        def _parse_caller(data: object) -> None | Relative:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                caller_type_0 = Relative.from_dict(data)



                return caller_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Relative, data)

        caller = _parse_caller(d.pop("caller"))


        control = d.pop("control")

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


        event = RunEvent.from_dict(d.pop("event"))




        failed = d.pop("failed")

        needs_attention = d.pop("needs_attention")

        nodes = []
        _nodes = d.pop("nodes")
        for nodes_item_data in (_nodes):
            nodes_item = NodeAct.from_dict(nodes_item_data)



            nodes.append(nodes_item)


        not_acted = []
        _not_acted = d.pop("not_acted")
        for not_acted_item_data in (_not_acted):
            not_acted_item = NodeRefused.from_dict(not_acted_item_data)



            not_acted.append(not_acted_item)


        refused = d.pop("refused")

        run_id = UUID(d.pop("run_id"))




        started_at = datetime.datetime.fromisoformat(d.pop("started_at"))




        status = ShownRunStatus(d.pop("status"))




        tasks = []
        _tasks = d.pop("tasks")
        for tasks_item_data in (_tasks):
            tasks_item = SilentTask.from_dict(tasks_item_data)



            tasks.append(tasks_item)


        trigger = d.pop("trigger")

        unknown = d.pop("unknown")

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


        run_detail = cls(
            about=about,
            airflow=airflow,
            asked=asked,
            called=called,
            caller=caller,
            control=control,
            correlation_id=correlation_id,
            dag_id=dag_id,
            dag_run_id=dag_run_id,
            employee=employee,
            ended_at=ended_at,
            error=error,
            event=event,
            failed=failed,
            needs_attention=needs_attention,
            nodes=nodes,
            not_acted=not_acted,
            refused=refused,
            run_id=run_id,
            started_at=started_at,
            status=status,
            tasks=tasks,
            trigger=trigger,
            unknown=unknown,
            version=version,
            waits=waits,
            workflow=workflow,
        )


        run_detail.additional_properties = d
        return run_detail

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
