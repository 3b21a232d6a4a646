from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.act_status import ActStatus
from typing import cast
from uuid import UUID
import datetime

if TYPE_CHECKING:
  from ..models.act_output_type_0 import ActOutputType0
  from ..models.failure import Failure
  from ..models.step import Step





T = TypeVar("T", bound="Act")



@_attrs_define
class Act:
    """ An act as the ledger has it; what is sensitive in its output is masked.

        Attributes:
            act_id (UUID):
            airflow (str):
            attempt (int): How often it was begun.
            dag_id (str):
            dag_run_id (str):
            employee (None | str):
            ended_at (datetime.datetime | None):
            error (Failure | None):
            generation (int): 1; a redo is another one.
            key (str): The idempotency key that the other system got.
            map_index (int):
            node (str):
            output (ActOutputType0 | None): By the node type's output schema.
            run_id (UUID):
            started_at (datetime.datetime | None):
            status (ActStatus): `node_runs.status`.

                QUEUED is an act that was allowed (a redo) and has not begun, or one that waits for its time. STARTED with
                a free advisory lock is a crash between act and record, or an error after which nobody knows. ASKED may or
                may not have happened: a person resolves it. COMPENSATED was done and undone.
            story (list[Step]): The evidence.
            try_number (int): Airflow's, in which it was begun last.
            type_ (str):
     """

    act_id: UUID
    airflow: str
    attempt: int
    dag_id: str
    dag_run_id: str
    employee: None | str
    ended_at: datetime.datetime | None
    error: Failure | None
    generation: int
    key: str
    map_index: int
    node: str
    output: ActOutputType0 | None
    run_id: UUID
    started_at: datetime.datetime | None
    status: ActStatus
    story: list[Step]
    try_number: int
    type_: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.act_output_type_0 import ActOutputType0 # noqa: PLC0415
        from ..models.failure import Failure # noqa: PLC0415
        from ..models.step import Step # noqa: PLC0415
        act_id = str(self.act_id)

        airflow = self.airflow

        attempt = self.attempt

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

        generation = self.generation

        key = self.key

        map_index = self.map_index

        node = self.node

        output: dict[str, Any] | None
        if isinstance(self.output, ActOutputType0):
            output = self.output.to_dict()
        else:
            output = self.output

        run_id = str(self.run_id)

        started_at: None | str
        if isinstance(self.started_at, datetime.datetime):
            started_at = self.started_at.isoformat()
        else:
            started_at = self.started_at

        status = self.status.value

        story = []
        for story_item_data in self.story:
            story_item = story_item_data.to_dict()
            story.append(story_item)



        try_number = self.try_number

        type_ = self.type_


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "act_id": act_id,
            "airflow": airflow,
            "attempt": attempt,
            "dag_id": dag_id,
            "dag_run_id": dag_run_id,
            "employee": employee,
            "ended_at": ended_at,
            "error": error,
            "generation": generation,
            "key": key,
            "map_index": map_index,
            "node": node,
            "output": output,
            "run_id": run_id,
            "started_at": started_at,
            "status": status,
            "story": story,
            "try_number": try_number,
            "type": type_,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.act_output_type_0 import ActOutputType0 # noqa: PLC0415
        from ..models.failure import Failure # noqa: PLC0415
        from ..models.step import Step # noqa: PLC0415
        d = dict(src_dict)
        act_id = UUID(d.pop("act_id"))




        airflow = d.pop("airflow")

        attempt = d.pop("attempt")

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


        generation = d.pop("generation")

        key = d.pop("key")

        map_index = d.pop("map_index")

        node = d.pop("node")

        def _parse_output(data: object) -> ActOutputType0 | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                output_type_0 = ActOutputType0.from_dict(data)



                return output_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ActOutputType0 | None, data)

        output = _parse_output(d.pop("output"))


        run_id = UUID(d.pop("run_id"))




        def _parse_started_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                started_at_type_0 = datetime.datetime.fromisoformat(data)



                return started_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        started_at = _parse_started_at(d.pop("started_at"))


        status = ActStatus(d.pop("status"))




        story = []
        _story = d.pop("story")
        for story_item_data in (_story):
            story_item = Step.from_dict(story_item_data)



            story.append(story_item)


        try_number = d.pop("try_number")

        type_ = d.pop("type")

        act = cls(
            act_id=act_id,
            airflow=airflow,
            attempt=attempt,
            dag_id=dag_id,
            dag_run_id=dag_run_id,
            employee=employee,
            ended_at=ended_at,
            error=error,
            generation=generation,
            key=key,
            map_index=map_index,
            node=node,
            output=output,
            run_id=run_id,
            started_at=started_at,
            status=status,
            story=story,
            try_number=try_number,
            type_=type_,
        )


        act.additional_properties = d
        return act

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
