from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast






T = TypeVar("T", bound="GoesOn")



@_attrs_define
class GoesOn:
    """ 
        Attributes:
            cleared (list[str]): Tasks that run again in Airflow.
            left_in (None | str): The state of the act's own task where it was not cleared; null where it was.
     """

    cleared: list[str]
    left_in: None | str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        cleared = self.cleared



        left_in: None | str
        left_in = self.left_in


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "cleared": cleared,
            "left_in": left_in,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        cleared = cast(list[str], d.pop("cleared"))


        def _parse_left_in(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        left_in = _parse_left_in(d.pop("left_in"))


        goes_on = cls(
            cleared=cleared,
            left_in=left_in,
        )


        goes_on.additional_properties = d
        return goes_on

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
