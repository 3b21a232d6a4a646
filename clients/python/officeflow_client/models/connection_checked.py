from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, BinaryIO, TextIO, TYPE_CHECKING, Generator

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

from typing import cast






T = TypeVar("T", bound="ConnectionChecked")



@_attrs_define
class ConnectionChecked:
    """ 
        Attributes:
            address (str):
            found (str): What answered there.
            not_checked (list[str]): Secrets that were not sent: whether they let us in is not known.
     """

    address: str
    found: str
    not_checked: list[str]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)





    def to_dict(self) -> dict[str, Any]:
        address = self.address

        found = self.found

        not_checked = self.not_checked




        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({
            "address": address,
            "found": found,
            "not_checked": not_checked,
        })

        return field_dict



    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        address = d.pop("address")

        found = d.pop("found")

        not_checked = cast(list[str], d.pop("not_checked"))


        connection_checked = cls(
            address=address,
            found=found,
            not_checked=not_checked,
        )


        connection_checked.additional_properties = d
        return connection_checked

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
