from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.run_status import RunStatus
from typing import cast

if TYPE_CHECKING:
  from ..models.remaining import Remaining
  from ..models.undo_step import UndoStep





T = TypeVar("T", bound="UndoPlan")



@_attrs_define
class UndoPlan:
    """ 
        Attributes:
            remaining (list[Remaining]): What is not taken back, and why.
            run (str):
            status (RunStatus): `workflow_runs.status`.

                PAUSED, COMPENSATING, CANCELLED and COMPENSATED are ours alone: Airflow calls such runs running, running,
                failed and failed. COMPENSATING takes back what it did; COMPENSATED has failed, was cancelled or undone by
                hand, and all that could be taken back is.
            steps (list[UndoStep]): In the order in which they are done.
     """

    remaining: list[Remaining]
    run: str
    status: RunStatus
    steps: list[UndoStep]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.remaining import Remaining # noqa: PLC0415
        from ..models.undo_step import UndoStep # noqa: PLC0415
        remaining = []
        for remaining_item_data in self.remaining:
            remaining_item = remaining_item_data.to_dict()
            remaining.append(remaining_item)



        run = self.run

        status = self.status.value

        steps = []
        for steps_item_data in self.steps:
            steps_item = steps_item_data.to_dict()
            steps.append(steps_item)




        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "remaining": remaining,
            "run": run,
            "status": status,
            "steps": steps,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.remaining import Remaining # noqa: PLC0415
        from ..models.undo_step import UndoStep # noqa: PLC0415
        d = dict(src_dict)
        remaining = []
        _remaining = d.pop("remaining")
        for remaining_item_data in (_remaining):
            remaining_item = Remaining.from_dict(remaining_item_data)



            remaining.append(remaining_item)


        run = d.pop("run")

        status = RunStatus(d.pop("status"))




        steps = []
        _steps = d.pop("steps")
        for steps_item_data in (_steps):
            steps_item = UndoStep.from_dict(steps_item_data)



            steps.append(steps_item)


        undo_plan = cls(
            remaining=remaining,
            run=run,
            status=status,
            steps=steps,
        )


        undo_plan.additional_properties = d
        return undo_plan

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
