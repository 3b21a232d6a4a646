from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset






T = TypeVar("T", bound="NotCounted")



@_attrs_define
class NotCounted:
    """ An answer that did not count, and why.

        Attributes:
            at (str | Unset):  Default: ''.
            by (str | Unset):  Default: ''.
            choice (str | Unset):  Default: ''.
            door (str | Unset):  Default: ''.
            why (str | Unset):  Default: ''.
     """

    at: str | Unset = ''
    by: str | Unset = ''
    choice: str | Unset = ''
    door: str | Unset = ''
    why: str | Unset = ''
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        at = self.at

        by = self.by

        choice = self.choice

        door = self.door

        why = self.why


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
        })
        if at is not UNSET:
            field_dict["at"] = at
        if by is not UNSET:
            field_dict["by"] = by
        if choice is not UNSET:
            field_dict["choice"] = choice
        if door is not UNSET:
            field_dict["door"] = door
        if why is not UNSET:
            field_dict["why"] = why

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        at = d.pop("at", UNSET)

        by = d.pop("by", UNSET)

        choice = d.pop("choice", UNSET)

        door = d.pop("door", UNSET)

        why = d.pop("why", UNSET)

        not_counted = cls(
            at=at,
            by=by,
            choice=choice,
            door=door,
            why=why,
        )


        not_counted.additional_properties = d
        return not_counted

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
