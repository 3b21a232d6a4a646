from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from ..types import UNSET, Unset
from typing import cast






T = TypeVar("T", bound="Reassignment")



@_attrs_define
class Reassignment:
    """ 
        Attributes:
            to (str): Who is asked now.
            why (str): The reason, for the audit log.
            taken_from (None | str | Unset): Who is asked no more; null: beside the others.
     """

    to: str
    why: str
    taken_from: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        to = self.to

        why = self.why

        taken_from: None | str | Unset
        if isinstance(self.taken_from, Unset):
            taken_from = UNSET
        else:
            taken_from = self.taken_from


        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "to": to,
            "why": why,
        })
        if taken_from is not UNSET:
            field_dict["taken_from"] = taken_from

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        to = d.pop("to")

        why = d.pop("why")

        def _parse_taken_from(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        taken_from = _parse_taken_from(d.pop("taken_from", UNSET))


        reassignment = cls(
            to=to,
            why=why,
            taken_from=taken_from,
        )


        reassignment.additional_properties = d
        return reassignment

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
