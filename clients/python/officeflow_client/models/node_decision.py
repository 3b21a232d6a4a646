from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset






T = TypeVar("T", bound="NodeDecision")



@_attrs_define
class NodeDecision:
    """ 
        Attributes:
            why (str): The reason, for the audit log.
            map_index (int | Unset): Which act of a node that runs for many items; -1: none. Default: -1.
     """

    why: str
    map_index: int | Unset = -1
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        why = self.why

        map_index = self.map_index


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "why": why,
        })
        if map_index is not UNSET:
            field_dict["map_index"] = map_index

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        why = d.pop("why")

        map_index = d.pop("map_index", UNSET)

        node_decision = cls(
            why=why,
            map_index=map_index,
        )


        node_decision.additional_properties = d
        return node_decision

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
