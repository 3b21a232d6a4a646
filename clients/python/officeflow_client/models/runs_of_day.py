from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.run_status import RunStatus
from typing import cast
import datetime






T = TypeVar("T", bound="RunsOfDay")



@_attrs_define
class RunsOfDay:
    """ 
        Attributes:
            day (datetime.date): On which they were started.
            runs (int):
            status (RunStatus): `workflow_runs.status`.

                PAUSED, COMPENSATING, CANCELLED and COMPENSATED are ours alone: Airflow calls such runs running, running,
                failed and failed. COMPENSATING takes back what it did; COMPENSATED has failed, was cancelled or undone by
                hand, and all that could be taken back is.
     """

    day: datetime.date
    runs: int
    status: RunStatus
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        day = self.day.isoformat()

        runs = self.runs

        status = self.status.value


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "day": day,
            "runs": runs,
            "status": status,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        day = datetime.date.fromisoformat(d.pop("day"))




        runs = d.pop("runs")

        status = RunStatus(d.pop("status"))




        runs_of_day = cls(
            day=day,
            runs=runs,
            status=status,
        )


        runs_of_day.additional_properties = d
        return runs_of_day

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
