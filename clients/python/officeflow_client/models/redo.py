from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset






T = TypeVar("T", bound="Redo")



@_attrs_define
class Redo:
    """ 
        Attributes:
            why (str): The reason, for the audit log.
            act (bool | Unset): Clear its task at once, so that it acts; false: only allow it. Default: True.
            map_index (int | Unset): Which act of a node that runs for many items; -1: none. Default: -1.
     """

    why: str
    act: bool | Unset = True
    map_index: int | Unset = -1
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        why = self.why

        act = self.act

        map_index = self.map_index


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "why": why,
        })
        if act is not UNSET:
            field_dict["act"] = act
        if map_index is not UNSET:
            field_dict["map_index"] = map_index

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        why = d.pop("why")

        act = d.pop("act", UNSET)

        map_index = d.pop("map_index", UNSET)

        redo = cls(
            why=why,
            act=act,
            map_index=map_index,
        )


        redo.additional_properties = d
        return redo

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
