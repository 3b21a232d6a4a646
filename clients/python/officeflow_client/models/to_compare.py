from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast






T = TypeVar("T", bound="ToCompare")



@_attrs_define
class ToCompare:
    """ 
        Attributes:
            connections (list[str] | Unset): Names of connections to systems with accounts; none: all of them.
     """

    connections: list[str] | Unset = UNSET





    def to_dict(self) -> dict[str, Any]:
        connections: list[str] | Unset = UNSET
        if not isinstance(self.connections, Unset):
            connections = self.connections




        field_dict: dict[str, Any] = {}

        field_dict.update({
        })
        if connections is not UNSET:
            field_dict["connections"] = connections

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        connections = cast(list[str], d.pop("connections", UNSET))


        to_compare = cls(
            connections=connections,
        )

        return to_compare

