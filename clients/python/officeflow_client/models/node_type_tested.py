from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..models.enough import Enough






T = TypeVar("T", bound="NodeTypeTested")



@_attrs_define
class NodeTypeTested:
    """ 
        Attributes:
            missing (str):
            state (Enough): Whether a credential is enough for something; CANNOT where the system has no such thing at all.
            type_ (str):
     """

    missing: str
    state: Enough
    type_: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        missing = self.missing

        state = self.state.value

        type_ = self.type_


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "missing": missing,
            "state": state,
            "type": type_,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        missing = d.pop("missing")

        state = Enough(d.pop("state"))




        type_ = d.pop("type")

        node_type_tested = cls(
            missing=missing,
            state=state,
            type_=type_,
        )


        node_type_tested.additional_properties = d
        return node_type_tested

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
