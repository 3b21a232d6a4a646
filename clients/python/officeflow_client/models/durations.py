from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.run_status import RunStatus






T = TypeVar("T", bound="Durations")



@_attrs_define
class Durations:
    """ Of runs that ended on these days; seconds from start to end.

        Attributes:
            dag_id (str):
            longest (float):
            median (float):
            p95 (float):
            runs (int):
            status (RunStatus): `workflow_runs.status`.

                PAUSED, COMPENSATING, CANCELLED and COMPENSATED are ours alone: Airflow calls such runs running, running,
                failed and failed. COMPENSATING takes back what it did; COMPENSATED has failed, was cancelled or undone by
                hand, and all that could be taken back is.
     """

    dag_id: str
    longest: float
    median: float
    p95: float
    runs: int
    status: RunStatus
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        dag_id = self.dag_id

        longest = self.longest

        median = self.median

        p95 = self.p95

        runs = self.runs

        status = self.status.value


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "dag_id": dag_id,
            "longest": longest,
            "median": median,
            "p95": p95,
            "runs": runs,
            "status": status,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        dag_id = d.pop("dag_id")

        longest = d.pop("longest")

        median = d.pop("median")

        p95 = d.pop("p95")

        runs = d.pop("runs")

        status = RunStatus(d.pop("status"))




        durations = cls(
            dag_id=dag_id,
            longest=longest,
            median=median,
            p95=p95,
            runs=runs,
            status=status,
        )


        durations.additional_properties = d
        return durations

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
