from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset







T = TypeVar("T", bound="UndoneAct")



@_attrs_define
class UndoneAct:
    """ 
        Attributes:
            did (str):
            map_index (int):
            node (str):
            type_ (str):
     """

    did: str
    map_index: int
    node: str
    type_: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        did = self.did

        map_index = self.map_index

        node = self.node

        type_ = self.type_


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "did": did,
            "map_index": map_index,
            "node": node,
            "type": type_,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        did = d.pop("did")

        map_index = d.pop("map_index")

        node = d.pop("node")

        type_ = d.pop("type")

        undone_act = cls(
            did=did,
            map_index=map_index,
            node=node,
            type_=type_,
        )


        undone_act.additional_properties = d
        return undone_act

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
