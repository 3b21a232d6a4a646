from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.event_status import EventStatus
from typing import cast

if TYPE_CHECKING:
  from ..models.run_of_event import RunOfEvent





T = TypeVar("T", bound="Dispatched")



@_attrs_define
class Dispatched:
    """ 
        Attributes:
            problem (None | str): What it waits for, or what did not start.
            runs (list[RunOfEvent]):
            status (EventStatus): `inbox_events.status`.

                DISPATCHED: its runs exist. IGNORED: no workflow wanted it. HELD: it is one of a mass that a second person
                has to release. REFUSED: one of those that were not released; it starts nothing.
     """

    problem: None | str
    runs: list[RunOfEvent]
    status: EventStatus
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.run_of_event import RunOfEvent # noqa: PLC0415
        problem: None | str
        problem = self.problem

        runs = []
        for runs_item_data in self.runs:
            runs_item = runs_item_data.to_dict()
            runs.append(runs_item)



        status = self.status.value


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "problem": problem,
            "runs": runs,
            "status": status,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.run_of_event import RunOfEvent # noqa: PLC0415
        d = dict(src_dict)
        def _parse_problem(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        problem = _parse_problem(d.pop("problem"))


        runs = []
        _runs = d.pop("runs")
        for runs_item_data in (_runs):
            runs_item = RunOfEvent.from_dict(runs_item_data)



            runs.append(runs_item)


        status = EventStatus(d.pop("status"))




        dispatched = cls(
            problem=problem,
            runs=runs,
            status=status,
        )


        dispatched.additional_properties = d
        return dispatched

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
