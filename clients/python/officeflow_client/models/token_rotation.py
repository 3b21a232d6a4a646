from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset






T = TypeVar("T", bound="TokenRotation")



@_attrs_define
class TokenRotation:
    """ 
        Attributes:
            days (int | Unset): How long it holds. Default: 90.
            old_for_hours (int | Unset): How long the old one goes on, at most; 0: it is revoked at once. Default: 24.
     """

    days: int | Unset = 90
    old_for_hours: int | Unset = 24





    def to_dict(self) -> dict[str, Any]:
        days = self.days

        old_for_hours = self.old_for_hours


        field_dict: dict[str, Any] = {}

        field_dict.update({
        })
        if days is not UNSET:
            field_dict["days"] = days
        if old_for_hours is not UNSET:
            field_dict["old_for_hours"] = old_for_hours

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        days = d.pop("days", UNSET)

        old_for_hours = d.pop("old_for_hours", UNSET)

        token_rotation = cls(
            days=days,
            old_for_hours=old_for_hours,
        )

        return token_rotation

