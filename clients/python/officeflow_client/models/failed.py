from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast
import datetime






T = TypeVar("T", bound="Failed")



@_attrs_define
class Failed:
    """ Nodes that failed for one reason, in runs that began on these days and failed.

        Attributes:
            acted (bool): false: they failed before they acted.
            code (str):
            newest (datetime.datetime):
            nodes (int):
            type_ (str):
     """

    acted: bool
    code: str
    newest: datetime.datetime
    nodes: int
    type_: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        acted = self.acted

        code = self.code

        newest = self.newest.isoformat()

        nodes = self.nodes

        type_ = self.type_


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "acted": acted,
            "code": code,
            "newest": newest,
            "nodes": nodes,
            "type": type_,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        acted = d.pop("acted")

        code = d.pop("code")

        newest = datetime.datetime.fromisoformat(d.pop("newest"))




        nodes = d.pop("nodes")

        type_ = d.pop("type")

        failed = cls(
            acted=acted,
            code=code,
            newest=newest,
            nodes=nodes,
            type_=type_,
        )


        failed.additional_properties = d
        return failed

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
