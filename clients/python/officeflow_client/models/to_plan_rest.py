from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset






T = TypeVar("T", bound="ToPlanRest")



@_attrs_define
class ToPlanRest:
    """ 
        Attributes:
            look (bool | Unset): Also look into the systems, which changes nothing there and takes some seconds. Default:
                False.
     """

    look: bool | Unset = False





    def to_dict(self) -> dict[str, Any]:
        look = self.look


        field_dict: dict[str, Any] = {}

        field_dict.update({
        })
        if look is not UNSET:
            field_dict["look"] = look

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        look = d.pop("look", UNSET)

        to_plan_rest = cls(
            look=look,
        )

        return to_plan_rest

