from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast

if TYPE_CHECKING:
  from ..models.failure import Failure





T = TypeVar("T", bound="SilentTask")



@_attrs_define
class SilentTask:
    """ A task of which only Airflow has a word.

        Attributes:
            error (Failure | None):
            map_index (int):
            node (str):
            state (str): Airflow's.
            try_number (int):
            airflow (None | str | Unset):
     """

    error: Failure | None
    map_index: int
    node: str
    state: str
    try_number: int
    airflow: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        from ..models.failure import Failure # noqa: PLC0415
        error: dict[str, Any] | None
        if isinstance(self.error, Failure):
            error = self.error.to_dict()
        else:
            error = self.error

        map_index = self.map_index

        node = self.node

        state = self.state

        try_number = self.try_number

        airflow: None | str | Unset
        if isinstance(self.airflow, Unset):
            airflow = UNSET
        else:
            airflow = self.airflow


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "error": error,
            "map_index": map_index,
            "node": node,
            "state": state,
            "try_number": try_number,
        })
        if airflow is not UNSET:
            field_dict["airflow"] = airflow

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.failure import Failure # noqa: PLC0415
        d = dict(src_dict)
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


        map_index = d.pop("map_index")

        node = d.pop("node")

        state = d.pop("state")

        try_number = d.pop("try_number")

        def _parse_airflow(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        airflow = _parse_airflow(d.pop("airflow", UNSET))


        silent_task = cls(
            error=error,
            map_index=map_index,
            node=node,
            state=state,
            try_number=try_number,
            airflow=airflow,
        )


        silent_task.additional_properties = d
        return silent_task

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
